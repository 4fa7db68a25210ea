import Crypto
import DeploymentModel
import Foundation
import NIOCore
import NIOSSL
import TLSMaterial

/// How a peer is to be judged in a handshake.
struct TrustDemand: Sendable {
    enum Mode: Sendable {
        /// A chain that no profile accepts ends the handshake.
        case authenticate
        /// Every chain is let through and the verdict is kept; nothing secret may be sent on such a connection.
        case look
    }

    var mode: Mode
    var profiles: [TrustProfile]
    var policy: TLSPolicy
    var context: NIOSSLContext
    var now: @Sendable () -> Date
}

/// What a handshake showed of a peer.
struct PeerSight: Sendable {
    /// Leaf first, as presented, DER.
    var chain: [[UInt8]] = []
    var verified: VerifiedChain?
    /// Why no profile accepted the chain, without a subject.
    var verdict: Fault?
    var tlsVersion: String?
    var suite: CipherSuite?
    var first: FirstRecord?

    var evidence: PeerEvidence {
        PeerEvidence(
            certificateFingerprint: chain.first.map { leaf in
                String(decoding: DigestHash.hexDigits(of: SHA256.hash(data: leaf)), as: UTF8.self)
            },
            profile: verified?.profile, tlsVersion: tlsVersion)
    }
}

/// Judges the chain of one peer within the handshake and keeps what was seen and why.
///
/// Lives on the event loop of its connection.
final class PeerJudge {
    let demand: TrustDemand
    private(set) var sight = PeerSight()

    init(demand: TrustDemand) {
        self.demand = demand
    }

    func saw(_ first: FirstRecord) {
        sight.first = first
        guard case .serverHello(let hello) = first else { return }
        sight.suite = hello.suite
        sight.tlsVersion = hello.version
    }

    /// The library's verification callback: the first and only look at the chain.
    func judge(_ certificates: [NIOSSLCertificate], version: TLSVersion?) -> NIOSSLVerificationResult {
        sight.chain = certificates.compactMap { try? $0.toDERBytes() }
        if let version { sight.tlsVersion = TrustProfile.MinimumTLS(version).rawValue }
        do throws(Fault) {
            sight.verified = try verify(sight.chain, version: version.map(TrustProfile.MinimumTLS.init))
        } catch {
            sight.verdict = error
        }
        return sight.verified == nil && demand.mode == .authenticate ? .failed : .certificateVerified
    }

    private func verify(_ chain: [[UInt8]], version: TrustProfile.MinimumTLS?) throws(Fault) -> VerifiedChain {
        guard !demand.profiles.isEmpty else { throw Fault(.tlsNoProfile) }
        // The handshake was offered as the most lenient profile permits; each profile now gets only what it permits.
        let permitting = demand.profiles.filter { profile in
            (version.map { $0 >= profile.minimumTLS } ?? true)
                && (profile.allowsLegacy || sight.suite?.isTripleDES != true)
        }
        guard !permitting.isEmpty else {
            if let version { throw HandshakeFault.versionFault(version.rawValue, policy: demand.policy, subject: nil) }
            throw Fault(.tlsNoCommonCipher)
        }
        do throws(TrustFailure) {
            return try ChainVerifier().verify(chain, againstAnyOf: permitting, at: demand.now())
        } catch {
            throw Fault(StatusCode(error.reason.rawValue), detail: error.detail)
        }
    }
}
