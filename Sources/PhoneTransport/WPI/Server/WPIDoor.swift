import DeploymentModel
import Foundation
import NIOCore
import NIOPosix
import NIOSSL
import Synchronization
import TLSMaterial

/// Lets connections in: sets each up for the port that it came to, and turns away those that are too many.
final class WPIDoor: Sendable {
    private let board: WPISwitchboard
    private let usual: NIOSSLContext
    private let secure: NIOSSLContext?
    private let policy: TLSPolicy
    private let now: @Sendable () -> Date
    private let loops: EventLoops
    private let silent: [ObjectIdentifier: NIOLoopBoundBox<SilentConnections>]
    private let open = Mutex<[ObjectIdentifier: any Channel]>([:])
    private static let backlog: Int32 = 8192

    init(
        _ configuration: WPIServerConfiguration, board: WPISwitchboard, loops: EventLoops,
        now: @escaping @Sendable () -> Date
    ) throws(Fault) {
        self.board = board
        self.loops = loops
        self.now = now
        policy = TLSPolicy(minimum: configuration.minimumTLS, allowsLegacy: configuration.allowsLegacy)
        do {
            usual = try NIOSSLContext(
                configuration: policy.serverConfiguration(configuration.material, asksForCertificate: false))
            secure =
                configuration.securePort == nil
                ? nil
                : try NIOSSLContext(
                    configuration: policy.serverConfiguration(configuration.material, asksForCertificate: true))
        } catch {
            throw Fault(.tlsFailed, detail: "the server's key material can not be used")
        }
        let held = HeldBytes()
        var silent: [ObjectIdentifier: NIOLoopBoundBox<SilentConnections>] = [:]
        for loop in loops.group.makeIterator() {
            silent[ObjectIdentifier(loop)] = .makeBoxSendingValue(SilentConnections(held: held), eventLoop: loop)
        }
        self.silent = silent
    }

    /// - Throws: ``Fault`` `net.local` or `input.value`.
    func listen(_ service: ServicePort, on address: String, port: Int) async throws(Fault) -> any Channel {
        do {
            return try await ServerBootstrap(group: loops.group)
                .serverChannelOption(.backlog, value: Self.backlog)
                .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
                .serverChannelOption(.maxMessagesPerRead, value: 64)
                .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
                .childChannelOption(.allowRemoteHalfClosure, value: false)
                .childChannelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture { try self.admit(channel, to: service) }
                }
                .bind(to: try SocketAddress(ipAddress: address, port: port)).get()
        } catch let error as SocketAddressError {
            throw Fault(.inputValue, subject: address, detail: "expects an IP address (\(error))")
        } catch {
            var fault = NetworkFault.fault(for: error, subject: "\(address):\(port)")
            if fault.code != .netLocal { fault = Fault(.netLocal, subject: fault.subject, detail: fault.detail) }
            throw fault
        }
    }

    /// Closes every connection and waits until all are closed.
    func closeAll() async {
        let channels = open.withLock { Array($0.values) }
        for channel in channels { channel.close(promise: nil) }
        for channel in channels { try? await channel.closeFuture.get() }
    }

    private func admit(_ channel: any Channel, to service: ServicePort) throws {
        guard let silent = silent[ObjectIdentifier(channel.eventLoop)]?.value else {
            channel.close(promise: nil)
            return
        }
        if open.withLock({ $0.count }) >= board.limits.connections, !silent.makeRoom() {
            board.counter.note(
                .overload, from: channel.remoteAddress?.ipAddress ?? "", .netLocal, "too many connections")
            channel.close(promise: nil)
            return
        }
        open.withLock { $0[ObjectIdentifier(channel)] = channel }
        channel.closeFuture.assumeIsolated().whenComplete { [self] _ in
            open.withLock { $0[ObjectIdentifier(channel)] = nil }
        }
        let pipeline = channel.pipeline.syncOperations
        let security = try addTLS(for: service, pipeline)
        try pipeline.addHandler(WPIConnection(service, board: board, security: security, silent: silent))
    }

    /// The judge keeps the chain; which profiles it is judged by is known only when the phone says who it is.
    private func addTLS(
        for service: ServicePort, _ pipeline: ChannelPipeline.SynchronousOperations
    ) throws -> ConnectionSecurity {
        var security = ConnectionSecurity(isSound: !policy.allowsLegacy)
        switch (service, secure) {
        case (.poll, _): return security
        case (.secure, let secure?):
            let demand = TrustDemand(
                mode: .look, profiles: [], policy: policy, context: secure, now: now, role: .client)
            let judge = PeerJudge(demand: demand)
            security.judge = judge
            let tls = NIOSSLServerHandler(context: secure) { chain, promise in
                promise.succeed(judge.judge(chain, version: nil))
            }
            security.tls = tls
            try pipeline.addHandler(tls)
        case (.usual, _), (.secure, nil):
            let tls = NIOSSLServerHandler(context: usual)
            security.tls = tls
            try pipeline.addHandler(tls)
        }
        return security
    }
}

/// What a connection can say of its TLS once the handshake is done.
struct ConnectionSecurity {
    var tls: NIOSSLServerHandler?
    var judge: PeerJudge?
    /// Whether no weak cipher suite was offered.
    var isSound: Bool

    var sight: PeerSight {
        var sight = judge?.sight ?? PeerSight()
        sight.tlsVersion = tls?.tlsVersion.map { TrustProfile.MinimumTLS($0).rawValue }
        sight.isSuiteSound = isSound
        return sight
    }
}
