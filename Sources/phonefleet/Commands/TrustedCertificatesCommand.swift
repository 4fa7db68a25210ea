import ArgumentParser
import DeploymentModel

/// `phonefleet trusted-certificates`: the certificates by which the phones authenticate their telephony server.
struct TrustedCertificatesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "trusted-certificates",
        abstract: "Give phones the certificates by which they authenticate their telephony server.",
        discussion: """
            A phone without them registers at any telephony server. With them it authenticates the server over TLS, and \
            does not register when that fails; so the servers' chains are checked before anything is sent.
            """,
        subcommands: [
            TrustedCertificatesCheck.self, TrustedCertificatesTransfer.self, TrustedCertificatesRead.self,
            TrustedCertificatesDelete.self,
        ])
}

/// The command `phonefleet trusted-certificates check FILE`.
struct TrustedCertificatesCheck: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Show what a file holds, and whether it may be sent to phones.",
        discussion: "Without a selection it is checked for what all phones ask; sends nothing.")
    @Argument(
        help: "A PKCS#12, PEM or DER file with certificates and no key; '-' for standard input.", completion: .file())
    var file: String
    @OptionGroup var passPhrase: PassPhraseOptions
    @OptionGroup var selection: SelectionOptions
    @OptionGroup var global: GlobalOptions

    func run() async throws {
        let types = try await CheckedTypes.of(selection, global)
        var reader = MaterialReader(passPhrase: try passPhrase.given())
        let trusted = try reader.trustedCertificates(file)
        let view = MaterialView(trusted, file: file, types: types)
        try MaterialReport(noun: .trustedCertificates, view: view, palette: global.palette).write(as: global.format)
        guard view.canBeSent else { throw Finish(status: .usage) }
    }
}
