import Crypto
import CryptoExtras

/// A public key that the cryptographic library has accepted.
enum VerificationKey: Sendable {
    case rsa(_RSA.Signing.PublicKey)
    case p256(P256.Signing.PublicKey)
    case p384(P384.Signing.PublicKey)
    case p521(P521.Signing.PublicKey)
    case ed25519(Curve25519.Signing.PublicKey)

    /// RSA below this is refused by name before the library sees it.
    static let smallestRSA = 1024
    /// Larger keys would make one check cost too much.
    static let largestRSA = 8192

    /// Nil for a key that cannot be used: another kind, a point off the curve, a size out of bounds.
    init?(_ key: SubjectPublicKey) {
        switch key.kind {
        case .rsa(let bits):
            guard (Self.smallestRSA...Self.largestRSA).contains(bits),
                let key = try? _RSA.Signing.PublicKey(unsafeDERRepresentation: key.der)
            else { return nil }
            self = .rsa(key)
        case .p256:
            guard let key = try? P256.Signing.PublicKey(x963Representation: key.keyBytes) else { return nil }
            self = .p256(key)
        case .p384:
            guard let key = try? P384.Signing.PublicKey(x963Representation: key.keyBytes) else { return nil }
            self = .p384(key)
        case .p521:
            guard let key = try? P521.Signing.PublicKey(x963Representation: key.keyBytes) else { return nil }
            self = .p521(key)
        case .ed25519:
            guard let key = try? Curve25519.Signing.PublicKey(rawRepresentation: key.keyBytes) else { return nil }
            self = .ed25519(key)
        case .other: return nil
        }
    }

    /// Whether this key made the signature; false for every combination that cannot be checked.
    func isValid(_ signature: [UInt8], over bytes: ArraySlice<UInt8>, by algorithm: SignatureAlgorithm) -> Bool {
        guard !signature.isEmpty, signature.count <= 2048 else { return false }
        switch algorithm {
        case .ed25519:
            guard case .ed25519(let key) = self else { return false }
            return key.isValidSignature(signature, for: Array(bytes))
        case .rsaPKCS1(let digest): return check(signature, bytes, digest, .insecurePKCS1v1_5)
        case .rsaPSS(let digest): return check(signature, bytes, digest, .PSS)
        case .ecdsa(let digest): return check(signature, bytes, digest, nil)
        case .unsupported: return false
        }
    }

    /// MD2 and MD5 never reach the library, which would end the process.
    private func check(
        _ signature: [UInt8], _ bytes: ArraySlice<UInt8>, _ digest: DigestKind, _ padding: _RSA.Signing.Padding?
    ) -> Bool {
        switch digest {
        case .md2, .md5: false
        case .sha1: check(signature, Insecure.SHA1.hash(data: bytes), padding)
        case .sha256: check(signature, SHA256.hash(data: bytes), padding)
        case .sha384: check(signature, SHA384.hash(data: bytes), padding)
        case .sha512: check(signature, SHA512.hash(data: bytes), padding)
        }
    }

    private func check(_ signature: [UInt8], _ digest: some Digest, _ padding: _RSA.Signing.Padding?) -> Bool {
        if let padding {
            guard case .rsa(let key) = self else { return false }
            return key.isValidSignature(.init(rawRepresentation: signature), for: digest, padding: padding)
        }
        switch self {
        case .p256(let key):
            guard let signature = try? P256.Signing.ECDSASignature(derRepresentation: signature) else { return false }
            return key.isValidSignature(signature, for: digest)
        case .p384(let key):
            guard let signature = try? P384.Signing.ECDSASignature(derRepresentation: signature) else { return false }
            return key.isValidSignature(signature, for: digest)
        case .p521(let key):
            guard let signature = try? P521.Signing.ECDSASignature(derRepresentation: signature) else { return false }
            return key.isValidSignature(signature, for: digest)
        case .rsa, .ed25519: return false
        }
    }
}
