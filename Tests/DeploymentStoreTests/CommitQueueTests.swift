import DeploymentModel
import Foundation
import GRDB
import Synchronization
import Testing

@testable import DeploymentStore

/// Counts the commits of a database.
private final class CommitCounter: TransactionObserver, Sendable {
    private let commits = Atomic(0)
    var count: Int { commits.load(ordering: .relaxed) }

    func observes(eventsOfKind eventKind: DatabaseEventKind) -> Bool { false }
    func databaseDidChange(with event: DatabaseEvent) {}
    func databaseDidCommit(_ database: Database) { commits.add(1, ordering: .relaxed) }
    func databaseDidRollback(_ database: Database) {}
}

@Suite struct CommitQueueTests {
    typealias Write = @Sendable () async throws -> Void

    /// Hands in all writes while the connection is busy, so that they wait together, then lets them go.
    private func together(
        _ store: Store, _ writes: [Write]
    ) async throws -> [StatusCode?] {
        let gate = DispatchSemaphore(value: 0)
        store.database.asyncWriteWithoutTransaction { _ in gate.wait() }
        return await withTaskGroup(of: (Int, StatusCode?).self) { group in
            for (position, write) in writes.enumerated() {
                group.addTask { (position, await code { try await write() }) }
            }
            while store.commits.waitingCount < writes.count { await Task.yield() }
            gate.signal()
            var codes = [StatusCode?](repeating: nil, count: writes.count)
            for await (position, code) in group { codes[position] = code }
            return codes
        }
    }

    @Test func waitingWritesShareOneCommitAndABadOneFailsAlone() async throws {
        let directory = try TemporaryDirectory()
        let store = try Store.open(path: directory.file("fleet.db"))
        let run = try await store.createRun(plan: .make(devices: [])).id
        let counter = CommitCounter()
        store.database.add(transactionObserver: counter, extent: .databaseLifetime)
        let before = counter.count
        let codes = try await together(
            store,
            (0..<60).map { number -> Write in
                let device = DeviceID("d\(number)")
                // A record without a lease is refused.
                if number % 10 == 7 { return { try await store.record(.make(device), in: run) } }
                return { try await store.begin(device, in: run) }
            })
        let expected = (0..<60).map { $0 % 10 == 7 ? StatusCode.deviceLeased : nil }
        #expect(codes == expected)
        #expect(try await store.progress(of: run).open.count == 54)
        #expect(counter.count - before == 1)
    }

    @Test func aBadWriteTakesBackWhatItHadDone() async throws {
        let store = try Store.inMemory()
        let bad = [Device.make(1), Device.make(2), Device.make(1)]
        let writes: [Write] = [
            { try await store.saveDevices(adding: [.make(7)]) }, { try await store.saveDevices(adding: bad) },
            { try await store.saveDevices(adding: [.make(8)]) },
        ]
        let codes = try await together(store, writes)
        #expect(codes[1] == .inputDuplicate)
        let numbers = try await store.devices().compactMap(\.number?.rawValue).sorted()
        #expect(numbers == ["3007", "3008"])
    }

    @Test func aWriteThatFillsTheDiskDoesNotFailTheSmallOnesBesideIt() async throws {
        let directory = try TemporaryDirectory()
        let store = try Store.open(
            path: directory.file("fleet.db"), keyFile: nil, options: .init(maximumPages: 120))
        let many = (100...3000).map { Device.make($0, note: String(repeating: "n", count: 300)) }
        let writes: [Write] = [
            { try await store.saveDevices(adding: [.make(1)]) }, { try await store.saveDevices(adding: many) },
            { try await store.saveDevices(adding: [.make(2)]) },
        ]
        let codes = try await together(store, writes)
        let expected: [StatusCode?] = [nil, .storeFull, nil]
        #expect(codes == expected)
        #expect(try await store.deviceCount() == 2)
    }

    @Test func aWriteOfACancelledTaskIsDoneAndReported() async throws {
        let store = try Store.inMemory()
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return try await (store.saveDevices(adding: [.make(1)]), store.devices())
        }
        #expect(try await task.value.1.count == 1)
    }
}
