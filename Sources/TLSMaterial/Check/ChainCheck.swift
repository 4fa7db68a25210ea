/// Whether a chain is complete and in order: each certificate signed by the next, up to a self-signed one.
struct ChainCheck {
    let chain: [ParsedCertificate]
    let requiresRoot: Bool

    func findings() -> [MaterialFinding] {
        if let twice = chain.indices.first(where: { chain[..<$0].contains(chain[$0]) }) {
            let detail = "the certificate \(chain[twice].subject.short) is there twice"
            return [MaterialFinding(.duplicate, detail: detail)]
        }
        guard let leaf = chain.first else { return [] }
        let ordered = ChainOrder.chain(from: leaf, among: chain)
        if ordered != chain, let finding = orderFinding(ordered) { return [finding] }
        guard requiresRoot, let last = ordered.last, !last.isSelfSigned else { return [] }
        return [MaterialFinding(.chainIncomplete, detail: missing(above: last))]
    }

    private func orderFinding(_ ordered: [ParsedCertificate]) -> MaterialFinding? {
        if let stranger = chain.first(where: { !ordered.contains($0) }) {
            // A gap explains why what stands above it does not seem to belong.
            if let last = ordered.last, !last.isSelfSigned {
                return MaterialFinding(.chainIncomplete, detail: missing(above: last))
            }
            return MaterialFinding(
                .chainOrder, detail: "\(stranger.subject.short) is not part of the chain of \(chain[0].subject.short)")
        }
        let names = ordered.map(\.subject.short).joined(separator: ", ")
        return MaterialFinding(.chainOrder, detail: "the right order is: \(names)")
    }

    private func missing(above certificate: ParsedCertificate) -> String {
        let issuer = certificate.issuer.short
        let namesake = chain.contains { $0.subject == certificate.issuer && $0 != certificate }
        let seen = namesake ? "; one of that name is there, but did not sign it" : ""
        return "\(issuer), which issued \(certificate.subject.short), is not there\(seen)"
    }
}
