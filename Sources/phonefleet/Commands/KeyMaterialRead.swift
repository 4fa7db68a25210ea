import ArgumentParser
import DeploymentModel

/// The command `phonefleet key-material read`.
struct KeyMaterialRead: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "read", abstract: "Show which key material phones hold, and when it expires.",
        discussion:
            "Phones give their private key back too; it is compared where it arrives, and neither shown nor kept.")
    @OptionGroup var selection: SelectionOptions
    @OptionGroup var options: FileReadOptions
    @OptionGroup var global: GlobalOptions

    func run() async throws {
        try await FileReading(kind: .serverKeyMaterial, options: options, global: global).run(
            try selection.selection())
    }
}
