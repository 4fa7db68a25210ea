import DeploymentModel
import Foundation
import GRDB
import Testing

@testable import DeploymentStore

@Suite("What is kept of what phones that call say is bounded")
struct CallBoundsTests {
    private let matcher = DeviceMatcher(catalogue: Catalogue(types: []))
    private let start = Date(timeIntervalSince1970: 1_700_000_000)

    private func store(_ change: (inout CallBounds) -> Void) throws -> Store {
        var options = Store.Options()
        change(&options.bounds)
        return try Store.inMemory(options: options)
    }

    private func call(
        _ number: Int, tls: Bool = false, changes: [LocalChange] = [], files: [FileReport] = []
    ) -> HeardCall {
        let row = ScanRow(
            address: "10.1.0.\(number)", port: 8085, status: .unknownType, deviceType: "OpenStage 60",
            mac: MACAddress(value: 0x001A_E800_0000 + UInt64(number)), tls: tls,
            evidence: tls ? PeerEvidence(certificateFingerprint: "aa", profile: "phones") : nil, seenAt: start)
        return HeardCall(reason: .localChanges, row: row, localChanges: changes, files: files, at: start)
    }

    /// Each counts as 100 bytes.
    private func changes(_ count: Int, round: Int = 0) -> [LocalChange] {
        (0..<count).map { place in
            let item = "item-\(round)-\(place)"
            return LocalChange(
                key: ItemKey(item), value: String(repeating: "x", count: 60 - item.count),
                at: start.addingTimeInterval(Double(round)))
        }
    }

    private func tally(_ store: Store) throws -> Int {
        try store.database.read { try Int.fetchOne($0, sql: "SELECT unproven FROM callTally") ?? -1 }
    }

    /// What the triggers counted, against a count of all rows.
    private func isRight(_ store: Store) throws -> Bool {
        try store.database.read { database in
            let counted = try Row.fetchOne(database, sql: "SELECT devices, unproven FROM callTally")
            let real = try Row.fetchOne(
                database,
                sql: """
                    SELECT (SELECT count(*) FROM device) AS devices, coalesce(sum(bytes), 0) AS unproven FROM (
                        SELECT device, length(CAST(item AS BLOB)) + coalesce(length(CAST(value AS BLOB)), 0) + 40 AS bytes
                            FROM localChange
                        UNION ALL SELECT device, length(CAST(items AS BLOB)) + 40 FROM knownItems
                        UNION ALL SELECT device, length(CAST(type || name || coalesce(version, '')
                            || coalesce(saidAt, '') AS BLOB)) + 40 FROM fileOrder)
                    WHERE device NOT IN (SELECT device FROM phoneCall WHERE secureMode = 'active')
                    """)
            return counted == real
        }
    }

    @Test("One phone cannot fill the database with changes: the newest stay, and it is told")
    func changesOfOne() async throws {
        let store = try store { $0.localChanges = 1000 }
        let first = try await store.note(call(1, changes: changes(10)), by: matcher)
        #expect(first.unkept == nil)
        let device = try #require(first.device).id
        let second = try await store.note(call(1, changes: changes(4, round: 1)), by: matcher)
        #expect(second.unkept?.code == .callNotKept && second.unkept?.subject == "10.1.0.1")
        #expect(second.refusal == nil && second.device?.id == device)
        var kept = try await store.localChanges(of: device)
        #expect(kept.count == 10 && kept.count { $0.key.name.hasPrefix("item-1") } == 4)
        // Nor in one call.
        #expect(try await store.note(call(1, changes: changes(11, round: 2)), by: matcher).unkept != nil)
        kept = try await store.localChanges(of: device)
        #expect(kept.count == 10 && kept.allSatisfy { $0.key.name.hasPrefix("item-2") })
        // The same said again needs no more room.
        #expect(try await store.note(call(1, changes: changes(10, round: 2)), by: matcher).unkept == nil)
        #expect(try tally(store) == 1000)
    }

    @Test("The items of a phone are kept when they are as many as a phone can have")
    func itemsOfOne() async throws {
        let store = try store { $0.knownItems = 1000 }
        let device = try #require(try await store.note(call(1), by: matcher).device).id
        let item = Item(ItemKey("a"), value: String(repeating: "x", count: 100))
        #expect(try await store.keepItems([item], changed: [], of: device, at: start) == nil)
        let many = (0..<10).map { Item(ItemKey("a\($0)"), value: item.value) }
        let unkept = try await store.keepItems(many, changed: changes(1), of: device, at: start)
        #expect(unkept?.code == .callNotKept)
        #expect(try await store.lastKnownItems(of: device) == [item])
        #expect(try await store.localChanges(of: device).count == 1)
    }

    @Test("All phones that prove nothing have so much room together, and those in secure mode lose nothing by it")
    func ofAll() async throws {
        let store = try store { $0.unproven = 1000 }
        let secure = try #require(try await store.note(call(9, tls: true, changes: changes(3)), by: matcher).device).id
        #expect(try tally(store) == 0)
        let first = try #require(try await store.note(call(1, changes: changes(10)), by: matcher).device).id
        let report = FileReport(type: "logo", name: "a.png", isDone: true)
        let second = try await store.note(call(2, changes: changes(1), files: [report]), by: matcher)
        #expect(second.unkept?.code == .callNotKept && second.refusal == nil && second.isNew)
        let device = try #require(second.device).id
        #expect(try await store.localChanges(of: device).isEmpty)
        #expect(try await store.fileOrders(of: device).isEmpty)
        let items = [Item(ItemKey("dhcp"), value: "true")]
        #expect(try await store.keepItems(items, changed: [], of: device, at: start)?.code == .callNotKept)
        #expect(try await store.lastKnownItems(of: device) == nil)
        // Who proved who it is is kept all the same.
        #expect(try await store.note(call(9, tls: true, changes: changes(5, round: 1)), by: matcher).unkept == nil)
        #expect(try await store.keepItems(items, changed: [], of: secure, at: start) == nil)
        #expect(try await store.localChanges(of: secure).count == 8)
        // With the one that said so much there is room again.
        try await store.removeDevices([first])
        #expect(try tally(store) == 0)
        #expect(try await store.note(call(2, changes: changes(1)), by: matcher).unkept == nil)
        #expect(try isRight(store))
    }

    @Test("Phones that call unasked are added up to a length of the list, and those on it are served beyond")
    func longList() async throws {
        let store = try store { $0.listed = 2 }
        let first = try #require(try await store.note(call(1), by: matcher).device).id
        _ = try await store.note(call(2), by: matcher)
        #expect(try await store.note(call(3), by: matcher).refusal?.code == .callListFull)
        #expect(try await store.note(call(1), by: matcher).refusal == nil)
        try await store.removeDevices([first])
        #expect(try await store.note(call(3), by: matcher).refusal == nil)
        #expect(try await store.deviceCount() == 2)
    }

    @Test("What is kept is counted right, however it comes and goes")
    func counted() async throws {
        let store = try Store.inMemory()
        func known(_ number: Int) async throws -> DeviceID {
            let report = FileReport(type: "logo", name: "ä.png", isDone: true, saidAt: "24:11:2026")
            let call = call(number, changes: changes(3), files: [report])
            let device = try #require(try await store.note(call, by: matcher).device).id
            try await store.keepItems(
                [Item(ItemKey("item-0-0"), value: "ü")], changed: changes(2, round: 1), of: device, at: start)
            #expect(try isRight(store))
            return device
        }
        let device = try await known(1)
        try await store.keepItems([Item(ItemKey("item-0-0"), value: "longer")], changed: [], of: device, at: start)
        let shorter = LocalChange(key: ItemKey("item-0-0"), value: nil, at: start)
        _ = try await store.note(call(1, changes: [shorter]), by: matcher)
        _ = try await store.orderFile(
            FileOrderRecord(type: "application", name: "a.img", version: SoftwareVersion("V3 R5.12.0")), of: device,
            unlessSince: start)
        #expect(try isRight(store))
        let run = try await store.createRun(plan: .make(devices: [device])).id
        try await store.begin(device, in: run)
        let written = ItemChange(key: ItemKey("item-0-0"), before: "ü", after: "something else")
        try await store.finish(.make(device, changes: [written]), acceptedSecrets: [:], in: run)
        #expect(try isRight(store))
        // Secure mode and back.
        let before = try tally(store)
        try await store.proveSecureMode(of: device, fingerprint: "aa")
        #expect(try tally(store) == 0)
        _ = try await store.note(call(1, tls: true, changes: changes(1, round: 5)), by: matcher)
        try await store.setSecureMode(nil, of: device)
        #expect(try tally(store) == before + 100)
        #expect(try isRight(store))
        try await store.forgetLocalChanges(of: device)
        #expect(try isRight(store))
        // As another phone, removed, and removed in secure mode.
        var entry = try await store.device(try await known(2))
        entry.mac = MACAddress(value: 7)
        try await store.saveDevices(updating: [entry])
        #expect(try isRight(store))
        let secure = try await known(3)
        try await store.proveSecureMode(of: secure, fingerprint: "ab")
        try await store.removeDevices([device, secure])
        #expect(try isRight(store))
        _ = try await known(4)
        try await store.load(DeploymentDocument(devices: [.make(9)]), .replace)
        #expect(try isRight(store))
        #expect(try tally(store) == 0)
    }

    @Test("What an older database keeps of calls is counted when it is opened")
    func olderDatabase() async throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("fleet.db")
        let queue = try DatabaseQueue(path: path)
        try Schema.migrator.migrate(queue, upTo: "10 phones at work outside of runs")
        try await queue.write { database in
            for number in 1...3 {
                try database.execute(
                    sql: """
                        INSERT INTO device (id, status, wasAuthenticated, note) VALUES (\(number), 'new', 0, '');
                        INSERT INTO phoneCall (device, secureMode) VALUES (\(number), iif(\(number) = 3, 'active', NULL));
                        INSERT INTO localChange (device, item, value, at) VALUES (\(number), 'dhcp', 'true', 0);
                        INSERT INTO localChange (device, item, value, at) VALUES (\(number), 'admin-pwd', NULL, 0);
                        INSERT INTO knownItems (device, items, at) VALUES (\(number), '["dhcp","true"]', 0);
                        INSERT INTO fileOrder (device, type, name) VALUES (\(number), 'logo', 'a.png');
                        """)
            }
        }
        try queue.close()
        let store = try Store.open(path: path)
        #expect(try tally(store) > 0)
        #expect(try isRight(store))
        try await store.removeDevices([DeviceID("d1"), DeviceID("d3")])
        #expect(try isRight(store))
    }
}
