import SwiftASN1

/// Reads and writes the DER form of a name (RFC 5280 section 4.1.2.4).
enum NameDER {
    static func decode(_ node: ASN1Node, _ what: String) throws(MaterialError) -> DistinguishedName {
        guard node.encodedBytes.count <= DistinguishedName.sizeLimit else {
            throw MaterialError(.badName, detail: "\(what) has \(node.encodedBytes.count) bytes")
        }
        var relativeNames: [[DistinguishedName.Attribute]] = []
        var sequence = try DERSequence(node, what)
        var count = 0
        while let member = sequence.nextIfAny() {
            var attributes: [DistinguishedName.Attribute] = []
            var set = try DERSequence(member, what, tagged: .set)
            while let pair = set.nextIfAny() {
                count += 1
                guard count <= DistinguishedName.attributeLimit else {
                    throw MaterialError(.badName, detail: "\(what) has too many attributes")
                }
                attributes.append(try attribute(pair, what))
            }
            guard !attributes.isEmpty else { throw MaterialError(.badName, detail: "\(what) has an empty part") }
            relativeNames.append(attributes)
        }
        return DistinguishedName(relativeNames: relativeNames, der: Array(node.encodedBytes))
    }

    static func encode(_ relativeNames: [[DistinguishedName.Attribute]]) throws(MaterialError) -> [UInt8] {
        guard relativeNames.reduce(0, { $0 + $1.count }) <= DistinguishedName.attributeLimit else {
            throw MaterialError(.badName, detail: "too many attributes")
        }
        var sets: [[UInt8]] = []
        for attributes in relativeNames {
            guard !attributes.isEmpty else { throw MaterialError(.badName, detail: "an empty part") }
            var members: [[UInt8]] = []
            for attribute in attributes {
                let type = DEREncoding.objectIdentifier(attribute.identifier)
                members.append(DEREncoding.sequence([type, try encode(attribute.value)]))
            }
            sets.append(DEREncoding.set(members))
        }
        let der = DEREncoding.sequence(sets)
        guard der.count <= DistinguishedName.sizeLimit else {
            throw MaterialError(.badName, detail: "a name of \(der.count) bytes")
        }
        return der
    }

    /// The value of an attribute from its complete DER encoding.
    static func value(_ node: ASN1Node, _ what: String) throws(MaterialError) -> DistinguishedName.Value {
        guard node.identifier.tagClass == .universal else {
            throw MaterialError(.badName, detail: "\(what) has a value of no known type")
        }
        guard let tag = UInt8(exactly: node.identifier.tagNumber),
            let type = DistinguishedName.StringType(rawValue: tag)
        else { return .other(Array(node.encodedBytes)) }
        guard let text = NameText.decode(try node.primitive(what), as: type) else {
            throw MaterialError(.badName, detail: "\(what) has a malformed string")
        }
        return .text(text, type)
    }

    private static func attribute(
        _ node: ASN1Node, _ what: String
    ) throws(MaterialError) -> DistinguishedName.Attribute {
        var pair = try DERSequence(node, what)
        let type = try pair.next().objectIdentifier(what)
        let value = try value(try pair.next(), what)
        try pair.finish()
        return DistinguishedName.Attribute(type, value)
    }

    private static func encode(_ value: DistinguishedName.Value) throws(MaterialError) -> [UInt8] {
        switch value {
        case .other(let der): return der
        case .text(let text, let type):
            guard let bytes = NameText.encode(text, as: type) else {
                throw MaterialError(.badName, detail: "a \(type) string cannot hold '\(text.prefix(60))'")
            }
            return DEREncoding.value(type.rawValue, bytes)
        }
    }
}
