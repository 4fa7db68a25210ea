import ArgumentParser
import DeploymentEngine
import DeploymentModel
import DeploymentStore
import Foundation

/// A plan that is complete, and the secrets that it names.
struct PreparedRun {
    var plan: TransferPlan
    /// By the names under which the plan refers to them (`sealed:run/NAME`).
    var secrets: [String: SecretText]
    /// The administrator password that was given for this run; nil = what is stored.
    var password: SecretText?
}

/// Gathers from the database what a plan needs, and makes the plan.
struct RunPreparation {
    var workspace: Workspace
    /// The administrator password that was given for this command; nil = what is stored.
    var password: SecretText?

    /// Throws a ``FaultList`` with everything that stands in the way; nothing is sent.
    ///
    /// - Parameter files: what the run is about instead of the settings; nil for the settings, or for an order alone.
    func prepare(
        mode: RunMode, devices: [Device], options: TransferOptions, files: FileWork? = nil
    ) async throws -> PreparedRun {
        var secrets = files?.secrets ?? [:]
        let takesSettings = files == nil && !mode.isOrder
        let book = takesSettings ? try await sealedBook(for: devices, &secrets) : SettingsBook([])
        let groups = try await workspace.store.groups()
        let passwords = try await passwords(for: devices, &secrets)
        let accepted = try await accepted(devices: devices, book: book, groups: groups, secrets: secrets)
        let made = files?.newProfiles ?? []
        let names = Set(made.map(\.name))
        let profiles = try await workspace.store.trustRecords().filter { !names.contains($0.name) }
        var request = PlanRequest(
            mode: mode, createdAt: Date(), devices: devices, deviceList: try await workspace.store.devices(),
            groups: groups, catalogue: workspace.catalogue, settings: book,
            trust: .init(profiles: profiles + made, bindings: try await workspace.store.trustBindings()),
            secrets: .init(passwords: passwords, accepted: accepted), options: options,
            protocols: Set(ManagementProtocol.allCases), files: files?.files ?? [:],
            takesSettings: takesSettings)
        let untyped = devices.filter { $0.type == nil }.map(\.id)
        if !untyped.isEmpty { request.calling = Set(try await workspace.store.calls(of: untyped).map(\.device)) }
        let plan = try Planner.plan(request)
        let faults = try await FileCheck.faults(of: plan, secrets: secrets, at: request.createdAt)
        guard faults.isEmpty else { throw FaultList(faults) }
        return PreparedRun(plan: plan, secrets: secrets, password: password)
    }

    /// The settings with every secret replaced by an entry of the run, so that the run has what was true when it began.
    ///
    /// Secrets that bear on none of the devices are left alone: a reference that cannot be resolved here concerns others.
    private func sealedBook(for devices: [Device], _ secrets: inout [String: SecretText]) async throws -> SettingsBook {
        let resolver = ReferenceResolver(store: workspace.store)
        let groups = try await workspace.groupsByDevice()
        var layers: Set<SettingLayer> = [.site]
        for device in devices {
            layers.insert(.device(device.id))
            if let type = device.type { layers.insert(.type(type)) }
            for group in groups[device.id] ?? [] { layers.insert(.group(group)) }
        }
        var settings = try await workspace.store.settings()
        for index in settings.indices where layers.contains(settings[index].layer) {
            guard case .secret(let reference) = settings[index].value else { continue }
            let name = "setting-\(index)"
            secrets[name] = try await resolver.reveal(reference)
            settings[index].value = .secret(.sealed("run/\(name)"))
        }
        return SettingsBook(settings)
    }

    /// The password of each device: given for the command, else stored for device, group, site or type.
    private func passwords(
        for devices: [Device], _ secrets: inout [String: SecretText]
    ) async throws -> [DeviceID: SecretReference] {
        if let password {
            secrets["password"] = password
            return Dictionary(uniqueKeysWithValues: devices.map { ($0.id, .sealed("run/password")) })
        }
        let stored = Set(try await workspace.store.secretNames())
        let groups = try await workspace.groupsByDevice()
        var result: [DeviceID: SecretReference] = [:]
        var names: [String: String] = [:]
        for device in devices {
            let layers: [SettingLayer] =
                [.device(device.id)] + (groups[device.id] ?? []).sorted().map(SettingLayer.group) + [.site]
                + (device.type.map { [.type($0)] } ?? [])
            guard let name = layers.lazy.map(StoredPassword.name).first(where: stored.contains) else { continue }
            if names[name] == nil {
                let entry = "password-\(names.count)"
                secrets[entry] = try await workspace.store.reveal(.sealed(name))
                names[name] = entry
            }
            if let entry = names[name] { result[device.id] = .sealed("run/\(entry)") }
        }
        return result
    }

    /// Secrets that the phones are known to have taken already, which are not sent again.
    private func accepted(
        devices: [Device], book: SettingsBook, groups: [DeviceGroup], secrets: [String: SecretText]
    ) async throws -> [DeviceID: [ItemKey: SecretReference]] {
        let known = try await workspace.store.acceptedSecrets()
        let memberships = try await workspace.groupsByDevice()
        guard !secrets.isEmpty else { return [:] }
        var result: [DeviceID: [ItemKey: SecretReference]] = [:]
        for device in devices {
            guard let type = device.type.flatMap({ workspace.catalogue[$0] }) else { continue }
            for setting in book.resolve(for: device, type: type, groups: memberships[device.id] ?? []).settings {
                guard case .secret(let reference) = setting.value, case .sealed(let name) = reference,
                    let secret = secrets[String(name.dropFirst("run/".count))],
                    known.contains(secret, for: setting.key, on: device.id)
                else { continue }
                result[device.id, default: [:]][setting.key] = reference
            }
        }
        return result
    }
}

/// Where the administrator password of a command comes from, other than the database.
struct PasswordOptions: ParsableArguments {
    @Option(
        name: .long,
        help: ArgumentHelp(
            "Read the phones' administrator password from the first line of a file ('-' for standard input).",
            valueName: "file"))
    var passwordFile: String?

    @Flag(name: .long, help: "Ask for the phones' administrator password at the terminal.")
    var askPassword = false

    /// The password given for this command: file, terminal, or the environment variable PHONEFLEET_PASSWORD; nil for the stored one.
    func password() throws(Fault) -> SecretText? {
        if let passwordFile { return try SecretInput.firstLine(of: passwordFile) }
        if askPassword { return try SecretInput.read("Administrator password of the phones", file: nil) }
        let environment = ProcessInfo.processInfo.environment["PHONEFLEET_PASSWORD"] ?? ""
        return environment.isEmpty ? nil : SecretText(environment)
    }
}
