/// Climbs a chain as it was presented, by names alone: what a person wants to know of a chain that nobody trusts.
public enum PresentedPath {
    /// The last certificate above the first one that was sent; nil when there is none.
    ///
    /// Its issuer is the CA that would be needed; when it is self-signed, the peer itself sent that CA.
    public static func top(of certificates: [ParsedCertificate]) -> ParsedCertificate? {
        guard var top = certificates.first else { return nil }
        var path: Set<String> = [top.fingerprint]
        while !top.isSelfSigned,
            let next = certificates.first(where: { $0.subject == top.issuer && !path.contains($0.fingerprint) })
        {
            path.insert(next.fingerprint)
            top = next
        }
        return top
    }
}
