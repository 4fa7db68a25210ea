import DeploymentModel

// Secure mode with a PIN, and what becomes of it and of the firmware.
extension WPIMachine {
    /// Somebody entered a PIN at the phone.
    ///
    /// - Returns: nil when the phone does not ask for one.
    mutating func entered(
        pin: String, _ phone: inout PhoneBehaviour, at now: Double
    ) -> [CallOrder]? {
        guard var wpi = phone.state.wpi, var sealed = wpi.sealed, let open = options.secureModeOpener else {
            return nil
        }
        let password = String(pin.dropLast(Self.tanLength))
        if pin.count > Self.tanLength, var mode = try? open(sealed.data, password) {
            mode.tan = String(pin.suffix(Self.tanLength))
            wpi.secure = mode
            wpi.sealed = nil
            phone.state.wpi = wpi
            enterSecureMode(of: phone)
            return [.save] + proceed(&phone, at: now)
        }
        sealed.tries += 1
        wpi.sealed = sealed.tries < sealed.mostTries ? sealed : nil
        phone.state.wpi = wpi
        guard wpi.sealed == nil else { return [.save] }
        want(WPICall(wish: .abort("password retries exceeded")))
        return [.save] + proceed(&phone, at: now)
    }

    /// What comes next goes to the secure port, also what was wanted while the phone was in default mode.
    ///
    /// - Parameter server: who gave the order, if not the usual server; it hears of the start first.
    mutating func enterSecureMode(of phone: PhoneBehaviour, from server: WPIEndpoint? = nil) {
        guard let secure = phone.state.wpi?.secure else { return }
        for position in calls.indices { calls[position] = WPICall(wish: calls[position].wish) }
        solicitedWhenIdle?.server = nil
        let place = server.map { WPIEndpoint(host: $0.host, port: secure.port) }
        want(WPICall(wish: .startUp, server: place, isFirst: place != nil))
    }

    /// Length of the part of a PIN that the phone keeps for `bootstrapping-tan`.
    static let tanLength = 3
}

extension PhoneBehaviour {
    /// A factory reset leaves nothing of WPI; where the server is, DHCP may say.
    ///
    /// The firmware stays.
    mutating func forgetWPI() {
        guard model.type.managementProtocol == .wpi else { return }
        state.wpi = WPIState(hasLostServer: true, software: state.wpi?.software)
    }

    /// Goes on with the item set of other firmware; values of items that it does not have are dropped.
    mutating func adopt(_ new: PhoneModel) {
        let items = changedItems
        model = new
        state.changed = ChangedItems()
        for item in items {
            guard case .success(let slot) = new.slot(of: item.key) else { continue }
            state.changed[slot] = item.value
        }
    }
}
