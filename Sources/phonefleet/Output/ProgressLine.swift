import DeploymentModel
import Foundation
import Synchronization

/// Shows how far a run is: one line that is rewritten on a terminal, a plain line every few seconds elsewhere.
final class ProgressLine: TransferObserver {
    private struct Counts {
        var total = 0
        var running = 0
        var waiting: Set<DeviceID> = []
        var outcomes: [DeviceOutcome: Int] = [:]
        var startedAt = ContinuousClock.now
        var estimate: Double?
        var done: Int { outcomes.values.reduce(0, +) }
    }

    private let counts = Mutex(Counts())
    private let noun: String
    private let palette: Palette

    /// - Parameter estimate: seconds that the catalogue's durations give for the whole; nil when unknown.
    init(noun: String = "phones", estimate: Double? = nil, noColor: Bool = false) {
        self.noun = noun
        palette = .forError(noColor: noColor)
        counts.withLock { $0.estimate = estimate }
    }

    func receive(_ event: TransferEvent) {
        counts.withLock { counts in
            switch event.kind {
            case .runStarted(let devices, _):
                counts.total = devices
                counts.startedAt = .now
            case .deviceStarted:
                if let device = event.device { counts.waiting.remove(device) }
                counts.running += 1
            case .deviceWaiting:
                if let device = event.device { counts.waiting.insert(device) }
                counts.running = max(0, counts.running - 1)
            case .deviceFinished(let result):
                if counts.waiting.remove(result.device) == nil { counts.running = max(0, counts.running - 1) }
                counts.outcomes[result.outcome, default: 0] += 1
            default: break
            }
        }
    }

    /// Draws until the task is cancelled; clears the line at the end.
    ///
    /// Run it beside the work.
    func draw() async {
        await LiveLine.draw { self.counts.withLock { self.line($0) } }
    }

    private func line(_ counts: Counts) -> String {
        guard counts.total > 0 else { return "starting" }
        let failed = (counts.outcomes[.failed] ?? 0) + (counts.outcomes[.differs] ?? 0)
        let seconds = (ContinuousClock.now - counts.startedAt) / .seconds(1)
        let rate = seconds > 0.2 ? Double(counts.done) / seconds : 0
        var text = "\(counts.done)/\(counts.total) \(noun) done"
        text += failed > 0 ? ", " + palette.bad("\(failed) failed") : ", 0 failed"
        text += ", \(counts.running) running, \(counts.waiting.count) waiting"
        if rate > 0 { text += String(format: ", %.0f/s", rate) }
        let left = counts.total - counts.done
        if left > 0, rate > 0 {
            text += ", \(Words.duration(Double(left) / rate)) left"
        } else if left > 0, let estimate = counts.estimate {
            text += ", about \(Words.duration(estimate))"
        }
        return text
    }
}

/// Small pieces of text that several views share.
enum Words {
    /// `1 phone`, `4 phones`.
    static func count(_ number: Int, _ noun: String) -> String {
        number == 1 ? "1 \(noun)" : "\(number) \(noun)s"
    }

    /// `0.4 s`, `12 s`, `3 min 20 s`, `1 h 5 min`.
    static func duration(_ seconds: Double) -> String {
        switch seconds {
        case ..<10: String(format: "%.1f s", seconds)
        case ..<120: "\(Int(seconds.rounded())) s"
        case ..<7200: "\(Int(seconds) / 60) min \(Int(seconds) % 60) s"
        default: "\(Int(seconds) / 3600) h \(Int(seconds) % 3600 / 60) min"
        }
    }

    /// A point in time for people: ISO 8601 to the second, UTC.
    static func time(_ date: Date) -> String { date.formatted(.iso8601) }

    /// A day for people, UTC: `2031-05-01`.
    static func day(_ date: Date) -> String { String(date.formatted(.iso8601).prefix(10)) }

    /// A fingerprint in groups that can be compared by eye: `9F:86:D0:…`.
    static func fingerprint(_ hexadecimal: String) -> String {
        var text = ""
        for (offset, character) in hexadecimal.uppercased().enumerated() {
            if offset > 0, offset.isMultiple(of: 2) { text.append(":") }
            text.append(character)
        }
        return text
    }
}
