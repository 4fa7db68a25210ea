public import struct Foundation.Date

/// Judges the chain that a phone presented against trust profiles.
///
/// A path is built from the leaf to any of the profile's anchors (RFC 4158), then judged as RFC 5280 section 6.1 says,
/// and the subject is compared last. Where it departs from RFC 5280 on purpose:
/// - no revocation: phones and their CAs publish none;
/// - policies are not processed, so a critical policy constraint is refused as an unknown extension;
/// - the anchors are held to their own extensions and validity (the latter by ``TrustProfile/allowsExpiredAnchor``);
/// - host names and addresses play no part, the subject DN stands for them.
///
/// Signature verdicts and what certificates hold are remembered, since all phones of a type present the same CA; nothing
/// that depends on time or profile is. A verifier is a value without state of its own; make one wherever it is handy.
public struct ChainVerifier: Sendable {
    /// The most certificates that a peer may present.
    public static let chainLimit = 16

    /// The part that the peer plays in the handshake.
    public enum PeerRole: Hashable, Sendable {
        case server, client
    }

    private let memory: SignatureMemory
    private let role: PeerRole

    /// Makes a verifier.
    ///
    /// - Parameter role: what the certificates must be good for, where they say what they are good for (extended key
    ///   usage).
    public init(of role: PeerRole = .server) { self.init(memory: .shared, role: role) }

    init(memory: SignatureMemory, role: PeerRole = .server) {
        self.memory = memory
        self.role = role
    }

    /// Verifies a chain under one profile.
    ///
    /// Several paths may be tried, with a bound on the work. Of several that fail, the failure of the one that came
    /// furthest is thrown.
    /// - Parameter chain: DER, the leaf first, then any order; untrusted bytes.
    /// - Parameter time: the moment at which the certificates must be valid.
    public func verify(
        _ chain: [[UInt8]], against profile: TrustProfile, at time: Date
    ) throws(TrustFailure) -> VerifiedChain {
        try verify(chain, againstAnyOf: [profile], at: time)
    }

    /// The first profile that accepts wins; otherwise throws the failure of the profile that came furthest.
    ///
    /// Without any profile nothing is trusted and `.unknownIssuer` is thrown.
    /// - Parameter chain: DER, the leaf first, then any order; untrusted bytes.
    /// - Parameter time: the moment at which the certificates must be valid.
    public func verify(
        _ chain: [[UInt8]], againstAnyOf profiles: [TrustProfile], at time: Date
    ) throws(TrustFailure) -> VerifiedChain {
        let certificates = try parse(chain)
        var furthest: PathSearch.Setback?
        for profile in profiles {
            var search = PathSearch(certificates, profile: profile, role: role, time: time, memory: memory)
            if let path = search.run() { return VerifiedChain(profile: profile.name, path: path) }
            if let setback = search.furthest, setback.progress > furthest?.progress ?? -1 { furthest = setback }
        }
        throw furthest?.failure
            ?? TrustFailure(.unknownIssuer, detail: "no trust profile; issuer is \(certificates[0].issuer.short)")
    }

    private func parse(_ chain: [[UInt8]]) throws(TrustFailure) -> [ParsedCertificate] {
        guard !chain.isEmpty else { throw TrustFailure(.noCertificate, detail: "the peer presented no certificate") }
        guard chain.count <= Self.chainLimit else {
            throw TrustFailure(
                .badCertificate, detail: "the peer presented \(chain.count) certificates; at most \(Self.chainLimit)")
        }
        var certificates: [ParsedCertificate] = []
        certificates.reserveCapacity(chain.count)
        for (index, der) in chain.enumerated() {
            do {
                certificates.append(try ParsedCertificate(der: der))
            } catch {
                throw TrustFailure(
                    .badCertificate, detail: "certificate \(index + 1) of \(chain.count): \(error.detail)")
            }
        }
        return certificates
    }
}
