import DeploymentModel

/// Tells every event of a run on a line of its own on standard error, for `--verbose`.
final class EventLines: TransferObserver {
    func receive(_ event: TransferEvent) {
        Terminal.writeError(SafeText.line(RunLogLine(event).text) + "\n")
    }
}
