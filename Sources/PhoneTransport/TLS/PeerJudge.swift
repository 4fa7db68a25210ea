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
    /// The part that the peer plays in the handshake.
    var role = ChainVerifier.PeerRole.server
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
    /// Whether nothing weak was offered, so that it does not matter which cipher suite was taken.
    var isSuiteSound = false

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
            sight.verified = try sight.verify(by: demand.profiles, as: demand.role, at: demand.now())
        } catch {
            sight.verdict = error
        }
        return sight.verified == nil && demand.mode == .authenticate ? .failed : .certificateVerified
    }
}

extension PeerSight {
    /// Verifies what was presented under the first profile that permits the connection and accepts the chain.
    ///
    /// - Throws: why none does, without a subject: `tls.no-profile`, a verdict on the chain, `tls.protocol-version` or
    ///   `tls.no-common-cipher`.
    func verify(
        by profiles: [TrustProfile], as role: ChainVerifier.PeerRole = .server, at time: Date
    ) throws(Fault) -> VerifiedChain {
        guard !profiles.isEmpty else { throw Fault(.tlsNoProfile) }
        // The handshake was offered as the most lenient profile permits; each profile now gets only what it permits.
        let modern = profiles.filter { $0.permits(tlsVersion: tlsVersion) }
        guard !modern.isEmpty else {
            let wanted = profiles.map(\.minimumTLS).min() ?? .v1_2
            throw HandshakeFault.versionFault(tlsVersion ?? "no version", minimum: wanted, subject: nil)
        }
        // A cipher suite that was not seen counts as weak; TLS 1.3 has no weak ones.
        let isSound =
            suite.map { !$0.isTripleDES } ?? (isSuiteSound || tlsVersion == TrustProfile.MinimumTLS.v1_3.rawValue)
        let permitting = modern.filter { $0.allowsLegacy || isSound }
        guard !permitting.isEmpty else {
            throw Fault(.tlsNoCommonCipher, detail: suite.map { "the phone chose \($0)" })
        }
        do throws(TrustFailure) {
            return try ChainVerifier(of: role).verify(chain, againstAnyOf: permitting, at: time)
        } catch {
            throw Fault(StatusCode(error.reason.rawValue), detail: error.detail)
        }
    }
}
