import Crypto
import CryptoExtras
import Foundation
import SwiftASN1

/// A private key that can sign certificates.
enum PrivateKey: Sendable {
    case p256(P256.Signing.PrivateKey)
    case p384(P384.Signing.PrivateKey)
    case rsa(_RSA.Signing.PrivateKey)

    init(_ type: CertificateIssuer.KeyType) throws(MaterialError) {
        switch type {
        // Any key will do: the form that only half of them have is of no use in certificates, and would cost twice.
        case .p256: self = .p256(P256.Signing.PrivateKey(compactRepresentable: false))
        case .rsa2048:
            guard let key = try? _RSA.Signing.PrivateKey(keySize: .bits2048) else {
                throw MaterialError(.unsupportedKey, detail: "an RSA key could not be made")
            }
            self = .rsa(key)
        }
    }

    /// Loads PKCS#8 (RFC 5958); throws `.unsupportedKey` for kinds that cannot sign here.
    init(pkcs8 der: [UInt8]) throws(MaterialError) {
        var outer = try DERSequence(try ASN1Node.der(der[...], "private key"), "private key")
        _ = try outer.next(.integer)
        var algorithm = try DERSequence(try outer.next(), "private key")
        let identifier = try algorithm.next().objectIdentifier("private key")
        let curve = try? algorithm.nextIfAny()?.objectIdentifier("curve")
        let key: PrivateKey? =
            switch (identifier, curve) {
            case (.ecPublicKey, .p256): (try? P256.Signing.PrivateKey(derRepresentation: der)).map { .p256($0) }
            case (.ecPublicKey, .p384): (try? P384.Signing.PrivateKey(derRepresentation: der)).map { .p384($0) }
            case (.rsaEncryption, _): (try? _RSA.Signing.PrivateKey(unsafeDERRepresentation: der)).map { .rsa($0) }
            default: nil
            }
        guard let key else {
            throw MaterialError(
                .unsupportedKey, detail: "a private key that is neither P-256, P-384 nor RSA from 1024 bits")
        }
        self = key
    }

    var pkcs8: [UInt8] {
        switch self {
        case .p256(let key): Array(key.derRepresentation)
        case .p384(let key): Array(key.derRepresentation)
        case .rsa(let key): Array(key.pkcs8DERRepresentation)
        }
    }

    /// SubjectPublicKeyInfo.
    var publicKey: [UInt8] {
        switch self {
        case .p256(let key): Array(key.publicKey.derRepresentation)
        case .p384(let key): Array(key.publicKey.derRepresentation)
        case .rsa(let key): Array(key.publicKey.derRepresentation)
        }
    }

    var isRSA: Bool { if case .rsa = self { true } else { false } }

    /// The AlgorithmIdentifier of signatures with this digest.
    func algorithm(_ digest: CertificateIssuer.SignatureDigest) -> [UInt8] {
        let arc: UInt64 =
            switch (digest, isRSA) {
            case (.sha1, true): 5
            case (.sha256, true): 11
            case (.sha384, true): 12
            case (.sha512, true): 13
            case (.sha1, false): 1
            case (.sha256, false): 2
            case (.sha384, false): 3
            case (.sha512, false): 4
            }
        if isRSA {
            let identifier = ObjectIdentifier(1, 2, 840, 113549, 1, 1, arc)
            return DEREncoding.sequence([DEREncoding.objectIdentifier(identifier), DEREncoding.null])
        }
        let identifier =
            digest == .sha1 ? ObjectIdentifier(1, 2, 840, 10045, 4, 1) : ObjectIdentifier(1, 2, 840, 10045, 4, 3, arc)
        return DEREncoding.sequence([DEREncoding.objectIdentifier(identifier)])
    }

    func sign(_ bytes: [UInt8], _ digest: CertificateIssuer.SignatureDigest) throws -> [UInt8] {
        switch digest {
        case .sha1: try sign(Insecure.SHA1.hash(data: bytes))
        case .sha256: try sign(SHA256.hash(data: bytes))
        case .sha384: try sign(SHA384.hash(data: bytes))
        case .sha512: try sign(SHA512.hash(data: bytes))
        }
    }

    private func sign(_ digest: some Digest) throws -> [UInt8] {
        switch self {
        case .p256(let key): Array(try key.signature(for: digest).derRepresentation)
        case .p384(let key): Array(try key.signature(for: digest).derRepresentation)
        case .rsa(let key): Array(try key.signature(for: digest, padding: .insecurePKCS1v1_5).rawRepresentation)
        }
    }
}
