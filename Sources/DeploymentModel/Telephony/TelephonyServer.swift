/// A telephony server that a phone is set to use, as far as its certificate matters to the phone.
public struct TelephonyServer: Hashable, Sendable {
    /// What the phone uses it for.
    public enum Role: String, Hashable, Sendable, CaseIterable {
        case registrar
        case sipServer = "SIP server"
        case gateway
        case telephoneSystem = "telephone system"
    }

    /// How sure it is that the phone speaks TLS with the server.
    public enum Security: Hashable, Sendable {
        /// The phone's settings say so.
        case tls
        /// The type has no parameter that says so (HFA); the port is the only hint.
        ///
        /// A server that turns out not to speak TLS is none that trusted certificates could shut out.
        case unsaid
    }

    public var roles: [Role]
    /// IP address or host name.
    public var address: String
    public var port: Int
    public var security: Security

    public init(roles: [Role], address: String, port: Int, security: Security) {
        self.roles = roles
        self.address = address
        self.port = port
        self.security = security
    }

    /// `address:port`.
    public var description: String { "\(address):\(port)" }
}

extension TelephonyServer: CustomStringConvertible {}

extension TelephonyServer {
    /// The telephony servers that a phone may authenticate by its trusted certificates: each address and port once, in
    /// the order of ``Role``.
    ///
    /// A SIP phone has some while its transport is TLS: registrar, SIP server, and the gateway while calls are routed
    /// through it. Without an address of its own the registrar is the SIP server. A type without a choice of transport
    /// that takes trusted certificates has its telephone system, with ``Security/unsaid``. Every other phone has none,
    /// so a trusted certificates file changes nothing for it.
    ///
    /// - Parameter value: the value of an item as the phone has it or shall have it; nil or empty = not set, and the
    ///   catalogue's default counts.
    public static func all(of type: PhoneType, value: (String) -> String?) -> [TelephonyServer] {
        /// The value of an item with the catalogue's default behind it.
        func set(_ item: String) -> String? {
            if let said = value(item), !said.isEmpty { return said }
            return type.parameter(item: item)?.defaultValue
        }
        func server(_ role: Role, _ address: String, _ port: String, _ security: Security = .tls) -> [TelephonyServer] {
            guard let address = set(address), !address.isEmpty, let port = set(port).flatMap({ Int($0) }),
                (1...65_535).contains(port)
            else { return [] }
            return [TelephonyServer(roles: [role], address: address, port: port, security: security)]
        }
        guard type.parameter(item: TelephonyItem.transport) != nil else {
            guard type.fileKinds.contains(.clientTrustedCertificates) else { return [] }
            return server(.telephoneSystem, TelephonyItem.systemAddress, TelephonyItem.systemPort, .unsaid)
        }
        guard set(TelephonyItem.transport) == SIPTransport.tls.rawValue else { return [] }
        let sipServer = server(.sipServer, TelephonyItem.serverAddress, TelephonyItem.serverPort)
        var servers = server(.registrar, TelephonyItem.registrarAddress, TelephonyItem.registrarPort)
        if servers.isEmpty { servers = server(.registrar, TelephonyItem.serverAddress, TelephonyItem.serverPort) }
        servers += sipServer
        if set(TelephonyItem.routing) == "1" {
            servers += server(.gateway, TelephonyItem.gatewayAddress, TelephonyItem.gatewayPort)
        }
        return merged(servers)
    }

    /// The same for a phone that is going to be configured: what is wanted of it goes before what it has.
    ///
    /// - Parameters:
    ///   - settings: what the phone shall have.
    ///   - present: the value of an item as it was read from the phone; nil where that is not known.
    public static func all(
        of type: PhoneType, settings: [EffectiveSetting], present: (String) -> String? = { _ in nil }
    ) -> [TelephonyServer] {
        all(of: type) { item in
            guard case .plain(let wanted)? = settings.first(where: { $0.key == ItemKey(item) })?.value else {
                return present(item)
            }
            return wanted
        }
    }

    private static func merged(_ servers: [TelephonyServer]) -> [TelephonyServer] {
        var merged: [TelephonyServer] = []
        for server in servers {
            if let same = merged.firstIndex(where: { $0.address == server.address && $0.port == server.port }) {
                merged[same].roles += server.roles
            } else {
                merged.append(server)
            }
        }
        return merged
    }
}
