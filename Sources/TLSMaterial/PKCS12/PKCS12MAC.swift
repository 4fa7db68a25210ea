import Crypto
import SwiftASN1

/// The check value over a file (RFC 7292 section 4, PBMAC1 as in RFC 9579).
struct PKCS12MAC {
    private let method: Method
    private let value: [UInt8]

    /// A keyed digest, and how its key is made.
    private struct Method {
        let digest: DigestKind
        let derivation: KeyDerivation
        let keySize: Int
    }

    /// Reads MacData; throws `.damaged`, and `.unsupportedEncryption` for a digest that is not known.
    init(_ node: ASN1Node) throws(MaterialError) {
        var sequence = try DERSequence(node, Self.what)
        var info = try DERSequence(try sequence.next(), Self.what)
        let algorithm = try AlgorithmNode(try info.next(), Self.what)
        value = Array(try info.next().primitive(Self.what, tagged: .octetString))
        try info.finish()
        let salt = Array(try sequence.next().primitive(Self.what, tagged: .octetString))
        var rounds = 1
        if let count = sequence.optional(.integer) { rounds = try KeyDerivation.rounds(count) }
        try sequence.finish()
        method =
            algorithm.identifier == .pbmac1
            ? try Self.pbmac1(algorithm) : try Self.pkcs12(algorithm, salt: salt, rounds: rounds)
    }

    private static let what = "check value"

    /// RFC 9579 section 5: salt and rounds stand in the parameters; those outside are for readers that do not know it.
    private static func pbmac1(_ algorithm: AlgorithmNode) throws(MaterialError) -> Method {
        var parameters = try algorithm.sequence()
        let derived = try KeyDerivation.pbkdf2(try parameters.next())
        let digest = try KeyDerivation.hmac(try parameters.next(), what)
        try parameters.finish()
        guard let size = derived.keySize, (20...1024).contains(size) else {
            throw MaterialError(.damaged, detail: "\(what) has no fitting key size")
        }
        return Method(digest: digest, derivation: derived.derivation, keySize: size)
    }

    private static func pkcs12(
        _ algorithm: AlgorithmNode, salt: [UInt8], rounds: Int
    ) throws(MaterialError) -> Method {
        guard let digest = SignatureAlgorithm.digests[algorithm.identifier] else {
            throw MaterialError(
                .unsupportedEncryption, detail: "\(what) by the digest \(algorithm.identifier.dotted)")
        }
        guard algorithm.parameters == nil || algorithm.parameters?.identifier == .null else {
            throw MaterialError(.damaged, detail: "\(what) has unexpected parameters")
        }
        let derivation = KeyDerivation.pkcs12(digest, salt: salt, rounds: rounds)
        return Method(digest: digest, derivation: derivation, keySize: digest.size)
    }

    /// Whether the value is right for these bytes and this form of the pass phrase.
    func isRight(
        for bytes: [UInt8], _ form: PassPhraseForm, _ budget: inout RoundBudget
    ) throws(MaterialError) -> Bool {
        let bytesOfKey = try method.derivation.bytes(method.keySize, for: .mac, form, &budget)
        let key = SymmetricKey(data: bytesOfKey)
        return switch method.digest {
        case .md2, .md5: false
        case .sha1: HMAC<Insecure.SHA1>.isValidAuthenticationCode(value, authenticating: bytes, using: key)
        case .sha256: HMAC<SHA256>.isValidAuthenticationCode(value, authenticating: bytes, using: key)
        case .sha384: HMAC<SHA384>.isValidAuthenticationCode(value, authenticating: bytes, using: key)
        case .sha512: HMAC<SHA512>.isValidAuthenticationCode(value, authenticating: bytes, using: key)
        }
    }
}
