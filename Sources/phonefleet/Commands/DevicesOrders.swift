import ArgumentParser
import DeploymentModel
import DeploymentStore

/// The command `phonefleet devices restart`.
struct DevicesRestart: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restart", abstract: "Restart phones, each once, and prove that they did.",
        discussion: """
            The proof is the phone's own boot counter, or the start that a phone reports which calls (WPI). No phone is \
            restarted twice, also not by 'phonefleet runs resume' after an interruption. Phones in a call are not \
            restarted; --wait-for-absent waits for them.
            """)
    @OptionGroup var selection: SelectionOptions
    @OptionGroup var options: FileRunOptions
    @OptionGroup var global: GlobalOptions

    func validate() throws { try options.checkOrder() }

    func run() async throws {
        let workspace = try Workspace.open(global)
        let devices = try await workspace.someDevices(try selection.selection())
        try await FileRun(workspace: workspace, options: options, global: global).carryOut(
            FileWork(), on: devices, as: .restart, question: "Restart \(Words.count(devices.count, "phone"))")
    }
}

/// The command `phonefleet devices factory-reset`.
struct DevicesFactoryReset: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "factory-reset", abstract: "Reset phones to their factory settings.",
        discussion: """
            A phone forgets everything that it was given: settings, password, key material, and perhaps where this tool \
            is. It is proven to have started again, and that its terminal number is gone where it had one; a warning says \
            where there was nothing to be seen. The device list keeps what the phone shall have, and believes nothing \
            any more of what it has: give its password again, or with --password-file. A phone in secure mode is in \
            default mode afterwards, in which nobody authenticates it.

            A phone with TLS shows its built-in key material afterwards, which is authenticated by the trust profile that \
            applies without one of its own; name it with --trust where another one is meant.
            """)
    @OptionGroup var selection: SelectionOptions
    @OptionGroup var builtIn: BuiltInTrustOptions
    @OptionGroup var options: FileRunOptions
    @OptionGroup var global: GlobalOptions

    func validate() throws { try options.checkOrder() }

    func run() async throws {
        let workspace = try Workspace.open(global)
        let devices = try await workspace.someDevices(try selection.selection())
        let withKeys = devices.filter { device in
            guard let type = device.type.flatMap({ workspace.catalogue[$0] }) else { return false }
            return type.managementProtocol == .direct && type.access(for: device.softwareVersion).tls
        }
        let phones = Words.count(devices.count, "phone")
        try await KeyMaterialWork(workspace: workspace).returning(
            withKeys, trust: builtIn.trust, isTried: options.dryRun
        ) {
            try await FileRun(workspace: workspace, options: options, global: global).carryOut(
                $0, on: devices, as: .factoryReset,
                question: "Reset \(phones) to the factory settings, so that all that was given to them is lost")
        }
    }
}

extension FileRunOptions {
    /// What an order to restart leaves no room for.
    fileprivate func checkOrder() throws {
        guard !run.noRestart else { throw ValidationError("--no-restart contradicts the command") }
    }
}
