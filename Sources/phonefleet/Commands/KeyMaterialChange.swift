import ArgumentParser
import DeploymentModel

/// The command `phonefleet key-material transfer FILE`.
struct KeyMaterialTransfer: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "transfer", abstract: "Give phones key material of their own, and prove that they use it.",
        discussion: """
            Everything is checked before a byte is sent. Each phone is authenticated by its present key material, gets \
            the new one, is read back, and must then show the new chain on a new connection; if it does not, it gets \
            the old one again. With --trust or --new-profile the phones are authenticated by another trust profile from \
            then on (see 'phonefleet trust'). Phones without TLS cannot get key material over the network.
            """)
    @OptionGroup var source: MaterialSourceOptions
    @OptionGroup var selection: SelectionOptions
    @OptionGroup var trust: NewTrustOptions
    @OptionGroup var options: FileRunOptions
    @OptionGroup var global: GlobalOptions

    func run() async throws {
        let workspace = try Workspace.open(global)
        let devices = try await workspace.someDevices(try selection.selection())
        let materials = try source.materials(for: devices)
        let work = try await KeyMaterialWork(workspace: workspace).transfer(
            materials, to: devices, trust: trust.choice)
        try await FileRun(workspace: workspace, options: options, global: global).carryOut(
            work, on: devices, question: "Replace the key material of \(Words.count(devices.count, "phone"))")
    }
}

/// The command `phonefleet key-material delete`.
struct KeyMaterialDelete: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete", abstract: "Return phones to their built-in key material.",
        discussion: """
            The built-in key material is authenticated by the trust profile that applies to a phone without one of its \
            own: that of its group or type. Name it with --trust where another one is meant.
            """)
    @OptionGroup var selection: SelectionOptions
    @OptionGroup var builtIn: BuiltInTrustOptions
    @OptionGroup var options: FileRunOptions
    @OptionGroup var global: GlobalOptions

    func run() async throws {
        let workspace = try Workspace.open(global)
        let devices = try await workspace.someDevices(try selection.selection())
        let words = "to the built-in key material, which is the same in all phones of a type"
        try await KeyMaterialWork(workspace: workspace).returning(
            devices, trust: builtIn.trust, isTried: options.dryRun
        ) {
            try await FileRun(workspace: workspace, options: options, global: global).carryOut(
                $0, on: devices, question: "Return \(Words.count(devices.count, "phone")) \(words)")
        }
    }
}
