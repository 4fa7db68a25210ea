import Crypto
import CryptoExtras
import Foundation

/// How much computing a file may still ask for, in rounds of a digest.
struct RoundBudget {
    /// Thirty times what careful programs write, and a few seconds of work.
    static let standard = RoundBudget(rounds: 10_000_000)

    private var left: Int
    private let limit: Int

    init(rounds: Int) {
        left = rounds
        limit = rounds
    }

    mutating func spend(_ rounds: Int) throws(MaterialError) {
        guard rounds <= left else {
            throw MaterialError(
                .tooManyRounds, detail: "the file asks for more than \(limit) rounds of key derivation")
        }
        left -= rounds
    }
}

/// How a key is made from a pass phrase.
enum KeyDerivation {
    /// RFC 7292 appendix B; rounds fit into 32 bits.
    case pkcs12(DigestKind, salt: [UInt8], rounds: Int)
    /// PBKDF2 (RFC 8018 section 5.2); rounds fit into 32 bits.
    case pbkdf2(DigestKind, salt: [UInt8], rounds: Int)

    /// What the bytes are for; PKCS#12 makes different ones for each purpose (RFC 7292 appendix B.3).
    enum Purpose: UInt8 { case key = 1, iv = 2, mac = 3 }

    /// Throws `.tooManyRounds` before it does any work.
    func bytes(
        _ count: Int, for purpose: Purpose, _ form: PassPhraseForm, _ budget: inout RoundBudget
    ) throws(MaterialError) -> [UInt8] {
        switch self {
        case .pkcs12(let digest, let salt, let rounds):
            try budget.spend(rounds * blocks(count, digest))
            let derivation = PKCS12KeyDerivation(salt: salt, passPhrase: form.wide, rounds: rounds, purpose: purpose)
            switch digest {
            case .sha1: return derivation.bytes(count, Insecure.SHA1.self)
            case .sha256: return derivation.bytes(count, SHA256.self)
            case .sha384: return derivation.bytes(count, SHA384.self)
            case .sha512: return derivation.bytes(count, SHA512.self)
            case .md2, .md5: throw Self.unusable
            }
        case .pbkdf2(let digest, let salt, let rounds):
            try budget.spend(rounds * blocks(count, digest))
            let key = try? KDF.Insecure.PBKDF2.deriveKey(
                from: form.utf8, salt: salt, using: try Self.function(digest), outputByteCount: count,
                unsafeUncheckedRounds: rounds)
            guard let key else { throw Self.unusable }
            return key.withUnsafeBytes { Array($0) }
        }
    }

    private static var unusable: MaterialError {
        MaterialError(.unsupportedEncryption, detail: "the parameters of the key derivation cannot be used")
    }

    private static func function(_ digest: DigestKind) throws(MaterialError) -> KDF.Insecure.PBKDF2.HashFunction {
        switch digest {
        case .sha1: .insecureSHA1
        case .sha256: .sha256
        case .sha384: .sha384
        case .sha512: .sha512
        case .md2, .md5: throw unusable
        }
    }

    private func blocks(_ count: Int, _ digest: DigestKind) -> Int {
        (count + digest.size - 1) / digest.size
    }
}
