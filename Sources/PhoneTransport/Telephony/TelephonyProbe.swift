public import DeploymentModel
public import Foundation
public import TLSMaterial

/// What a look at a telephony server showed.
public struct TelephonySight: Sendable {
    /// The chain that the server presented, its own certificate first, DER; also when nobody trusts it.
    public var chain: [[UInt8]]
    /// `1.0` to `1.3`.
    public var tlsVersion: String?
    /// Why there is no chain: `net.*` or `tls.*`; nil when the handshake was completed.
    public var fault: Fault?

    /// Whether the server answered in something that is not TLS, so that no certificate matters to its phones.
    public var speaksNoTLS: Bool {
        chain.isEmpty && (fault?.code == .tlsPlainHTTP || fault?.code == .tlsNotTLS)
    }

    /// Whether a phone that holds these trusted certificates would speak to the server; nil when no chain was seen.
    public func judge(by trusted: TrustedCertificates, at time: Date) -> TelephonyVerdict? {
        chain.isEmpty ? nil : trusted.judge(serverChain: chain, at: time)
    }
}

/// Looks at telephony servers as a phone does: shakes hands, takes the chain, and says nothing.
///
/// The pre-flight of a change of trusted certificates, and a judge of why a phone is not registered: every server of
/// ``/DeploymentModel/TelephonyServer/all(of:value:)`` is looked at, and its chain is judged by
/// ``/TLSMaterial/TrustedCertificates/judge(serverChain:at:)``, which is what the phone itself does.
public struct TelephonyProbe: Sendable {
    private let loops: EventLoops
    private let contexts = TLSContexts()

    /// - Parameter loops: the threads of the connections; must outlive the probe.
    public init(loops: EventLoops) {
        self.loops = loops
    }

    /// Makes one handshake with what ``TelephonyTLS`` offers, and closes the connection.
    ///
    /// - Parameter address: IP address or host name; no name is sent, as no phone sends one.
    /// - Throws: `CancellationError` only; everything that was seen is in the answer.
    public func look(
        at address: String, port: Int, timeouts: ContactTimeouts = ContactTimeouts()
    ) async throws -> TelephonySight {
        try Task.checkCancellation()
        do {
            let policy = TLSPolicy.everything
            let trust = TrustDemand(
                mode: .look, profiles: [], policy: policy, context: try contexts.context(for: policy),
                now: { Date() })
            let socket = try await AddressResolver(loops: loops).resolve(
                address, port: port, timeout: timeouts.connect)
            let plan = ContactPlan(subject: "\(address):\(port)", address: socket, trust: trust, timeouts: timeouts)
            let (handle, outcome) = await ConnectionHandle.open(plan, on: loops.next())
            handle.close()
            try Task.checkCancellation()
            return TelephonySight(
                chain: outcome.sight.chain, tlsVersion: outcome.sight.tlsVersion, fault: outcome.fault)
        } catch let fault as Fault {
            return TelephonySight(chain: [], tlsVersion: nil, fault: fault)
        }
    }
}
