public import struct Foundation.Date

/// How a phone judges the chain of its telephony server by the trusted certificates that were transferred to it.
///
/// Tool and virtual phone share this one judgement, so that what the tool foresees is what the phone does:
/// - The set is an aggregate, not a chain: a path from the server's certificate must reach **any** certificate of it. That may
///   be a root, an intermediate CA (the path then ends there and needs no root), or the server's own certificate.
/// - Every certificate of the path must be valid at the time, the trusted one included, and fit its part: CA and path
///   length, key usage, server authentication, name constraints, no unknown critical extension.
/// - RSA from 1024 bits and SHA-1 are taken, as phones of their time do; MD5 and smaller keys never.
/// - Subject, host name and address play no part: whoever has a certificate under a trusted CA is believed.
/// - An empty set believes nobody.
public struct TelephonyTrust: Hashable, Sendable {
    /// How the set is called in reasons.
    public static let name = "client trusted certificates"

    public let certificates: [ParsedCertificate]

    public init(_ certificates: [ParsedCertificate]) {
        self.certificates = certificates
    }

    /// Whether a phone with this set would speak to the server that presented the chain.
    ///
    /// - Parameters:
    ///   - chain: DER, the server's certificate first, then any order; untrusted bytes.
    ///   - time: the moment at which the certificates must be valid.
    public func judge(_ chain: [[UInt8]], at time: Date, verifier: ChainVerifier = ChainVerifier()) -> TelephonyVerdict {
        do throws(TrustFailure) {
            guard let leaf = chain.first.flatMap({ try? ParsedCertificate(der: $0) }) else {
                // Nothing can be believed of it; the verifier says what is wrong.
                throw try verifier.verify(chain, againstAnyOf: [], at: time).asDefect
            }
            let profile = TrustProfile(
                name: Self.name, subject: leaf.subject, anchors: certificates, minimumTLS: .v1_0, allowsLegacy: true)
            return .accepted(try verifier.verify(chain, against: profile, at: time))
        } catch {
            return .refused(TelephonyRefusal(error, chain: chain))
        }
    }
}

/// What a phone makes of its telephony server's chain.
public enum TelephonyVerdict: Sendable {
    case accepted(VerifiedChain)
    /// The phone does not connect.
    case refused(TelephonyRefusal)
}

/// Why a phone does not believe its telephony server, and what would make it.
public struct TelephonyRefusal: Error, Hashable, Sendable {
    public var failure: TrustFailure
    /// The CA that the set would need to hold: the issuer of the last certificate that the server sent.
    ///
    /// Nil where another certificate would not help: the chain itself is faulty, or of another time.
    public var missingIssuer: DistinguishedName?
    /// That CA's certificate, if the server itself sent it; to be trusted only after its fingerprint was confirmed.
    public var presentedIssuer: ParsedCertificate?

    init(_ failure: TrustFailure, chain: [[UInt8]]) {
        self.failure = failure
        switch failure.reason {
        case .unknownIssuer, .chainIncomplete, .badSignature: break
        default: return
        }
        let top = PresentedPath.top(of: chain)
        missingIssuer = top?.issuer
        presentedIssuer = top.flatMap { $0.isSelfSigned ? $0 : nil }
    }
}

/// Climbs a chain as it was presented, by names alone.
enum PresentedPath {
    /// The last certificate above the leaf that was sent.
    static func top(of chain: [[UInt8]]) -> ParsedCertificate? {
        let certificates = chain.prefix(ChainVerifier.chainLimit).compactMap { try? ParsedCertificate(der: $0) }
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
