import SwiftASN1

/// What a CA allows below itself (RFC 5280 section 4.2.1.10).
public struct NameConstraints: Hashable, Sendable {
    /// Names must lie within one of these of their form, if there is one of their form.
    public var permitted: [GeneralName]
    /// Names must not lie within any of these.
    public var excluded: [GeneralName]

    /// Takes the two lists.
    public init(permitted: [GeneralName] = [], excluded: [GeneralName] = []) {
        self.permitted = permitted
        self.excluded = excluded
    }
}

/// The extensions that decide about a chain, parsed; what is critical and not understood is named.
struct CertificateExtensions: Sendable {
    var basicConstraints: (isCA: Bool, pathLength: Int?)?
    var keyUsage: KeyUsage?
    var extendedKeyUsage: [ObjectIdentifier]?
    var subjectAlternativeNames: [GeneralName] = []
    var nameConstraints: NameConstraints?
    var subjectKeyIdentifier: [UInt8]?
    var authorityKeyIdentifier: [UInt8]?
    var unknownCritical: [ObjectIdentifier] = []

    static let limit = 64

    init() {}

    /// Reads the content of the explicit tag [3] (RFC 5280 section 4.1.2.9).
    init(_ node: ASN1Node) throws(MaterialError) {
        var seen: Set<ObjectIdentifier> = []
        var list = try DERSequence(node, "extensions")
        while let member = list.nextIfAny() {
            var parts = try DERSequence(member, "extension")
            let identifier = try parts.next().objectIdentifier("extension")
            let critical = try parts.optional(.boolean)?.boolean("extension") ?? false
            let value = try parts.next().primitive("extension", tagged: .octetString)
            try parts.finish()
            guard seen.insert(identifier).inserted, seen.count <= Self.limit else {
                throw MaterialError(
                    .damaged, detail: "extension \(identifier.dotted) is there twice, or there are too many")
            }
            try take(identifier, value, critical: critical)
        }
        guard !seen.isEmpty else { throw MaterialError(.damaged, detail: "an empty list of extensions") }
    }

    private mutating func take(
        _ identifier: ObjectIdentifier, _ value: ArraySlice<UInt8>, critical: Bool
    ) throws(MaterialError) {
        switch identifier {
        case .basicConstraints: basicConstraints = try Self.basicConstraints(value)
        case .keyUsage:
            let bits = try ASN1Node.der(value, "key usage").bitString("key usage")
            keyUsage = KeyUsage(bits: bits.bytes)
        case .extendedKeyUsage: extendedKeyUsage = try Self.purposes(value)
        case .subjectAlternativeName: subjectAlternativeNames = try Self.names(value, "subject alternative name")
        case .nameConstraints: nameConstraints = try NameConstraints(value)
        case .subjectKeyIdentifier:
            let what = "subject key identifier"
            subjectKeyIdentifier = Array(try ASN1Node.der(value, what).primitive(what, tagged: .octetString))
        case .authorityKeyIdentifier: authorityKeyIdentifier = try Self.authorityKey(value)
        case .issuerAlternativeName, .certificatePolicies:
            // Without a required policy every policy will do (RFC 5280 section 6.1.1), and the other name decides
            // nothing.
            break
        default: if critical { unknownCritical.append(identifier) }
        }
    }

    private static func basicConstraints(
        _ value: ArraySlice<UInt8>
    ) throws(MaterialError) -> (isCA: Bool, pathLength: Int?) {
        let what = "basic constraints"
        var sequence = try DERSequence(try ASN1Node.der(value, what), what)
        // An explicit FALSE is against DER's default rule and yet common in the field.
        let isCA = try sequence.optional(.boolean)?.boolean(what) ?? false
        let pathLength = try sequence.optional(.integer)?.smallInteger(what)
        try sequence.finish()
        return (isCA, pathLength)
    }

    private static func purposes(_ value: ArraySlice<UInt8>) throws(MaterialError) -> [ObjectIdentifier] {
        let what = "extended key usage"
        var sequence = try DERSequence(try ASN1Node.der(value, what), what)
        var purposes: [ObjectIdentifier] = []
        while let member = sequence.nextIfAny() { purposes.append(try member.objectIdentifier(what)) }
        return purposes
    }

    private static func names(_ value: ArraySlice<UInt8>, _ what: String) throws(MaterialError) -> [GeneralName] {
        var sequence = try DERSequence(try ASN1Node.der(value, what), what)
        var names: [GeneralName] = []
        while let member = sequence.nextIfAny() { names.append(try GeneralName(member, what)) }
        return names
    }

    private static func authorityKey(_ value: ArraySlice<UInt8>) throws(MaterialError) -> [UInt8]? {
        let what = "authority key identifier"
        var sequence = try DERSequence(try ASN1Node.der(value, what), what)
        return try sequence.optional(.context(0)).map { node throws(MaterialError) in Array(try node.primitive(what)) }
    }
}

extension NameConstraints {
    init(_ value: ArraySlice<UInt8>) throws(MaterialError) {
        let what = "name constraints"
        var sequence = try DERSequence(try ASN1Node.der(value, what), what)
        self.init()
        if let node = sequence.optional(.context(0)) { permitted = try Self.subtrees(node) }
        if let node = sequence.optional(.context(1)) { excluded = try Self.subtrees(node) }
        try sequence.finish()
    }

    private static func subtrees(_ node: ASN1Node) throws(MaterialError) -> [GeneralName] {
        let what = "name constraints"
        var list = try DERSequence(node, what, tagged: node.identifier)
        var names: [GeneralName] = []
        while let member = list.nextIfAny() {
            var subtree = try DERSequence(member, what)
            names.append(try GeneralName(try subtree.next(), what))
            // minimum must be 0, which DER leaves away, and maximum must be absent (RFC 5280 section 4.2.1.10).
            try subtree.finish()
        }
        return names
    }

    var der: [UInt8] {
        func list(_ names: [GeneralName], _ tag: UInt8) -> [UInt8] {
            names.isEmpty ? [] : DEREncoding.explicit(tag, names.flatMap { DEREncoding.sequence([$0.der]) })
        }
        return DEREncoding.sequence([list(permitted, 0), list(excluded, 1)])
    }
}
