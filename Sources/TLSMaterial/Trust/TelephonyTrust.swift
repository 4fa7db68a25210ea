public import struct Foundation.Date

extension TrustedCertificates {
    /// How the set is called in reasons.
    static let profileName = "client trusted certificates"

    /// Whether a phone with this set would speak to the telephony server that presented the chain.
    ///
    /// Tool and virtual phone share this one judgement, so that what the tool foresees is what the phone does:
    /// - The set is an aggregate, not a chain: a path from the server's certificate must reach **any** certificate of it.
    ///   That may be a root, an intermediate CA (the path then ends there and needs no root), or the server's own
    ///   certificate.
    /// - Every certificate of the path must be valid at the time, the trusted one included, and fit its part: CA and
    ///   path length, key usage, server authentication, name constraints, no unknown critical extension.
    /// - RSA from 1024 bits and SHA-1 are taken, as phones of their time do; MD5 and smaller keys never.
    /// - Subject, host name and address play no part: whoever has a certificate under a trusted CA is believed.
    ///
    /// - Parameters:
    ///   - chain: DER, the server's certificate first, then any order; untrusted bytes.
    ///   - time: the moment at which the certificates must be valid.
    public func judge(serverChain chain: [[UInt8]], at time: Date) -> TelephonyVerdict {
        do throws(TrustFailure) {
            return .accepted(try verify(chain, at: time))
        } catch {
            return .refused(TelephonyRefusal(error, chain: chain))
        }
    }

    private func verify(_ chain: [[UInt8]], at time: Date) throws(TrustFailure) -> VerifiedChain {
        guard let first = chain.first else {
            throw TrustFailure(.noCertificate, detail: "the server presented no certificate")
        }
        let leaf: ParsedCertificate
        do throws(MaterialError) { leaf = try ParsedCertificate(der: first) } catch {
            throw TrustFailure(.badCertificate, detail: "the server's certificate: \(error.detail)")
        }
        // The profile's subject is that of whoever presents itself: it plays no part.
        let profile = TrustProfile(
            name: Self.profileName, subject: leaf.subject, anchors: certificates, minimumTLS: .v1_0,
            allowsLegacy: true)
        return try ChainVerifier().verify(chain, against: profile, at: time)
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
        let top = PresentedPath.top(
            of: chain.prefix(ChainVerifier.chainLimit).compactMap { try? ParsedCertificate(der: $0) })
        missingIssuer = top?.issuer
        presentedIssuer = top.flatMap { $0.isSelfSigned ? $0 : nil }
    }
}
