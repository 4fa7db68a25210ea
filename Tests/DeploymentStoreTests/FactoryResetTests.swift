import DeploymentModel
import Foundation
import GRDB
import Testing

@testable import DeploymentStore

@Suite("What the store believes of a phone that was reset")
struct FactoryResetTests {
    private let device = DeviceID("d1")
    private let moment = Date(timeIntervalSince1970: 1)

    /// A phone of which everything is known.
    private func store(secureMode: SecureMode?) async throws -> Store {
        let store = try Store.inMemory()
        var known = Device.make(1)
        known.status = .verified
        known.wasAuthenticated = true
        known.certificateFingerprint = "aa"
        try await store.saveDevices(adding: [known])
        if let secureMode { try await store.setSecureMode(secureMode, of: device) }
        try await store.seal(SecretText("once"), as: StoredPassword.name(for: .device(device)))
        try await store.seal(SecretText("for all"), as: StoredPassword.name(for: .site))
        try await store.noteHeld([
            HeldMaterial(
                device: device, kind: .serverKeyMaterial, fingerprint: "aa", subject: nil, notAfter: nil,
                seenAt: moment)
        ])
        try await store.keepItems(
            [Item(ItemKey("dst"), value: "true")],
            changed: [LocalChange(key: ItemKey("dst"), value: "true", at: moment)], of: device, at: moment)
        return store
    }

    private func order(
        _ step: RunStep, _ mode: RunMode = .factoryReset, fault: Fault? = nil, in store: Store
    ) async throws -> RunID {
        let run = try await store.createRun(plan: .make(devices: [device], mode: mode)).id
        try await store.begin(device, in: run)
        try await store.record(JournalEntry(device: device, step: step, moment: .intent, at: moment), in: run)
        try await store.record(
            JournalEntry(device: device, step: step, moment: .outcome, at: moment, fault: fault), in: run)
        return run
    }

    @Test("Nothing of what it had is believed once it took the order; what it shall have stays")
    func everythingIsForgotten() async throws {
        let store = try await store(secureMode: .active)
        let number = try await store.devices()[0].number
        let run = try await order(.factoryReset, in: store)
        try await store.finish(.make(device), acceptedSecrets: [:], in: run)
        let known = try await store.devices()[0]
        #expect(known.status == .new)
        #expect(known.number == number)
        #expect(!known.wasAuthenticated)
        #expect(try await store.calls(of: [device]).first?.secureMode == nil)
        #expect(try await store.secretNames() == [StoredPassword.name(for: .site)])
        #expect(try await store.heldMaterial().isEmpty)
        #expect(try await store.localChanges(of: device).isEmpty)
        #expect(try await store.lastKnownItems(of: device) == nil)
    }

    @Test("A phone that is reached over TLS by its type is never reached in plain afterwards")
    func authenticationStaysByType() async throws {
        let store = try await store(secureMode: nil)
        _ = try await order(.factoryReset, in: store)
        #expect(try await store.devices()[0].wasAuthenticated)
    }

    @Test("An order that the phone declined, and a restart, change nothing of what is believed")
    func nothingIsForgotten() async throws {
        for (step, mode, fault) in [
            (RunStep.factoryReset, RunMode.factoryReset, Fault(.phoneBusy)), (.restart, .restart, nil),
        ] {
            let store = try await store(secureMode: .active)
            let before = try await store.devices()[0]
            let run = try await order(step, mode, fault: fault, in: store)
            var known = try await store.devices()[0]
            #expect(known == before)
            try await store.finish(.make(device), acceptedSecrets: [:], in: run)
            known = try await store.devices()[0]
            #expect(known.status == .verified)
            #expect(try await store.calls(of: [device]).first?.secureMode == .active)
            #expect(try await store.secretNames().count == 2)
            #expect(try await store.heldMaterial().count == 1)
        }
    }

    @Test("Runs from before there were such runs are kept with their chains")
    func olderRuns() async throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("fleet.db")
        let queue = try DatabaseQueue(path: path)
        try Schema.migrator.migrate(queue, upTo: "7 scans that ask phones to call")
        try await queue.write { database in
            try database.execute(
                sql: """
                    INSERT INTO run (id, mode, createdAt, deviceCount, state, owner, ownedUntil, chainHash)
                    VALUES (7, 'deploy', 1, 0, 'finished', '', 0, zeroblob(32));
                    INSERT INTO runDevice (run, device, isOpen) VALUES (7, 'd1', 0);
                    INSERT INTO run (id, mode, createdAt, deviceCount, state, owner, ownedUntil, chainHash)
                    VALUES (9, 'deploy', 1, 0, 'finished', '', 0, zeroblob(32));
                    DELETE FROM run WHERE id = 9;
                    """)
        }
        try queue.close()
        let store = try Store.open(path: path)
        #expect(try await store.runs().map(\.id) == [RunID("r7")])
        let plan = TransferPlan(mode: .factoryReset, createdAt: moment, devices: [], profiles: [])
        // The number of a run that was removed is not given again.
        #expect(try await store.createRun(plan: plan).id == RunID("r10"))
        #expect(try await store.runs().map(\.mode) == [.factoryReset, .deploy])
        let broken = try store.database.read { try Row.fetchAll($0, sql: "PRAGMA foreign_key_check") }
        #expect(broken.isEmpty)
    }
}
