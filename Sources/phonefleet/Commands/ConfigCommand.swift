import ArgumentParser
import DeploymentModel
import DeploymentStore
import Foundation

/// `phonefleet config`: what phones shall have, by layer.
struct ConfigCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config", abstract: "Choose parameters for a type, the site, a group or one phone.",
        discussion: "A later layer wins: type, site, group, device. Only parameters that were chosen are sent.",
        subcommands: [
            ConfigShow.self, ConfigSet.self, ConfigUnset.self, ConfigCheck.self, ConfigPassword.self,
            ConfigServerCertificate.self,
        ],
        defaultSubcommand: ConfigShow.self)
}

/// The command `phonefleet config show`.
struct ConfigShow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show what was chosen; with a selection, what each device shall have.")
    @OptionGroup var selection: SelectionOptions
    @Flag(help: "Also say what each value overrides, and what does not apply to a device.") var explain =
        false
    @OptionGroup var global: GlobalOptions

    func run() async throws {
        let workspace = try Workspace.open(global)
        let selection = try selection.selection()
        guard !selection.isEmpty || explain else {
            return try SettingView.listing(try await workspace.store.settings()).write(as: global.format)
        }
        let devices = try await workspace.devices(selection.isEmpty ? DeviceSelection(all: true) : selection)
        try await EffectiveView.listing(devices, in: workspace, explain: explain).write(as: global.format)
    }
}

/// The command `phonefleet config set`.
struct ConfigSet: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "set", abstract: "Choose values: ITEM=VALUE ...",
        discussion: """
            Nothing is sent; 'phonefleet deploy' does that. A secret is given as a reference (ITEM=env:NAME or \
            ITEM=file:PATH) or without a value: then it is asked for at the terminal, or read from standard input, \
            and sealed in the database. 'phonefleet types show TYPE' lists the items.

            Example: phonefleet config set --site sntp-addr=10.0.0.1
            """)
    @OptionGroup var layer: LayerOptions
    @Argument(help: ArgumentHelp("What to set; ITEM[3]=VALUE for an instance.", valueName: "item=value"))
    var assignments: [String]
    @OptionGroup var global: GlobalOptions

    func run() async throws {
        let workspace = try Workspace.open(global)
        let layer = try await layer.layer(in: workspace) ?? .site
        let editor = SettingsEditor(workspace: workspace, layer: layer)
        let settings = try await editor.settings(assignments)
        try await workspace.store.changeSettings(set: settings)
        for setting in settings { global.say("\(layer): \(setting.key) = \(SettingView(setting).value)") }
    }
}

/// The command `phonefleet config unset`.
struct ConfigUnset: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "unset", abstract: "Remove chosen values; the phones keep what they have.")
    @OptionGroup var layer: LayerOptions
    @Argument(help: ArgumentHelp("Item names; ITEM[3] for an instance.", valueName: "item")) var items: [String]
    @OptionGroup var global: GlobalOptions

    func run() async throws {
        let workspace = try Workspace.open(global)
        let layer = try await layer.layer(in: workspace) ?? .site
        let editor = SettingsEditor(workspace: workspace, layer: layer)
        var keys: [(layer: SettingLayer, key: ItemKey)] = []
        for text in items { keys.append((layer, try await editor.key(text))) }
        try await workspace.store.changeSettings(unset: keys)
        global.say("\(layer): unset \(Words.count(keys.count, "parameter"))")
    }
}

/// The command `phonefleet config check`.
struct ConfigCheck: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Check all settings against the catalogue's rules.")
    @OptionGroup var global: GlobalOptions

    func run() async throws {
        let workspace = try Workspace.open(global)
        let book = try await workspace.settingsBook()
        var faults = book.check(against: workspace.catalogue)
        let groups = try await workspace.groupsByDevice()
        for device in try await workspace.store.devices() {
            guard let type = device.type.flatMap({ workspace.catalogue[$0] }) else { continue }
            faults += book.resolve(for: device, type: type, groups: groups[device.id] ?? []).faults
        }
        faults += NumberSeries.conflicts(in: try await workspace.store.devices())
        var seen: Set<Fault> = []
        faults = faults.filter { seen.insert($0).inserted }
        guard faults.isEmpty else { throw FaultList(faults) }
        global.say("\(Words.count(book.count, "setting")) checked, nothing wrong")
    }
}

/// The command `phonefleet config password`.
struct ConfigPassword: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "password", abstract: "Store the administrator password that the phones have now, sealed.",
        discussion: """
            It is asked for at the terminal, or read from standard input or a file. The most specific stored \
            password counts: device, group, site, type. This command sends nothing; to give the phones another \
            password, set the parameter admin-pwd and deploy.
            """)
    @OptionGroup var layer: LayerOptions
    @Option(help: ArgumentHelp("Read it from the first line of a file; '-' for standard input.", valueName: "file"))
    var passwordFile: String?
    @Flag(help: "Forget the stored password.") var remove = false
    @OptionGroup var global: GlobalOptions

    func run() async throws {
        let workspace = try Workspace.open(global)
        let layer = try await layer.layer(in: workspace) ?? .site
        let name = StoredPassword.name(for: layer)
        guard !remove else {
            try await workspace.store.removeSecret(name)
            return global.say("\(layer): the stored password was forgotten")
        }
        let password = try SecretInput.read("Administrator password of the phones (\(layer))", file: passwordFile)
        try await workspace.store.seal(password, as: name)
        global.say("\(layer): the administrator password is stored, sealed")
    }
}
