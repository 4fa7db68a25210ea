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

    /// The chain from a certificate up to a self-signed CA, each signed by the next.
    ///
    /// Throws `.incompleteChain` naming the issuer that is in none of the files.
    public func chain(from leaf: ParsedCertificate) throws(MaterialError) -> [ParsedCertificate] {
        var chain = [leaf]
        while chain.count < ChainVerifier.chainLimit {
            let last = chain[chain.count - 1]
            if last.isSelfSigned { return chain }
            let issuer = pool.filter { candidate in
                candidate.isCA && candidate.subject == last.issuer && !chain.contains(candidate)
                    && SignatureMemory.shared.isSigned(last, by: candidate)
            }.max { $0.notAfter < $1.notAfter }
            guard let issuer else {
                throw MaterialError(
                    .incompleteChain,
                    detail: "\(last.subject.short) was issued by \(last.issuer.short), whose certificate is missing")
            }
            chain.append(issuer)
        }
        throw MaterialError(.incompleteChain, detail: "more than \(ChainVerifier.chainLimit) certificates")
    }
}
