import DeploymentModel
import NIOCore
import NIOPosix

/// Connects to a server from a phone's own address, if that can reach it.
enum Dial {
    /// - Parameter setUp: called on the loop with the channel, before it is connected.
    static func connect(
        to host: String, port: Int, from ownAddress: String, on loop: any EventLoop, timeout: TimeAmount,
        setUp: @escaping @Sendable (any Channel) throws -> Void
    ) -> EventLoopFuture<any Channel> {
        let bootstrap = ClientBootstrap(group: loop)
            .connectTimeout(timeout)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try setUp(channel) }
            }
        guard let server = try? SocketAddress(ipAddress: host, port: port) else {
            return bootstrap.connect(host: host, port: port)
        }
        let isNear = IPv4Address(host).map { $0.value >> 24 == 127 } ?? false
        // A loopback address reaches nothing but this machine.
        if isNear == ownAddress.hasPrefix("127."), let own = try? SocketAddress(ipAddress: ownAddress, port: 0) {
            return bootstrap.bind(to: own).connect(to: server)
        }
        return bootstrap.connect(to: server)
    }
}
