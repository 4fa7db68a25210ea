/// Certificates that came back from an outside CA, with the CAs that stand above them.
public struct ReturnedCertificates: Sendable {
    private let pool: [ParsedCertificate]

    /// - Parameter certificates: everything that the files hold, in any order.
    public init(_ certificates: [ParsedCertificate]) { pool = certificates }

    /// The certificate of a key, by ``ParsedCertificate/publicKeyFingerprint``; the one that lasts longest of several.
    public func certificate(of publicKeyFingerprint: String) -> ParsedCertificate? {
        pool.filter { $0.publicKeyFingerprint == publicKeyFingerprint && !$0.isCA }
            .max { $0.notAfter < $1.notAfter }
    }

    /// The chain from a certificate upwards, as far as its issuers are there.
    public func chain(from leaf: ParsedCertificate) -> [ParsedCertificate] { ChainOrder.chain(from: leaf, among: pool) }
}
