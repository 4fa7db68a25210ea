import Synchronization

/// Remembers facts that can never change: what bytes parse to, and whether a key signed a certificate.
///
/// All phones of a type present the same CA, so most of a handshake's checks were made before. Only facts that follow
/// from the bytes alone are kept: the same bytes give the same fields, and the same certificate and key give the same
/// signature verdict. Validity, trust, usage and everything else that depends on the time or on a profile is judged
/// anew each time. The keys of the tables are the bytes themselves or their SHA-256.
final class SignatureMemory: Sendable {
    /// One for the process: pure facts may be shared by everybody.
    static let shared = SignatureMemory()

    /// Larger certificates are parsed each time, so that a stranger cannot fill the memory.
    private static let largestRemembered = 8_192

    private struct Edge: Hashable {
        let certificate: Fingerprint
        let key: Fingerprint
    }

    private let certificates: Mutex<BoundedMemory<[UInt8], ParsedCertificate>>
    private let keys: Mutex<BoundedMemory<Fingerprint, VerificationKey>>
    private let verdicts: Mutex<BoundedMemory<Edge, Bool>>

    /// - Parameter limit: how many certificates, keys and verdicts are kept at most, each.
    init(limit: Int = 512) {
        certificates = Mutex(BoundedMemory(limit: limit))
        keys = Mutex(BoundedMemory(limit: limit))
        verdicts = Mutex(BoundedMemory(limit: limit * 8))
    }

    func certificate(_ der: [UInt8]) throws(MaterialError) -> ParsedCertificate {
        if let known = certificates.withLock({ $0.value(for: der) }) { return known }
        let certificate = try ParsedCertificate(der: der)
        guard der.count <= Self.largestRemembered else { return certificate }
        certificates.withLock { $0.insert(certificate, for: der) }
        return certificate
    }

    /// Whether the issuer's key signed the certificate, names aside.
    func isSigned(_ certificate: ParsedCertificate, by issuer: ParsedCertificate) -> Bool {
        let edge = Edge(certificate: certificate.content.digest, key: issuer.content.keyDigest)
        if let known = verdicts.withLock({ $0.value(for: edge) }) { return known }
        let verdict = check(certificate, by: issuer)
        verdicts.withLock { $0.insert(verdict, for: edge) }
        return verdict
    }

    private func check(_ certificate: ParsedCertificate, by issuer: ParsedCertificate) -> Bool {
        let content = certificate.content
        guard let key = key(of: issuer) else { return false }
        return key.isValid(content.signature, over: content.signedBytes, by: content.signatureAlgorithm)
    }

    private func key(of issuer: ParsedCertificate) -> VerificationKey? {
        let digest = issuer.content.keyDigest
        if let known = keys.withLock({ $0.value(for: digest) }) { return known }
        guard let key = VerificationKey(issuer.content.publicKey) else { return nil }
        keys.withLock { $0.insert(key, for: digest) }
        return key
    }
}
