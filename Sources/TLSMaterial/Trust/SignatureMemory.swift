import Synchronization

/// Remembers facts that can never change: whether a key can be used, and whether it signed a certificate.
///
/// All phones of a type present the same CA, so most of a handshake's checks were made before. Only facts that follow
/// from the bytes alone are kept: the same certificate and key give the same signature verdict. Validity, trust, usage
/// and everything else that depends on the time or on a profile is judged anew each time. The keys of the tables are
/// SHA-256 of the bytes; what certificates hold is remembered by ``CertificateMemory``.
final class SignatureMemory: Sendable {
    /// One for the process: pure facts may be shared by everybody.
    static let shared = SignatureMemory()

    private struct Edge: Hashable {
        let certificate: Fingerprint
        let key: Fingerprint
    }

    private let keys: Mutex<BoundedMemory<Fingerprint, VerificationKey>>
    private let verdicts: Mutex<BoundedMemory<Edge, Bool>>

    /// - Parameter limit: how many keys are kept at most, and twice as many verdicts.
    init(limit: Int = 2_048) {
        keys = Mutex(BoundedMemory(limit: limit))
        verdicts = Mutex(BoundedMemory(limit: limit * 2))
    }

    /// Whether the issuer's key signed the certificate, names aside.
    func isSigned(_ certificate: ParsedCertificate, by issuer: ParsedCertificate) -> Bool {
        let edge = Edge(certificate: certificate.content.digest, key: issuer.content.keyDigest)
        if let known = verdicts.withLock({ $0.value(for: edge) }) { return known }
        let verdict = check(certificate, by: issuer)
        verdicts.withLock { $0.insert(verdict, for: edge) }
        return verdict
    }

    /// Whether the certificate's own key is one that can be used.
    func hasUsableKey(_ certificate: ParsedCertificate) -> Bool { key(of: certificate) != nil }

    private func check(_ certificate: ParsedCertificate, by issuer: ParsedCertificate) -> Bool {
        let content = certificate.content
        guard let key = key(of: issuer) else { return false }
        return key.isValid(content.signature, over: content.signedBytes, by: content.signatureAlgorithm)
    }

    private func key(of certificate: ParsedCertificate) -> VerificationKey? {
        let digest = certificate.content.keyDigest
        if let known = keys.withLock({ $0.value(for: digest) }) { return known }
        guard let key = VerificationKey(certificate.content.publicKey) else { return nil }
        keys.withLock { $0.insert(key, for: digest) }
        return key
    }
}
