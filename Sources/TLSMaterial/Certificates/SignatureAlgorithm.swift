import SwiftASN1

/// The digest under a signature.
enum DigestKind: String, Hashable, Sendable {
    case md2 = "MD2"
    case md5 = "MD5"
    case sha1 = "SHA-1"
    case sha256 = "SHA-256"
    case sha384 = "SHA-384"
    case sha512 = "SHA-512"

    /// In bytes.
    var size: Int {
        switch self {
        case .md2, .md5: 16
        case .sha1: 20
        case .sha256: 32
        case .sha384: 48
        case .sha512: 64
        }
    }
}

/// How a certificate is signed; telling it needs no key.
enum SignatureAlgorithm: Hashable, Sendable {
    case rsaPKCS1(DigestKind)
    case rsaPSS(DigestKind)
    case ecdsa(DigestKind)
    case ed25519
    /// Nothing that can be checked here; the text is for people.
    case unsupported(String)

    var digest: DigestKind? {
        switch self {
        case .rsaPKCS1(let digest), .rsaPSS(let digest), .ecdsa(let digest): digest
        case .ed25519, .unsupported: nil
        }
    }

    var description: String {
        switch self {
        case .rsaPKCS1(let digest): "RSA with \(digest.rawValue)"
        case .rsaPSS(let digest): "RSA-PSS with \(digest.rawValue)"
        case .ecdsa(let digest): "ECDSA with \(digest.rawValue)"
        case .ed25519: "Ed25519"
        case .unsupported(let name): name
        }
    }

    /// Reads an AlgorithmIdentifier (RFC 5280 section 4.1.1.2).
    init(_ node: ASN1Node, _ what: String) throws(MaterialError) {
        var sequence = try DERSequence(node, what)
        let identifier = try sequence.next().objectIdentifier(what)
        let parameters = sequence.nextIfAny()
        try sequence.finish()
        if identifier == .rsaPSS {
            self = try Self.pss(parameters, what)
        } else if let known = Self.known[identifier] {
            // RFC 4055 asks for NULL with RSA, RFC 5758 and RFC 8410 for nothing; old encoders mix NULL and nothing up.
            guard parameters == nil || parameters?.identifier == .null else {
                throw MaterialError(.damaged, detail: "\(what) has unexpected parameters")
            }
            self = known
        } else {
            self = .unsupported("algorithm \(identifier.dotted)")
        }
    }

    private static let known: [ObjectIdentifier: SignatureAlgorithm] = [
        ObjectIdentifier(1, 2, 840, 113549, 1, 1, 2): .rsaPKCS1(.md2),
        ObjectIdentifier(1, 2, 840, 113549, 1, 1, 4): .rsaPKCS1(.md5),
        ObjectIdentifier(1, 2, 840, 113549, 1, 1, 5): .rsaPKCS1(.sha1),
        ObjectIdentifier(1, 3, 14, 3, 2, 29): .rsaPKCS1(.sha1),
        ObjectIdentifier(1, 2, 840, 113549, 1, 1, 11): .rsaPKCS1(.sha256),
        ObjectIdentifier(1, 2, 840, 113549, 1, 1, 12): .rsaPKCS1(.sha384),
        ObjectIdentifier(1, 2, 840, 113549, 1, 1, 13): .rsaPKCS1(.sha512),
        ObjectIdentifier(1, 2, 840, 10045, 4, 1): .ecdsa(.sha1),
        ObjectIdentifier(1, 2, 840, 10045, 4, 3, 2): .ecdsa(.sha256),
        ObjectIdentifier(1, 2, 840, 10045, 4, 3, 3): .ecdsa(.sha384),
        ObjectIdentifier(1, 2, 840, 10045, 4, 3, 4): .ecdsa(.sha512),
        .ed25519: .ed25519,
    ]

    /// Digests by their own identifiers.
    static let digests: [ObjectIdentifier: DigestKind] = [
        ObjectIdentifier(1, 3, 14, 3, 2, 26): .sha1,
        ObjectIdentifier(2, 16, 840, 1, 101, 3, 4, 2, 1): .sha256,
        ObjectIdentifier(2, 16, 840, 1, 101, 3, 4, 2, 2): .sha384,
        ObjectIdentifier(2, 16, 840, 1, 101, 3, 4, 2, 3): .sha512,
    ]

    /// RSASSA-PSS-params (RFC 4055 section 3.1), where only the form that RFC 8446 names can be checked: MGF1 with the
    /// same digest and a salt as long as the digest.
    private static func pss(_ node: ASN1Node?, _ what: String) throws(MaterialError) -> SignatureAlgorithm {
        guard let node else { return .rsaPSS(.sha1) }
        var sequence = try DERSequence(node, what)
        let hash = try sequence.optional(.context(0)).map { node throws(MaterialError) in try digest(node, what) }
        let mask = try sequence.optional(.context(1)).map { node throws(MaterialError) in try maskDigest(node, what) }
        var salt = 20
        if let member = sequence.optional(.context(2)) {
            var inner = try DERSequence(member, what, tagged: .context(2))
            salt = try inner.next().smallInteger(what)
        }
        let trailer = sequence.optional(.context(3))
        try sequence.finish()
        let used: DigestKind? = hash ?? .sha1
        let saltLength = [DigestKind.sha1: 20, .sha256: 32, .sha384: 48, .sha512: 64]
        let maskUsed: DigestKind? = mask ?? .sha1
        guard let used, maskUsed == used, salt == saltLength[used], trailer == nil else {
            return .unsupported("RSA-PSS with unusual parameters")
        }
        return .rsaPSS(used)
    }

    /// A digest inside an explicit tag; nil inside when it is not known.
    private static func digest(_ node: ASN1Node, _ what: String) throws(MaterialError) -> DigestKind? {
        var inner = try DERSequence(node, what, tagged: node.identifier)
        var algorithm = try DERSequence(try inner.next(), what)
        return digests[try algorithm.next().objectIdentifier(what)]
    }

    private static func maskDigest(_ node: ASN1Node, _ what: String) throws(MaterialError) -> DigestKind? {
        var inner = try DERSequence(node, what, tagged: node.identifier)
        var mask = try DERSequence(try inner.next(), what)
        guard try mask.next().objectIdentifier(what) == .mgf1 else { return nil }
        var algorithm = try DERSequence(try mask.next(), what)
        return digests[try algorithm.next().objectIdentifier(what)]
    }
}
