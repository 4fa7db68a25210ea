import ArgumentParser
import DeploymentModel

/// `phonefleet key-material`: the private key and certificate chain with which a phone proves who it is.
struct KeyMaterialCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "key-material", abstract: "Replace the phones' key and certificate chain, without locking out.",
        discussion: """
            Key material is a private key with its certificate chain. A phone uses it for its web server and for the \
            management interface. Files may be PKCS#12 or PEM, encrypted or not; the phones get unencrypted PKCS#12, \
            only over a connection on which the phone was authenticated.
            """,
        subcommands: [
            KeyMaterialCheck.self, KeyMaterialTransfer.self, KeyMaterialRead.self, KeyMaterialDelete.self,
            KeyMaterialRotate.self,
        ])
}

/// The command `phonefleet key-material check FILE`.
struct KeyMaterialCheck: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Show what a file holds, and whether it may be sent to phones.",
        discussion: "Without a selection it is checked for what all phones ask; sends nothing.")
    @Argument(
        help: "A PKCS#12 or PEM file with one private key and its chain; '-' for standard input.", completion: .file())
    var file: String
    @OptionGroup var passPhrase: PassPhraseOptions
    @OptionGroup var selection: SelectionOptions
    @OptionGroup var global: GlobalOptions

    func run() async throws {
        let types = try await CheckedTypes.of(selection, global)
        var reader = MaterialReader(passPhrase: try passPhrase.given())
        let material = try reader.keyMaterial(file)
        let view = MaterialView(material, file: file, types: types)
        try MaterialReport(noun: .keyMaterial, view: view, palette: global.palette).write(as: global.format)
        guard view.canBeSent else { throw Finish(status: .usage) }
    }
}

/// For which phone types a file is checked.
enum CheckedTypes {
    /// The types of the selected phones, and those that were named although no phone of them is on the list.
    static func of(_ selection: SelectionOptions, _ global: GlobalOptions) async throws -> [PhoneType] {
        let chosen = try selection.selection()
        guard !chosen.isEmpty else { return [] }
        if chosen == DeviceSelection(types: chosen.types) {
            // Named types need no database, so that a file can be checked before there is one.
            let catalogue = try CatalogueFiles.load(global.catalogue)
            return try chosen.types.map { try catalogue.knownType($0) }
        }
        let workspace = try Workspace.open(global)
        let devices = try await workspace.someDevices(chosen)
        return Set(devices.compactMap(\.type)).sorted().compactMap { workspace.catalogue[$0] }
    }
}
