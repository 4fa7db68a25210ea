import SwiftASN1

/// One name of a subject alternative name or name constraints extension (RFC 5280 section 4.2.1.6).
public enum GeneralName: Hashable, Sendable {
    case dns(String)
    /// Four or sixteen bytes; in a constraint twice as many, address then mask.
    case ip([UInt8])
    case directory(DistinguishedName)
    case email(String)
    case uri(String)
    /// Any other form, by its tag number; the bytes are the complete DER value.
    case other(UInt, [UInt8])

    init(_ node: ASN1Node, _ what: String) throws(MaterialError) {
        guard node.identifier.tagClass == .contextSpecific else {
            throw MaterialError(.damaged, detail: "\(what) has an unexpected member")
        }
        switch node.identifier.tagNumber {
        case 1: self = .email(try Self.ascii(node, what))
        case 2: self = .dns(try Self.ascii(node, what))
        case 4:
            var inner = try DERSequence(node, what, tagged: .context(4))
            self = .directory(try NameDER.decode(try inner.next(), what))
            try inner.finish()
        case 6: self = .uri(try Self.ascii(node, what))
        case 7: self = .ip(Array(try node.primitive(what)))
        case 0, 3, 5:
            _ = try DERSequence(node, what, tagged: node.identifier)
            self = .other(node.identifier.tagNumber, Array(node.encodedBytes))
        case 8:
            _ = try node.primitive(what)
            self = .other(8, Array(node.encodedBytes))
        default: throw MaterialError(.damaged, detail: "\(what) has a name of no known form")
        }
    }

    private static func ascii(_ node: ASN1Node, _ what: String) throws(MaterialError) -> String {
        guard let text = NameText.decode(try node.primitive(what), as: .ia5) else {
            throw MaterialError(.damaged, detail: "\(what) has a malformed string")
        }
        return text
    }

    var der: [UInt8] {
        switch self {
        case .email(let text): DEREncoding.value(0x81, Array(text.utf8))
        case .dns(let text): DEREncoding.value(0x82, Array(text.utf8))
        case .directory(let name): DEREncoding.value(0xA4, name.der)
        case .uri(let text): DEREncoding.value(0x86, Array(text.utf8))
        case .ip(let bytes): DEREncoding.value(0x87, bytes)
        case .other(_, let der): der
        }
    }

    /// The name of the form, for people.
    var form: String {
        switch self {
        case .email: "rfc822Name"
        case .dns: "dNSName"
        case .directory: "directoryName"
        case .uri: "uniformResourceIdentifier"
        case .ip: "iPAddress"
        case .other(let tag, _): "form \(tag)"
        }
    }
}
