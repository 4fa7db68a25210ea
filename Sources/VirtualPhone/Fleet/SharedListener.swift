import DeploymentModel
import Foundation
import NIOCore
import NIOPosix

/// One listener for many phones: it takes connections to every address and finds the phone by the local one.
enum SharedListener {
    /// Opens a listener for each port.
    ///
    /// Returns the listeners and the port of each phone.
    static func open(
        _ live: [LivePhone], ports: [Int], context: FleetContext
    ) async throws -> ([any Channel], [Int]) {
        var listeners: [any Channel] = []
        var bound: [Entrance: Int] = [:]
        let webPort = context.wpi.options.webPort
        let entrances = Entrance.all(live, ports: ports, webPort: webPort)
        let first = live[0].address.value
        do {
            for entrance in entrances {
                let members = zip(live, ports).map { entrance.member($0, port: $1, webPort: webPort) }
                let listener = try await PhoneListener.bind(
                    try SocketAddress(ipAddress: "0.0.0.0", port: entrance.port), loop: context.group.next(),
                    children: context.group
                ) { channel in
                    guard let (phone, door) = member(of: channel, among: members, first: first) else {
                        return channel.drop(resets: true)
                    }
                    try phone.serve(channel, at: door)
                }.get()
                listeners.append(listener)
                bound[entrance] = listener.localAddress?.port ?? entrance.port
            }
        } catch {
            for listener in listeners { try? await listener.close() }
            throw Fault.listener("0.0.0.0", entrances[listeners.count].port, error)
        }
        for (phone, port) in zip(live, ports) {
            let web = webPort.flatMap { phone.speaksWPI ? bound[Entrance($0, .web)] : nil }
            phone.with { core in
                core.port = bound[Entrance(port, .management)] ?? port
                core.webPort = web
            }
        }
        return (listeners, live.map(\.port))
    }

    private static func member(
        of channel: any Channel, among members: [Entrance.Member?], first: UInt32
    ) -> Entrance.Member? {
        guard case .v4(let local)? = channel.localAddress else { return nil }
        let address = UInt32(bigEndian: local.address.sin_addr.s_addr)
        guard address >= first, address - first < UInt32(members.count) else { return nil }
        return members[Int(address - first)]
    }
}

/// A port at which phones of a fleet are reached.
///
/// One and the same port may be the management port of some and the web port of others; among free ports each purpose
/// has its own.
private struct Entrance: Hashable {
    typealias Member = (phone: LivePhone, door: PhoneDoor)

    let port: Int
    private let door: PhoneDoor?

    init(_ port: Int, _ door: PhoneDoor) {
        self.port = port
        self.door = port == 0 ? door : nil
    }

    static func all(_ live: [LivePhone], ports: [Int], webPort: Int?) -> [Entrance] {
        var all = Set(ports.map { Entrance($0, .management) })
        if let webPort, live.contains(where: \.speaksWPI) { all.insert(Entrance(webPort, .web)) }
        return all.sorted { ($0.port, $0.door == .web ? 1 : 0) < ($1.port, $1.door == .web ? 1 : 0) }
    }

    /// The phone as who comes in here meets it; nil when this is no entrance of the phone.
    func member(_ phone: LivePhone, port: Int, webPort: Int?) -> Member? {
        if self == Entrance(port, .management) { return (phone, .management) }
        guard let webPort, phone.speaksWPI, self == Entrance(webPort, .web) else { return nil }
        return (phone, .web)
    }
}
