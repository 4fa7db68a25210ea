import ArgumentParser
import DeploymentModel
import Foundation

/// Where the pass phrase of a file with key material comes from; never an argument, where other users could see it.
struct PassPhraseOptions: ParsableArguments {
    @Option(
        name: .customLong("passphrase-file"),
        help: ArgumentHelp(
            "Read the pass phrase of an encrypted file from the first line of a file ('-' for standard input).",
            valueName: "file"))
    var passPhraseFile: String?

    /// The pass phrase that was given: by file, or by the environment variable PHONEFLEET_PASSPHRASE; nil for none.
    func given() throws(Fault) -> SecretText? {
        if let passPhraseFile { return try SecretInput.firstLine(of: passPhraseFile) }
        let environment = ProcessInfo.processInfo.environment["PHONEFLEET_PASSPHRASE"] ?? ""
        return environment.isEmpty ? nil : SecretText(environment)
    }
}
