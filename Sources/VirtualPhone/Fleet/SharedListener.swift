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
        var bound: [Int: Int] = [:]
        let first = live[0].address.value
        do {
            for port in Set(ports).sorted() {
                let members = zip(live, ports).map { $1 == port ? $0 : nil }
                let listener = try await PhoneListener.bind(
                    try SocketAddress(ipAddress: "0.0.0.0", port: port), loop: context.group.next(),
                    children: context.group
                ) { channel in
                    guard let phone = phone(of: channel, among: members, first: first) else {
                        return channel.drop(resets: true)
                    }
                    try phone.serve(channel)
                }.get()
                listeners.append(listener)
                bound[port] = listener.localAddress?.port ?? port
            }
        } catch {
            for listener in listeners { try? await listener.close() }
            throw Fault.listener("0.0.0.0", Set(ports).sorted()[listeners.count], error)
        }
        for (phone, port) in zip(live, ports) { phone.with { core in core.port = bound[port] ?? port } }
        return (listeners, live.map(\.port))
    }

    private static func phone(
        of channel: any Channel, among members: [LivePhone?], first: UInt32
    ) -> LivePhone? {
        guard case .v4(let local)? = channel.localAddress else { return nil }
        let address = UInt32(bigEndian: local.address.sin_addr.s_addr)
        guard address >= first, address - first < UInt32(members.count) else { return nil }
        return members[Int(address - first)]
    }
}
