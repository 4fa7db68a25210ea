import DeploymentModel
import Synchronization

/// A journal in memory that can die at any of its calls, as a machine dies that loses power.
final class MemoryJournal: RunJournal, Sendable {
    /// Whether the call at which the journal dies was kept before it died.
    enum Death: Sendable, CaseIterable { case beforeKeeping, afterKeeping }

    struct State {
        var calls = 0
        var dieAt: Int?
        var death = Death.beforeKeeping
        var isDead = false
        var held: Set<DeviceID> = []
        var progress = RunProgress()
        var accepted: [DeviceID: [ItemKey: SecretReference]] = [:]
        var isStopRequested = false
        var leasedByOthers: Set<DeviceID> = []
        var entries: [JournalEntry] = []
        var results: [DeviceResult] = []
        /// What was sealed with journal entries.
        var secrets: [SecretReference: SecretText] = [:]
        /// The trust profiles of devices themselves; those that have none are not in it.
        var trust: [DeviceID: [String]] = [:]
    }

    let state = Mutex(State())

    static let died = Fault(.storeFull, subject: "journal", detail: "died")

    func dies(at call: Int, _ death: Death = .beforeKeeping) {
        state.withLock {
            $0.dieAt = call
            $0.death = death
        }
    }

    /// A new process opens what is left.
    func revive() {
        state.withLock {
            $0.isDead = false
            $0.dieAt = nil
            $0.held = []
            $0.isStopRequested = false
        }
    }

    var calls: Int { state.withLock { $0.calls } }
    var entries: [JournalEntry] { state.withLock { $0.entries } }
    var accepted: [DeviceID: [ItemKey: SecretReference]] { state.withLock { $0.accepted } }
    var held: Set<DeviceID> { state.withLock { $0.held } }
    var results: [DeviceResult] { state.withLock { $0.results } }

    private func keep(_ change: (inout State) throws -> Void) throws {
        try state.withLock { state in
            if state.isDead { throw Self.died }
            state.calls += 1
            let dies = state.calls == state.dieAt
            if !dies || state.death == .afterKeeping { try change(&state) }
            if dies {
                state.isDead = true
                throw Self.died
            }
        }
    }

    func begin(_ device: DeviceID, in run: RunID) async throws {
        try keep { state in
            if state.leasedByOthers.contains(device) { throw Fault(.deviceLeased, subject: device.rawValue) }
            state.held.insert(device)
            if state.progress.open[device] == nil { state.progress.open[device] = [] }
        }
    }

    func record(
        _ entry: JournalEntry, after outcome: JournalEntry?, keeping: JournalKeeping, in run: RunID
    ) async throws {
        try keep { state in
            precondition(state.held.contains(entry.device), "recorded without a lease")
            state.secrets.merge(keeping.secrets) { $1 }
            if let trust = keeping.trust { state.trust[entry.device] = trust.isEmpty ? nil : trust }
            let entries = [outcome, entry].compactMap(\.self)
            state.entries += entries
            state.progress.open[entry.device, default: []] += entries
        }
    }

    func finish(
        _ result: DeviceResult, after outcome: JournalEntry?, acceptedSecrets: [ItemKey: SecretReference],
        in run: RunID
    ) async throws {
        try keep { state in
            if let outcome { state.entries.append(outcome) }
            state.progress.open[result.device] = nil
            state.progress.finished[result.device] = result
            state.held.remove(result.device)
            state.accepted[result.device, default: [:]].merge(acceptedSecrets) { $1 }
            state.results.append(result)
        }
    }

    func release(_ device: DeviceID, in run: RunID) async throws {
        try keep { $0.held.remove(device) }
    }

    func progress(of run: RunID) async throws -> RunProgress { state.withLock { $0.progress } }

    func isStopRequested(_ run: RunID) async throws -> Bool {
        try state.withLock { state in
            if state.isDead { throw Self.died }
            return state.isStopRequested
        }
    }
}
