/// Finds the order of certificates that were given in any order.
enum ChainOrder {
    /// The leaf and the certificates above it, each signed by the next, as far as there are any.
    ///
    /// Where two CAs qualify, the self-signed one ends the chain and is taken.
    static func chain(from leaf: ParsedCertificate, among certificates: [ParsedCertificate]) -> [ParsedCertificate] {
        var chain = [leaf]
        var rest = certificates.filter { $0 != leaf }
        while let last = chain.last, !last.content.isSelfIssued || chain.count == 1 {
            let issuers = rest.filter {
                $0.subject == last.issuer && SignatureMemory.shared.isSigned(last, by: $0)
            }
            guard let next = issuers.first(where: \.content.isSelfIssued) ?? issuers.first else { break }
            chain.append(next)
            rest.removeAll { $0 == next }
        }
        return chain
    }
}
