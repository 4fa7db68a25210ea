import ArgumentParser
import DeploymentModel

/// The command `phonefleet trusted-certificates transfer FILE`.
struct TrustedCertificatesTransfer: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "transfer",
        abstract: "Give phones the certificates by which they authenticate their telephony server.",
        discussion: """
            Every telephony server at which a selected phone registers (by what the phone says; with --dry-run by its \
            settings) is asked for its chain beforehand, and the \
            chain is checked against the new set as the phone will do it; what does not fit is refused, and the CA that \
            is missing is named. For a server that cannot be reached from here, give its chain with --server-chain. A \
            phone that was registered before and is not afterwards gets its old certificates again.
            """)
    @Argument(
        help: "A PKCS#12, PEM or DER file with certificates and no key; '-' for standard input.", completion: .file())
    var file: String
    @OptionGroup var passPhrase: PassPhraseOptions
    @OptionGroup var selection: SelectionOptions
    @Option(
        help: ArgumentHelp(
            "The chain of a telephony server that cannot be reached from here, PEM, leaf first; may be given more than once.",
            valueName: "host[:port]=file"))
    var serverChain: [ServerChainArgument] = []
    @OptionGroup var options: FileRunOptions
    @OptionGroup var global: GlobalOptions

    func run() async throws {
        let workspace = try Workspace.open(global)
        let devices = try await workspace.someDevices(try selection.selection())
        var reader = MaterialReader(passPhrase: try passPhrase.given())
        let trusted = try reader.trustedCertificates(file)
        var run = FileRun(workspace: workspace, options: options, global: global)
        var present: [DeviceID: [TelephonyServer]]?
        if !options.dryRun {
            let prepared = try await run.preparation(on: devices)
            run.password = prepared.password
            present = try await TelephonyReading(workspace: workspace).servers(prepared, of: devices)
        }
        let work = try await TrustedCertificatesWork(workspace: workspace, serverChains: serverChain).transfer(
            trusted, from: file, to: devices, present: present)
        let unchecked = work.files.values.filter { $0.allSatisfy(\.telephony.isEmpty) }.count
        if unchecked > 0 {
            global.say(
                "nothing to check the set against for \(Words.count(unchecked, "phone")): no telephony server with TLS is set"
            )
        }
        try await run.carryOut(
            work, on: devices,
            question: "Replace the trusted certificates of \(Words.count(devices.count, "phone"))")
    }
}

/// The command `phonefleet trusted-certificates delete`.
struct TrustedCertificatesDelete: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete", abstract: "Take the trusted certificates away: the phones register at any server again.")
    @OptionGroup var selection: SelectionOptions
    @OptionGroup var options: FileRunOptions
    @OptionGroup var global: GlobalOptions

    func run() async throws {
        let workspace = try Workspace.open(global)
        let devices = try await workspace.someDevices(try selection.selection())
        try await FileRun(workspace: workspace, options: options, global: global).carryOut(
            .all(devices, .clientTrustedCertificates, .delete), on: devices,
            question: "Let \(Words.count(devices.count, "phone")) register without authenticating the telephony server")
    }
}

/// The command `phonefleet trusted-certificates read`.
struct TrustedCertificatesRead: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "read", abstract: "Show which trusted certificates phones hold.")
    @OptionGroup var selection: SelectionOptions
    @OptionGroup var options: FileReadOptions
    @OptionGroup var global: GlobalOptions

    func run() async throws {
        let workspace = try Workspace.open(global)
        let devices = try await workspace.someDevices(try selection.selection())
        try await FileReading(kind: .clientTrustedCertificates, options: options, global: global).run(
            workspace, devices)
    }
}
