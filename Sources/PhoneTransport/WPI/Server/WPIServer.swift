public import DeploymentModel
public import Foundation
import NIOCore
import NIOPosix
import NIOSSL
import TLSMaterial

/// Which of its ports a connection of the server end came to.
enum ServicePort: Sendable {
    case usual
    /// Where phones present a client certificate.
    case secure
    /// Where phones ask over plain HTTP whether something waits for them.
    case poll
}

/// The server end of the WorkPoint Interface: listens for phones that call, and holds their conversations.
///
/// A phone that calls is noted, then handed to the dialler that waits for it (``WPIDialer``), else to the
/// receiver of calls. What phones that misbehave bring about is bounded (``WPILimits``), counted (``counts``) and told once
/// for each cause; it never touches other phones.
public final class WPIServer: Sendable {
    /// Where the server listens for phones in default mode; where it does not, the port for those in secure mode.
    public let port: Int
    public let securePort: Int?
    public let pollPort: Int?
    /// The address given, if phones can be told to call it; nil when the server listens on all of the machine.
    let address: String?
    let board: WPISwitchboard
    let loops: EventLoops
    private let listeners: [any Channel]
    private let door: WPIDoor

    /// Begins to listen.
    ///
    /// - Parameters:
    ///   - receiver: hears of every call, many at one time.
    ///   - loops: the threads of the connections; must outlive the server.
    ///   - now: the time at which certificates are judged.
    ///   - report: told the first of each kind of defect; must not block.
    /// - Throws: ``Fault`` `net.local` when a port can not be had, `tls.failed` when the key material is of no use.
    public static func start(
        _ configuration: WPIServerConfiguration, receiver: any CallReceiver, loops: EventLoops,
        now: @escaping @Sendable () -> Date = { Date() },
        report: @escaping @Sendable (WPIDefect, Fault) -> Void = { _, _ in }
    ) async throws -> WPIServer {
        let board = WPISwitchboard(
            configuration, receiver: receiver, loops: loops, counter: WPICounter(report: report), now: now)
        let door = try WPIDoor(configuration, board: board, loops: loops, now: now)
        var listeners: [any Channel] = []
        do {
            for (service, port) in configuration.services {
                listeners.append(try await door.listen(service, on: configuration.address, port: port))
            }
        } catch {
            for listener in listeners { try? await listener.close() }
            throw error
        }
        return WPIServer(configuration, listeners, door: door, board: board, loops: loops)
    }

    private init(
        _ configuration: WPIServerConfiguration, _ listeners: [any Channel], door: WPIDoor, board: WPISwitchboard,
        loops: EventLoops
    ) {
        func port(of service: ServicePort) -> Int? {
            zip(configuration.services, listeners).first { $0.0.0 == service }?.1.localAddress?.port
        }
        securePort = port(of: .secure)
        self.port = port(of: .usual) ?? securePort ?? 0
        pollPort = port(of: .poll)
        let isOfAll = ["0.0.0.0", "::", ""].contains(configuration.address)
        address = isOfAll ? nil : configuration.address
        self.listeners = listeners
        self.door = door
        self.board = board
        self.loops = loops
    }

    /// What was counted so far.
    public var counts: WPICounts {
        var counts = board.counter.value
        let sizes = board.table.sizes
        (counts.openSessions, counts.mostSessions, counts.queued) = (sizes.open, sizes.most, sizes.queued)
        return counts
    }

    /// Stops listening, ends every conversation with a clean-up and waits until the receiver has let go of its own.
    ///
    /// Afterwards nothing of the server is under way on the threads any more, and they may be ended. A session that
    /// somebody still holds answers everything with `net.closed`.
    public func stop() async {
        for listener in listeners { try? await listener.close() }
        // Connections that were let in before are now at the door.
        await loops.settle()
        await board.stop()
        await loops.settle()
        await door.closeAll()
        await loops.settle()
    }
}

extension WPIServerConfiguration {
    fileprivate var services: [(ServicePort, Int)] {
        var services: [(ServicePort, Int)] = []
        if let port { services.append((.usual, port)) }
        if let securePort { services.append((.secure, securePort)) }
        if let pollPort { services.append((.poll, pollPort)) }
        return services
    }
}
