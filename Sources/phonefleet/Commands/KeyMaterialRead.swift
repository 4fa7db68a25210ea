import ArgumentParser
import DeploymentModel

/// The command `phonefleet key-material read`.
struct KeyMaterialRead: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "read", abstract: "Show which key material phones hold, and when it expires.",
        discussion: """
            Phones give their private key back too. It is never shown; only --with-keys writes it, as PKCS#12 in clear, \
            into new files that their owner alone can read.
            """)
    @OptionGroup var selection: SelectionOptions
    @OptionGroup var options: FileReadOptions
    @Flag(help: "Write the private keys too, in clear; needs --out.") var withKeys = false
    @Flag(help: "Do not ask.") var yes = false
    @OptionGroup var global: GlobalOptions

    func validate() throws {
        guard !withKeys || options.out != nil else {
            throw ValidationError("--with-keys needs --out: private keys are not shown")
        }
    }

    func run() async throws {
        let workspace = try Workspace.open(global)
        let devices = try await workspace.someDevices(try selection.selection())
        if withKeys {
            try Question.confirm("Write the private keys of \(Words.count(devices.count, "phone")) in clear", yes: yes)
        }
        try await FileReading(
            kind: .serverKeyMaterial, options: options, withKeys: withKeys, global: global
        ).run(workspace, devices)
    }
}
