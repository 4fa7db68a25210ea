import ArgumentParser
import DeploymentModel
import Foundation

/// Options that every command has.
struct GlobalOptions: ParsableArguments {
    @Option(
        name: .long,
        help: ArgumentHelp("The database file, instead of PHONEFLEET_DATABASE or the usual one.", valueName: "path"),
        completion: .file())
    var database: String?

    @Option(name: .long, help: "How data is written to standard output.")
    var format: OutputFormat = .table

    @Option(
        name: .long,
        help: ArgumentHelp("A file with phone types of your own; may be given more than once.", valueName: "file"),
        completion: .file())
    var catalogue: [String] = []

    @Flag(name: [.short, .long], help: "Say nothing but results and errors.")
    var quiet = false

    @Flag(name: [.short, .long], help: "Tell each event of a run or scan on a line of its own.")
    var verbose = false

    @Flag(name: .long, help: "No colours, as with the environment variable NO_COLOR.")
    var noColor = false

    /// Colours for standard output.
    var palette: Palette { .forOutput(noColor: noColor) }

    /// A remark for the person at the terminal, on standard error.
    func say(_ text: String) {
        if !quiet { Terminal.writeError(SafeText.line(text) + "\n") }
    }
}

/// A length of time as people write it: `500ms`, `10s`, `5m`, `2h`.
struct DurationArgument: ExpressibleByArgument, Hashable {
    /// Seconds, 0 or more, at most a week.
    var seconds: Double

    init(seconds: Double) { self.seconds = seconds }

    init?(argument: String) {
        let number = argument.prefix { $0.isNumber || $0 == "." }
        let factors: [Substring: Double] = ["ms": 0.001, "s": 1, "m": 60, "h": 3600, "": 1]
        guard let value = Double(number), let factor = factors[argument.dropFirst(number.count)] else { return nil }
        let seconds = value * factor
        guard seconds >= 0, seconds <= 7 * 86_400 else { return nil }
        self.seconds = seconds
    }

    var defaultValueDescription: String { seconds > 0 && seconds < 1 ? "\(Int(seconds * 1000))ms" : "\(Int(seconds))s" }
}

/// A number of failures or a share: `10` or `5%`.
struct FailureLimitArgument: ExpressibleByArgument {
    var limit: TransferOptions.FailureLimit

    init?(argument: String) {
        if argument.hasSuffix("%") {
            guard let percent = Double(argument.dropLast()), percent > 0, percent <= 100 else { return nil }
            limit = .percent(percent)
        } else {
            guard let count = Int(argument), count > 0 else { return nil }
            limit = .count(count)
        }
    }
}
