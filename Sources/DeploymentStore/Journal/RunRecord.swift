public import DeploymentModel
public import Foundation
import GRDB

/// How far a run has come.
public enum RunState: String, Hashable, Sendable, Codable, CaseIterable {
    /// A living process works on it.
    case running
    /// Every phone had its turn.
    case finished
    /// Stopped on request; can be resumed.
    case stopped
    /// Gave up (canary, failure limit, store), or left a phone of which it is not certain what it has; can be resumed.
    case failed
    /// The process that worked on it is gone; can be resumed.
    case interrupted
}

/// A run as the list of runs shows it.
public struct RunRecord: Hashable, Sendable, Codable, Identifiable {
    public var id: RunID
    public var mode: RunMode
    public var createdAt: Date
    public var state: RunState
    /// When it finished, stopped or failed; nil while it runs or when it was interrupted.
    public var finishedAt: Date?
    /// Why it ended before every phone had its turn.
    public var endedEarly: Fault?
    public var isStopRequested: Bool
    /// Number of devices in the plan.
    public var deviceCount: Int
    /// Number of devices per outcome of their latest result; devices without a result are not counted.
    public var totals: [DeviceOutcome: Int]
    /// Head of the hash chain of the results, lower-case hexadecimal.
    ///
    /// Kept elsewhere (a printout, a ticket), it proves later that neither plan nor results were changed; see
    /// ``Store/verifyChain(of:)``.
    public var chainHash: String
}

extension RunRecord {
    init(row: Row, totals: [DeviceOutcome: Int], at moment: Date) throws {
        var state = try row.value("state", RunState.init(rawValue:))
        if state == .running, !Ownership(row: row).isLiving(at: moment) { state = .interrupted }
        self.init(
            id: RunID(number: row["id"]), mode: try row.value("mode", RunMode.init(rawValue:)),
            createdAt: Date(microseconds: row["createdAt"]), state: state, finishedAt: row.date("finishedAt"),
            endedEarly: row.fault, isStopRequested: row["isStopRequested"], deviceCount: row["deviceCount"],
            totals: totals, chainHash: (row["chainHash"] as Data).hexadecimal)
    }
}

/// Who works on a run, and until when that is believed without a sign of life.
struct Ownership {
    /// Without a sign of life for so long an owner counts as gone, in seconds.
    static let span: Double = 120

    let owner: String
    let until: Int64

    init(row: Row) {
        owner = row["owner"]
        until = row["ownedUntil"]
    }

    /// A process that is gone is dead at once; one that cannot be seen from here, or hangs, when its time is over.
    func isLiving(at moment: Date) -> Bool {
        guard until > moment.microseconds, let identity = ProcessIdentity(owner) else { return false }
        return identity.life != .dead
    }
}

extension Data {
    var hexadecimal: String {
        map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
    }
}
