import SwiftASN1

/// How a part of a file is encrypted: the method of PKCS#12 (RFC 7292 appendix C) or PBES2 (RFC 8018 section 6.2).
struct EncryptionScheme {
    private let cipher: BlockCipher
    private let derivation: KeyDerivation
    /// How many bytes are derived for the key; two-key triple DES repeats the first eight.
    private let keySize: Int
    /// Nil when the vector is derived like the key.
    private let iv: [UInt8]?

    /// Reads an AlgorithmIdentifier; throws `.damaged`, and `.unsupportedEncryption` with the name of the method.
    init(_ node: ASN1Node) throws(MaterialError) {
        let what = "encryption method"
        let algorithm = try AlgorithmNode(node, what)
        switch algorithm.identifier {
        case .pbes2: try self.init(pbes2: try algorithm.sequence())
        case .pbeTripleDES: try self.init(pkcs12: try algorithm.sequence(), keySize: 24)
        case .pbeTwoKeyTripleDES: try self.init(pkcs12: try algorithm.sequence(), keySize: 16)
        default: throw Self.unsupported(algorithm.identifier)
        }
    }

    /// pkcs-12PbeParams.
    private init(pkcs12 parameters: DERSequence, keySize: Int) throws(MaterialError) {
        var parameters = parameters
        let what = "encryption method"
        let salt = Array(try parameters.next().primitive(what, tagged: .octetString))
        let rounds = try KeyDerivation.rounds(try parameters.next())
        try parameters.finish()
        cipher = .tripleDES
        derivation = .pkcs12(.sha1, salt: salt, rounds: rounds)
        self.keySize = keySize
        iv = nil
    }

    /// PBES2-params (RFC 8018 appendix A.4).
    private init(pbes2 parameters: DERSequence) throws(MaterialError) {
        var parameters = parameters
        let what = "encryption method"
        let (derivation, length) = try KeyDerivation.pbkdf2(try parameters.next())
        let algorithm = try AlgorithmNode(try parameters.next(), what)
        try parameters.finish()
        guard let cipher = Self.ciphers[algorithm.identifier] else { throw Self.unsupported(algorithm.identifier) }
        guard length == nil || length == cipher.keySize else {
            throw MaterialError(.damaged, detail: "\(what) has a key of the wrong size")
        }
        self.cipher = cipher
        self.derivation = derivation
        keySize = cipher.keySize
        guard let parameter = algorithm.parameters else {
            throw MaterialError(.damaged, detail: "\(what) has no initialisation vector")
        }
        iv = Array(try parameter.primitive(what, tagged: .octetString))
    }

    /// Tries one form of the pass phrase.
    func open(
        _ bytes: [UInt8], _ form: PassPhraseForm, _ budget: inout RoundBudget
    ) throws(MaterialError) -> BlockCipher.Outcome {
        var key = try derivation.bytes(keySize, for: .key, form, &budget)
        if key.count < cipher.keySize { key += key.prefix(cipher.keySize - key.count) }
        let vector: [UInt8]
        if let iv { vector = iv } else { vector = try derivation.bytes(cipher.blockSize, for: .iv, form, &budget) }
        return try cipher.open(bytes, key: key, iv: vector)
    }

    private static let ciphers: [ObjectIdentifier: BlockCipher] = [
        ObjectIdentifier(2, 16, 840, 1, 101, 3, 4, 1, 2): .aes(keySize: 16),
        ObjectIdentifier(2, 16, 840, 1, 101, 3, 4, 1, 22): .aes(keySize: 24),
        ObjectIdentifier(2, 16, 840, 1, 101, 3, 4, 1, 42): .aes(keySize: 32),
        ObjectIdentifier(1, 2, 840, 113549, 3, 7): .tripleDES,
    ]

    /// What people call the methods that are not supported.
    private static let names: [ObjectIdentifier: String] = [
        ObjectIdentifier(1, 2, 840, 113549, 1, 12, 1, 1): "RC4-128",
        ObjectIdentifier(1, 2, 840, 113549, 1, 12, 1, 2): "RC4-40",
        ObjectIdentifier(1, 2, 840, 113549, 1, 12, 1, 5): "RC2-128",
        ObjectIdentifier(1, 2, 840, 113549, 1, 12, 1, 6): "RC2-40",
        ObjectIdentifier(1, 2, 840, 113549, 1, 5, 3): "DES with MD5",
        ObjectIdentifier(1, 2, 840, 113549, 1, 5, 10): "DES with SHA-1",
        ObjectIdentifier(1, 3, 14, 3, 2, 7): "DES", ObjectIdentifier(1, 2, 840, 113549, 3, 2): "RC2",
    ]

    private static func unsupported(_ identifier: ObjectIdentifier) -> MaterialError {
        let name = names[identifier] ?? "the method \(identifier.dotted)"
        return MaterialError(.unsupportedEncryption, detail: "encrypted with \(name), which is not supported")
    }
}

/// An AlgorithmIdentifier whose parameters are still to be read.
struct AlgorithmNode {
    let identifier: ObjectIdentifier
    let parameters: ASN1Node?
    private let what: String

    init(_ node: ASN1Node, _ what: String) throws(MaterialError) {
        var sequence = try DERSequence(node, what)
        identifier = try sequence.next().objectIdentifier(what)
        parameters = sequence.nextIfAny()
        try sequence.finish()
        self.what = what
    }

    /// The parameters, which must be there as a SEQUENCE.
    func sequence() throws(MaterialError) -> DERSequence {
        guard let parameters else { throw MaterialError(.damaged, detail: "\(what) has no parameters") }
        return try DERSequence(parameters, what)
    }
}

extension KeyDerivation {
    /// Reads an AlgorithmIdentifier that must be PBKDF2 (RFC 8018 appendix A.2), with the key size if it says one.
    static func pbkdf2(_ node: ASN1Node) throws(MaterialError) -> (derivation: KeyDerivation, keySize: Int?) {
        let what = "key derivation"
        let algorithm = try AlgorithmNode(node, what)
        guard algorithm.identifier == .pbkdf2 else {
            let name = algorithm.identifier == .scrypt ? "scrypt" : "the method \(algorithm.identifier.dotted)"
            throw MaterialError(.unsupportedEncryption, detail: "keys derived by \(name) are not supported")
        }
        var parameters = try algorithm.sequence()
        let salt = Array(try parameters.next().primitive(what, tagged: .octetString))
        let rounds = try rounds(try parameters.next())
        let size = try parameters.optional(.integer)?.smallInteger(what)
        let digest = try parameters.optional(.sequence).map { node throws(MaterialError) in try hmac(node, what) }
        try parameters.finish()
        return (.pbkdf2(digest ?? .sha1, salt: salt, rounds: rounds), size)
    }

    /// The digest of an HMAC by its AlgorithmIdentifier.
    static func hmac(_ node: ASN1Node, _ what: String) throws(MaterialError) -> DigestKind {
        let algorithm = try AlgorithmNode(node, what)
        guard let digest = hmacs[algorithm.identifier] else {
            throw MaterialError(
                .unsupportedEncryption, detail: "the keyed digest \(algorithm.identifier.dotted) is not supported")
        }
        return digest
    }

    /// A count of rounds: at least one.
    static func rounds(_ node: ASN1Node) throws(MaterialError) -> Int {
        let rounds = try node.smallInteger("number of rounds")
        guard rounds > 0 else { throw MaterialError(.damaged, detail: "no rounds of key derivation") }
        return rounds
    }

    private static let hmacs: [ObjectIdentifier: DigestKind] = [
        ObjectIdentifier(1, 2, 840, 113549, 2, 7): .sha1, ObjectIdentifier(1, 2, 840, 113549, 2, 9): .sha256,
        ObjectIdentifier(1, 2, 840, 113549, 2, 10): .sha384, ObjectIdentifier(1, 2, 840, 113549, 2, 11): .sha512,
    ]
}
