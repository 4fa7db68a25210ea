import DeploymentModel
public import Foundation
import NIOCore
import TLSMaterial

/// Dials phones of the direct XML management interface.
///
/// A TLS target is authenticated within the handshake: when no profile accepts the chain, the handshake fails and
/// nothing else was sent. Nothing ever falls back from TLS to a plain connection.
public struct DirectDialer: PhoneDialer {
    private let loops: EventLoops
    private let contexts = TLSContexts()
    private let now: @Sendable () -> Date

    /// - Parameters:
    ///   - loops: the threads of the connections; must outlive the dialer and its sessions.
    ///   - now: the time at which certificates are judged.
    public init(loops: EventLoops, now: @escaping @Sendable () -> Date = { Date() }) {
        self.loops = loops
        self.now = now
    }

    public func session(with target: PhoneTarget) async throws -> any PhoneSession {
        try Task.checkCancellation()
        let address = try await AddressResolver(loops: loops).resolve(
            target.address, port: target.port, timeout: target.timeouts.connect)
        let plan = ContactPlan(
            subject: target.address, address: address, trust: try demand(for: target), timeouts: target.timeouts)
        let (connection, outcome) = await ConnectionHandle.open(plan, on: loops.next())
        if let fault = outcome.fault {
            try Task.checkCancellation()
            throw fault
        }
        return DirectSession(target: target, connection: connection, sight: outcome.sight)
    }

    private func demand(for target: PhoneTarget) throws -> TrustDemand? {
        guard case .tls(let profiles) = target.security else { return nil }
        guard !profiles.isEmpty else { throw Fault(.tlsNoProfile, subject: target.address) }
        let policy = TLSPolicy(for: profiles)
        return TrustDemand(
            mode: .authenticate, profiles: profiles, policy: policy, context: try contexts.context(for: policy),
            now: now)
    }
}
