import DeploymentModel
import DeploymentStore
import Synchronization

/// The journal of a real store, which dies at a call as a process dies that is killed: nothing comes after it.
final class DyingJournal: RunJournal {
    private let store: Store
    private let death: MemoryJournal.Death
    private let dieAt: Int?
    private let state = Mutex((calls: 0, isDead: false))

    init(_ store: Store, dieAt: Int? = nil, _ death: MemoryJournal.Death = .beforeKeeping) {
        self.store = store
        self.dieAt = dieAt
        self.death = death
    }

    var calls: Int { state.withLock { $0.calls } }

    private func keep(_ work: () async throws -> Void) async throws {
        let dies = try state.withLock { state in
            if state.isDead { throw MemoryJournal.died }
            state.calls += 1
            state.isDead = state.calls == dieAt
            return state.isDead
        }
        if !dies || death == .afterKeeping { try await work() }
        if dies { throw MemoryJournal.died }
    }

    func begin(_ device: DeviceID, in run: RunID) async throws {
        try await keep { try await store.begin(device, in: run) }
    }

    func record(
        _ entry: JournalEntry, after outcome: JournalEntry?, keeping: JournalKeeping, in run: RunID
    ) async throws {
        try await keep { try await store.record(entry, after: outcome, keeping: keeping, in: run) }
    }

    func finish(
        _ result: DeviceResult, after outcome: JournalEntry?, acceptedSecrets: [ItemKey: SecretReference],
        in run: RunID
    ) async throws {
        try await keep { try await store.finish(result, after: outcome, acceptedSecrets: acceptedSecrets, in: run) }
    }

    func release(_ device: DeviceID, in run: RunID) async throws {
        try await keep { try await store.release(device, in: run) }
    }

    func progress(of run: RunID) async throws -> RunProgress { try await store.progress(of: run) }

    func isStopRequested(_ run: RunID) async throws -> Bool {
        if state.withLock({ $0.isDead }) { throw MemoryJournal.died }
        return try await store.isStopRequested(run)
    }
}
