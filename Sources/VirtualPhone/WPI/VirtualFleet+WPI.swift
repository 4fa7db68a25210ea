public import DeploymentModel
import ManagementXML
import NIOCore

extension VirtualFleet {
    /// Changes a value as a user at the phone does: what the phone takes is reported as a local change a little later.
    ///
    /// - Returns: whether the phone took it; false also for a phone that does not speak WPI.
    public func changeLocally(_ key: ItemKey, to value: String, at address: String) -> Bool {
        guard let phone = phone(at: address), phone.speaksWPI else { return false }
        return phone.change([(key.description, value)]).isEmpty
    }

    /// Attaches or removes modules; the phone reports it.
    ///
    /// - Parameter item: `key-modules`, `blf-modules`, `slk-modules` or `km15-modules`.
    public func setModules(_ item: String, to count: Int, at address: String) async throws {
        guard WPIItem.modules.contains(item), let phone = phone(at: address) else { return }
        _ = try await phone.tell { machine, phone, now in
            phone.state.keptWPI.modules[item] = count
            return machine.inventoryChanged(&phone, at: now)
        }?.get()
    }

    /// Enters a PIN at a phone that was given sealed secure mode.
    ///
    /// - Returns: whether the phone asked for one.
    public func enterPIN(_ pin: String, at address: String) async throws -> Bool {
        try await phone(at: address)?.tell { machine, phone, now in
            machine.entered(pin: pin, &phone, at: now)
        }?.get() ?? false
    }
}

extension VirtualPhoneState {
    /// Whether the phone meets its server in secure mode.
    public var isSecure: Bool { behaviour.state.wpi?.secure != nil }
    /// The files that the phone fetched, oldest first.
    public var fetchedFiles: [FetchedFile] { behaviour.state.wpi?.files ?? [] }
    /// What the phone runs.
    public var software: SoftwareVersion { behaviour.model.software }
}
