import ArgumentParser
import DeploymentModel
import PhoneTransport

/// The root of the command line: nouns first, then verbs.
@main
struct Phonefleet: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "phonefleet",
        abstract: "Find, configure and prove whole batches of IP phones over TLS.",
        discussion: """
            Start with 'phonefleet demo': it deploys to virtual phones and needs no configuration. \
            'phonefleet help CODE' explains a status code such as tls.unknown-issuer; \
            'phonefleet help codes' prints them all.
            """,
        version: ProgramVersion.text,
        subcommands: [
            DemoCommand.self, ScanCommand.self, TypesCommand.self, DevicesCommand.self, GroupsCommand.self,
            ConfigCommand.self, TrustCommand.self, KeyMaterialCommand.self, TrustedCertificatesCommand.self,
            CACommand.self,
            PlanCommand.self, DeployCommand.self, VerifyCommand.self, RunsCommand.self, DiagnoseCommand.self,
            SaveCommand.self, LoadCommand.self, FilesCommand.self, ServeCommand.self, SecureModeCommand.self,
            VirtualPhonesCommand.self,
        ])

    /// Runs the command and ends the process with the exit code that the outcome has.
    static func main() async {
        Memory.prepare()
        let arguments = Array(CommandLine.arguments.dropFirst())
        do {
            if try CodeHelp.answer(arguments) { return }
            OpenFiles.raiseLimit()
            var command = try parseAsRoot(arguments)
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch {
            Ending.exit(for: error, of: self)
        }
    }
}

/// The version that `phonefleet --version` prints.
enum ProgramVersion {
    static let text = "0.1.0"
}
