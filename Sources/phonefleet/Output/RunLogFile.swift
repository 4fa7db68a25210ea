import DeploymentModel
import Foundation
import Synchronization

/// Writes every event of a run as one JSON line to a file: events wait in line, and one task writes what has gathered.
final class RunLogFile: TransferObserver {
    private let waiting = Mutex<[TransferEvent]>([])
    private let arrivals: AsyncStream<Void>
    private let bell: AsyncStream<Void>.Continuation
    private let path: String

    init(path: String) {
        self.path = path
        // One ring is enough for any number of events.
        (arrivals, bell) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    func receive(_ event: TransferEvent) {
        let isFirst = waiting.withLock { waiting in
            waiting.append(event)
            return waiting.count == 1
        }
        if isFirst { bell.yield() }
    }

    /// No further events will come; ``write()`` returns when all are written.
    func finish() { bell.finish() }

    /// Writes until ``finish()``.
    ///
    /// A log that cannot be written is no reason to stop a run, so the first problem is said once.
    func write() async {
        let handle = open()
        if handle == nil { Terminal.writeError("phonefleet: warning: \(path): the log file cannot be written\n") }
        var lines = RunLogText()
        for await _ in arrivals {
            write(to: handle, &lines)
            // Waking up for every event would cost more than writing it.
            try? await Task.sleep(for: .milliseconds(20))
        }
        write(to: handle, &lines)
    }

    private func open() -> FileHandle? {
        let directory = (path as NSString).deletingLastPathComponent
        try? FileManager.default.createDirectory(
            atPath: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        let descriptor = Foundation.open(path, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0o600)
        return descriptor >= 0 ? FileHandle(fileDescriptor: descriptor, closeOnDealloc: true) : nil
    }

    private func write(to handle: FileHandle?, _ lines: inout RunLogText) {
        let events = waiting.withLock { waiting in
            defer { waiting = [] }
            return waiting
        }
        guard let handle, !events.isEmpty else { return }
        for event in events { lines.append(RunLogLine(event)) }
        try? handle.write(contentsOf: lines.take())
    }
}

/// One line of a run's log file: flat, so that `grep` and `jq` are enough.
struct RunLogLine: Decodable {
    var at: Date
    var run: RunID
    var event: String
    var device: DeviceID?
    var address: String?
    var step: RunStep?
    var outcome: DeviceOutcome?
    var code: StatusCode?
    var detail: String?
    var changes: [ItemChange]?
    var attempt: Int?
    var devices: Int?
    var seconds: Double?
    var fingerprint: String?
    var totals: [String: Int]?

    init(_ event: TransferEvent) {
        at = event.at
        run = event.run
        device = event.device
        switch event.kind {
        case .runStarted(let devices, let mode):
            self.event = "run-started"
            self.devices = devices
            detail = mode.rawValue
        case .waveStarted(let name, let devices):
            self.event = "wave-started"
            self.devices = devices
            detail = name
        case .deviceStarted(let attempt):
            self.event = "device-started"
            self.attempt = attempt
        case .stepStarted(let step):
            self.event = "step-started"
            self.step = step
        case .stepFinished(let step):
            self.event = "step-finished"
            self.step = step
        case .deviceWaiting(let fault, let seconds):
            self.event = "device-waiting"
            code = fault.code
            detail = fault.detail
            self.seconds = seconds
        case .deviceFinished(let result):
            self.event = "device-finished"
            address = result.address
            outcome = result.outcome
            code = result.fault?.code
            detail = result.fault?.detail
            changes = result.changes.isEmpty ? nil : result.changes
            seconds = result.duration
            fingerprint = result.evidence?.certificateFingerprint
        case .runFinished(let totals):
            self.event = "run-finished"
            self.totals = totals
        }
    }

    /// The line for people.
    var text: String {
        var words = ["\(Words.time(at))", device.map(\.rawValue) ?? "run", event]
        if let step { words.append(step.rawValue) }
        if let attempt, attempt > 1 { words.append("attempt \(attempt)") }
        if let devices { words.append(Words.count(devices, "phone")) }
        if let outcome { words.append(outcome.rawValue) }
        if let code { words.append("(\(code))") }
        if let detail { words.append(detail) }
        for change in changes ?? [] { words.append("\(change.key): \(change.before ?? "-") -> \(change.after)") }
        if let totals { words += totals.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" } }
        return words.joined(separator: " ")
    }
}
