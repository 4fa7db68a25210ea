import SwiftASN1

/// The public key of a certificate, told apart but not yet loaded into the cryptographic library.
struct SubjectPublicKey: Sendable {
    enum Kind: Hashable, Sendable {
        case rsa(bits: Int)
        case p256, p384, p521, ed25519
        /// Nothing that can be used here; the text is for people.
        case other(String)

        var description: String {
            switch self {
            case .rsa(let bits): "RSA \(bits)"
            case .p256: "P-256"
            case .p384: "P-384"
            case .p521: "P-521"
            case .ed25519: "Ed25519"
            case .other(let name): name
            }
        }
    }

    let kind: Kind
    /// The whole SubjectPublicKeyInfo.
    let der: [UInt8]
    /// What the BIT STRING holds: a point, an RSAPublicKey, an Ed25519 key.
    let keyBytes: [UInt8]

    /// Reads SubjectPublicKeyInfo (RFC 5280 section 4.1.2.7).
    init(_ node: ASN1Node) throws(MaterialError) {
        let what = "public key"
        var sequence = try DERSequence(node, what)
        var algorithm = try DERSequence(try sequence.next(), what)
        let identifier = try algorithm.next().objectIdentifier(what)
        let parameters = algorithm.nextIfAny()
        try algorithm.finish()
        let key = try sequence.next().bitString(what)
        try sequence.finish()
        guard key.unused == 0 else {
            throw MaterialError(.damaged, detail: "the public key is no whole number of bytes")
        }
        der = Array(node.encodedBytes)
        keyBytes = Array(key.bytes)
        switch identifier {
        case .rsaEncryption, .rsaPSS: kind = .rsa(bits: try Self.modulusBits(key.bytes))
        case .ecPublicKey: kind = Self.curve(parameters)
        case .ed25519: kind = .ed25519
        default: kind = .other("key of type \(identifier.dotted)")
        }
    }

    private static func curve(_ parameters: ASN1Node?) -> Kind {
        guard let curve = try? parameters?.objectIdentifier("curve") else {
            return .other("EC key without a named curve")
        }
        switch curve {
        case .p256: return .p256
        case .p384: return .p384
        case .p521: return .p521
        default: return .other("EC key on curve \(curve.dotted)")
        }
    }

    /// RSAPublicKey (RFC 8017 appendix A.1.1).
    private static func modulusBits(_ bytes: ArraySlice<UInt8>) throws(MaterialError) -> Int {
        var sequence = try DERSequence(try ASN1Node.der(bytes, "RSA key"), "RSA key")
        let modulus = try sequence.next().integer("RSA key").drop { $0 == 0 }
        _ = try sequence.next().integer("RSA key")
        try sequence.finish()
        guard let first = modulus.first else { throw MaterialError(.damaged, detail: "the RSA key is zero") }
        return modulus.count * 8 - first.leadingZeroBitCount
    }
}
