import DeploymentModel
import Foundation
import GRDB
import Testing

@testable import DeploymentStore

@Suite struct ResultChainTests {
    private func finishedRun() async throws -> (Store, RunID) {
        let store = try Store.inMemory()
        let ids = (1...5).map { DeviceID("d\($0)") }
        var plan = TransferPlan.make(devices: ids)
        plan.devices = plan.devices.map { device in
            DevicePlan(
                device: device.device, type: device.type, address: device.address, port: device.port, tls: device.tls,
                password: device.password, common: [WantedItem(key: ItemKey("sntp-addr"), value: .plain("10.0.0.1"))])
        }
        let run = try await store.createRun(plan: plan).id
        for id in ids { try await store.finish(.make(id), acceptedSecrets: [:], in: run) }
        try await store.finishRun(run, .finished)
        return (store, run)
    }

    @Test func anUntouchedRunVerifiesToItsRecordedHash() async throws {
        let (store, run) = try await finishedRun()
        let hash = try await store.verifyChain(of: run)
        #expect(hash.count == 64)
        #expect(try await store.run(run).chainHash == hash)
    }

    @Test(arguments: [
        ("UPDATE result SET outcome = 'failed' WHERE position = 3", "result number 3 (d3) was changed or removed"),
        (
            "UPDATE result SET finishedAt = finishedAt + 1 WHERE position = 5",
            "result number 5 (d5) was changed or removed"
        ),
        ("DELETE FROM result WHERE position = 2", "result number 2 (d3) was changed or removed"),
        ("DELETE FROM result WHERE position = 5", "results after number 4 are missing"),
        ("DELETE FROM result", "the plan was changed"),
        (
            "UPDATE runPlanDevice SET wanted = '[]', address = 'x' WHERE position = 0",
            "the plan or result number 1 (d1) was changed or removed"
        ),
        ("UPDATE runPlanItems SET wanted = '[]'", "the plan or result number 1 (d1) was changed or removed"),
        ("UPDATE run SET mode = 'compare'", "the plan or result number 1 (d1) was changed or removed"),
        ("UPDATE run SET chainHash = zeroblob(32)", "results after number 5 are missing"),
    ]) func theFirstBadResultIsNamed(tampering: String, detail: String) async throws {
        let (store, run) = try await finishedRun()
        try await store.database.write { try $0.execute(sql: tampering) }
        await #expect(throws: Fault(.storeDamaged, subject: "r1", detail: detail)) {
            try await store.verifyChain(of: run)
        }
    }

    @Test func theCanonicalBytesAreAsDocumented() {
        let bytes = ResultChain.canonical([
            .null, (258 as Int64).databaseValue, 1.0.databaseValue, "\u{fc}".databaseValue, Data([9]).databaseValue,
        ])
        #expect(
            bytes == [
                0, 1, 0, 0, 0, 0, 0, 0, 1, 2, 2, 0x3F, 0xF0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0, 2, 0xC3, 0xBC,
                4, 0, 0, 0, 0, 0, 0, 0, 1, 9,
            ])
    }
}

@Suite struct FieldTests {
    private func fields(_ value: Any) -> [String] { Mirror(reflecting: value).children.compactMap(\.label) }

    /// Tables have one column per field: a field that is added to a value and not to its table would be lost without a word.
    @Test func everyFieldOfWhatIsKeptHasItsColumn() {
        let device = DeviceID("d1")
        #expect(
            fields(Device.make(1)) == [
                "id", "type", "address", "port", "mac", "number", "softwareVersion", "status",
                "certificateFingerprint", "wasAuthenticated", "lastSeen", "note",
            ])
        #expect(
            fields(DeviceResult.make(device)) == [
                "device", "address", "mac", "type", "outcome", "fault", "changes", "files", "warnings",
                "evidence", "softwareVersion", "attempts", "duration", "finishedAt",
            ])
        #expect(
            fields(JournalEntry.make(device)) == [
                "device", "step", "moment", "at", "changes", "bootCount", "file", "fault",
            ])
        let plan = TransferPlan.make(devices: [device])
        #expect(
            fields(plan.devices[0]) == [
                "device", "type", "address", "port", "tls", "mac", "number", "trust", "password", "common", "own",
                "files",
            ])
        #expect(
            fields(WantedItem(key: ItemKey("a"), value: .plain(""))) == [
                "key", "value", "origin", "needsRestart", "dependentGroup", "isKnownAccepted",
            ])
        #expect(fields(ItemChange(key: ItemKey("a"), before: nil, after: "")) == ["key", "before", "after", "status"])
        #expect(fields(PeerEvidence()) == ["certificateFingerprint", "profile", "tlsVersion"])
        #expect(fields(Fault(.netSilent)) == ["code", "subject", "detail"])
        #expect(
            fields(ScanRow(address: "a")) == [
                "address", "port", "status", "type", "deviceType", "mac", "number", "softwareVersion", "tls",
                "evidence", "chain", "fault", "seenAt",
            ])
        #expect(
            fields(plan.profiles[0]) == [
                "name", "subject", "anchors", "minimumTLS", "allowsLegacy", "pin", "allowsExpiredAnchor",
            ])
    }

    @Test func textsOfEveryKindSurviveAFlatList() throws {
        let texts: [String?] = [
            nil, "", "plain", "\"quoted\" \\ / \u{0}\u{1F}\u{7F}\n\r\t", "\u{fc}\u{1F4DE}\u{2028}", "null", "[]",
        ]
        let text = FlatList.encode(texts)
        #expect(try FlatList.decode(text, width: 1, column: "x").map(\.[0]) == texts)
        #expect(throws: StoredValueError.self) { try FlatList.decode("[\"a\"]", width: 2, column: "x") }
        #expect(throws: StoredValueError.self) { try FlatList.decode("[1", width: 1, column: "x") }
    }
}
