import Foundation

@testable import TLSMaterial

/// One chain with the verdict that we state for our verifier and for OpenSSL.
struct ChainCase: Sendable {
    let name: String
    var chain: [[UInt8]]
    var profile: TrustProfile
    var time = noon
    /// Nil when we accept.
    var ours: TrustFailure.Reason?
    /// Nil when the case cannot be put to OpenSSL.
    var openSSL: OpenSSL.Verdict?
    /// Why the two differ on purpose; must be there exactly when one accepts and the other does not.
    var differsBecause: String?

    /// Both accept.
    static func good(_ name: String, _ chain: [[UInt8]], _ profile: TrustProfile, at time: Date = noon) -> ChainCase {
        ChainCase(name: name, chain: chain, profile: profile, time: time, openSSL: .accepts)
    }

    /// Both refuse.
    static func bad(
        _ name: String, _ chain: [[UInt8]], _ profile: TrustProfile, at time: Date = noon, _ ours: TrustFailure.Reason,
        _ error: Int
    ) -> ChainCase {
        ChainCase(name: name, chain: chain, profile: profile, time: time, ours: ours, openSSL: .refuses(error))
    }

    /// We refuse what OpenSSL accepts.
    static func stricter(
        _ name: String, _ chain: [[UInt8]], _ profile: TrustProfile, at time: Date = noon, _ ours: TrustFailure.Reason,
        because reason: String
    ) -> ChainCase {
        ChainCase(
            name: name, chain: chain, profile: profile, time: time, ours: ours, openSSL: .accepts,
            differsBecause: reason)
    }

    /// We accept what OpenSSL refuses.
    static func wiser(
        _ name: String, _ chain: [[UInt8]], _ profile: TrustProfile, at time: Date = noon, _ error: Int,
        because reason: String
    ) -> ChainCase {
        ChainCase(
            name: name, chain: chain, profile: profile, time: time, openSSL: .refuses(error), differsBecause: reason)
    }

    static func all(in directory: URL) throws -> [ChainCase] {
        let pki = try TestPKI()
        let strength = try StrengthLab(in: directory)
        return try pathCases(pki) + signatureCases(pki) + oddCases(pki) + authorityCases(pki) + usageCases(pki)
            + extensionCases(pki) + constraintCases(pki) + validityCases(pki) + nameCases(pki)
            + strengthCases(strength)
    }
}
