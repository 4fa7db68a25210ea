/// A chain that a ``ChainVerifier`` accepted; only the verifier makes one.
public struct VerifiedChain: Hashable, Sendable {
    /// Name of the profile that accepted it.
    public let profile: String
    /// Leaf first, anchor last; one certificate when the leaf itself is the anchor.
    public let path: [ParsedCertificate]

    init(profile: String, path: [ParsedCertificate]) {
        self.profile = profile
        self.path = path
    }
}
