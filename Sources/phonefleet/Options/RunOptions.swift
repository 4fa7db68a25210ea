import ArgumentParser
import DeploymentModel

/// How a run goes over its phones, as options of the command line.
struct RunOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Visit this many phones first, and the rest only when all of them are verified.", valueName: "n"))
    var canary = 0

    @Option(
        help: ArgumentHelp(
            "Begin no further phone after so many failures, or such a share of the finished phones (from 20 on).",
            valueName: "n|p%"))
    var maxFailures: FailureLimitArgument?

    @Option(help: ArgumentHelp("Most phones at work at one time.", valueName: "n")) var concurrency = 128

    @Option(help: ArgumentHelp("How long absent and busy phones are waited for.", valueName: "duration"))
    var waitForAbsent = DurationArgument(seconds: 0)

    @Option(
        help: ArgumentHelp(
            "Attempts per phone after failures that may pass, such as a lost connection.", valueName: "n"))
    var attempts = 3

    @Option(
        help: ArgumentHelp("Longest silence of a phone before the attempt counts as failed.", valueName: "duration"))
    var timeout = DurationArgument(
        seconds: 10)

    @Flag(help: "Do not restart phones, even where a parameter takes effect only then.") var noRestart = false

    @OptionGroup var calls: CallOptions

    func validate() throws {
        guard canary >= 0 else { throw ValidationError("--canary is 0 or more") }
        guard (1...2000).contains(concurrency) else { throw ValidationError("--concurrency is 1 to 2000") }
        guard (1...20).contains(attempts) else { throw ValidationError("--attempts is 1 to 20") }
        guard timeout.seconds > 0 else { throw ValidationError("--timeout is more than 0") }
    }

    var transferOptions: TransferOptions {
        TransferOptions(
            concurrency: concurrency, canary: canary, failureLimit: maxFailures?.limit,
            waitForAbsent: waitForAbsent.seconds, attempts: attempts, connectTimeout: min(5, timeout.seconds),
            replyTimeout: timeout.seconds, restarts: !noRestart)
    }
}
