import Crypto
import SwiftASN1

/// The check value over a file (RFC 7292 section 4, PBMAC1 as in RFC 9579).
struct PKCS12MAC {
    private let digest: DigestKind
    private let derivation: KeyDerivation
    private let keySize: Int
    private let value: [UInt8]

    /// Reads MacData; throws `.damaged`, and `.unsupportedEncryption` for a digest that is not known.
    init(_ node: ASN1Node) throws(MaterialError) {
        let what = "check value"
        var sequence = try DERSequence(node, what)
        var info = try DERSequence(try sequence.next(), what)
        let algorithm = try AlgorithmNode(try info.next(), what)
        value = Array(try info.next().primitive(what, tagged: .octetString))
        try info.finish()
        let salt = Array(try sequence.next().primitive(what, tagged: .octetString))
        let rounds = try sequence.optional(.integer).map { node throws(MaterialError) in
            try KeyDerivation.rounds(node)
        }
        try sequence.finish()
        if algorithm.identifier == .pbmac1 {
            // Salt and rounds stand in the parameters; those outside are for readers that do not know the method.
            var parameters = try algorithm.sequence()
            let (derivation, size) = try KeyDerivation.pbkdf2(try parameters.next())
            digest = try KeyDerivation.hmac(try parameters.next(), what)
            try parameters.finish()
            // RFC 9579 section 5 asks for a key size of at least 20 bytes.
            guard let size, (20...1024).contains(size) else {
                throw MaterialError(.damaged, detail: "\(what) has no fitting key size")
            }
            self.derivation = derivation
            keySize = size
        } else {
            guard let digest = SignatureAlgorithm.digests[algorithm.identifier] else {
                throw MaterialError(
                    .unsupportedEncryption, detail: "\(what) by the digest \(algorithm.identifier.dotted)")
            }
            guard algorithm.parameters == nil || algorithm.parameters?.identifier == .null else {
                throw MaterialError(.damaged, detail: "\(what) has unexpected parameters")
            }
            self.digest = digest
            derivation = .pkcs12(digest, salt: salt, rounds: rounds ?? 1)
            keySize = digest.size
        }
    }

    /// Whether the value is right for these bytes and this form of the pass phrase.
    func isRight(
        for bytes: [UInt8], _ form: PassPhraseForm, _ budget: inout RoundBudget
    ) throws(MaterialError) -> Bool {
        let key = SymmetricKey(data: try derivation.bytes(keySize, for: .mac, form, &budget))
        return switch digest {
        case .md2, .md5: false
        case .sha1: HMAC<Insecure.SHA1>.isValidAuthenticationCode(value, authenticating: bytes, using: key)
        case .sha256: HMAC<SHA256>.isValidAuthenticationCode(value, authenticating: bytes, using: key)
        case .sha384: HMAC<SHA384>.isValidAuthenticationCode(value, authenticating: bytes, using: key)
        case .sha512: HMAC<SHA512>.isValidAuthenticationCode(value, authenticating: bytes, using: key)
        }
    }
}
