import DeploymentModel

/// At which servers virtual phones may register.
public enum TelephonyScope: String, Hashable, Sendable, CaseIterable {
    /// Nowhere.
    case off
    /// At servers of this machine only (127.0.0.0/8 and `localhost`), so that a rehearsal with the values of a real site
    /// never reaches its telephony server.
    case loopback
    /// Wherever the phones are told to.
    case anywhere
}

/// What a phone's items ask of its telephony client.
enum TelephonyNeed: Hashable, Sendable {
    /// Nothing to register at; the reason, if something was set all the same.
    case nothing(String?)
    case account(SIPAccount)
}

extension TelephonyNeed {
    /// - Parameter address: the phone's own.
    init(_ phone: PhoneBehaviour, address: IPv4Address, scope: TelephonyScope) {
        guard scope != .off else {
            self = .nothing(nil)
            return
        }
        do throws(Obstacle) {
            self = try Self.account(of: phone, address: address, scope: scope).map(Self.account) ?? .nothing(nil)
        } catch {
            self = .nothing(error.reason)
        }
    }

    private struct Obstacle: Error {
        var reason: String
    }

    private static func account(
        of phone: PhoneBehaviour, address: IPv4Address, scope: TelephonyScope
    ) throws(Obstacle) -> SIPAccount? {
        let items = TelephonyItems(phone: phone)
        let servers = TelephonyServer.all(of: phone.model.type) { items[$0] }
        guard let registrar = servers.first(where: { $0.roles.contains(.registrar) }) else {
            if let obstacle = obstacle(items, servers) { throw Obstacle(reason: obstacle) }
            return nil
        }
        guard scope == .anywhere || isLoopback(registrar.address) else {
            throw Obstacle(reason: "virtual phones of this fleet register at servers of their own machine only")
        }
        let user = items.user
        guard !user.isEmpty else { throw Obstacle(reason: "the phone has no terminal number") }
        let authenticationUser = items[TelephonyItem.user] ?? user
        guard (user + authenticationUser).utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else {
            throw Obstacle(reason: "a user name holds a control character")
        }
        let timer = items.number(TelephonyItem.registrationTimer) ?? 3600
        return SIPAccount(
            host: registrar.address, port: registrar.port, user: user, authenticationUser: authenticationUser,
            password: SecretText(items[TelephonyItem.password] ?? ""), realm: items[TelephonyItem.realm],
            expires: timer > 0 ? UInt32(clamping: timer + 60) : nil,
            backOff: Double(max(1, items.number(TelephonyItem.backOffTimer) ?? 60)),
            patience: Double(max(500, items.number(TelephonyItem.transactionTimer) ?? 32_000)) / 1000,
            ownHost: address.description, ownPort: items.number(TelephonyItem.ownPort) ?? 5060,
            userAgent: userAgent(phone))
    }

    /// What is set and yet leads to no registration.
    private static func obstacle(_ items: TelephonyItems, _ servers: [TelephonyServer]) -> String? {
        if servers.contains(where: { $0.roles.contains(.telephoneSystem) }) || items[TelephonyItem.systemAddress] != nil
        {
            return "a virtual phone does not speak HFA"
        }
        if items[TelephonyItem.gatekeeperAddress] != nil { return "a virtual phone does not speak H.323" }
        guard items[TelephonyItem.registrarAddress] ?? items[TelephonyItem.serverAddress] != nil else { return nil }
        return "a virtual phone registers over TLS only, and the transport is another"
    }

    private static func isLoopback(_ host: String) -> Bool {
        if let address = IPv4Address(host) { return address.value >> 24 == 127 }
        return host.lowercased() == "localhost"
    }

    private static func userAgent(_ phone: PhoneBehaviour) -> String {
        let text = "\(phone.model.type.name)/\(phone.model.software.text)"
        return String(decoding: text.utf8.filter { $0 >= 0x20 && $0 < 0x7F }, as: UTF8.self)
    }
}

/// The values of a phone's telephony items; nil = empty or not there.
private struct TelephonyItems {
    let phone: PhoneBehaviour

    subscript(item: String) -> String? {
        phone.value(of: ItemKey(item)).flatMap { $0.isEmpty ? nil : $0 }
    }

    func number(_ item: String) -> Int? { self[item].flatMap { Int($0) } }

    /// The SIP name where the phone registers by it, else the terminal number, else the user.
    var user: String {
        if self[TelephonyItem.registersByName] == "true", let name = self[TelephonyItem.name] { return name }
        return self[WellKnownItem.terminalNumber] ?? self[TelephonyItem.user] ?? ""
    }
}
