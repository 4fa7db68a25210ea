import DeploymentModel
import Foundation
import GRDB
import Testing

@testable import DeploymentStore

@Suite struct RunTests {
    let device = DeviceID("d1")

    @Test func aPlanComesBackAsItWasGiven() async throws {
        let store = try Store.inMemory()
        let wanted = [
            WantedItem(key: ItemKey("sntp-addr"), value: .plain("10.0.0.1"), origin: .site, needsRestart: true),
            WantedItem(
                key: ItemKey("key-name", index: 3), value: .plain("a \"b\" \\ \u{1}\n\u{fc}\u{1F4DE}"),
                origin: .group("g"), dependentGroup: "keys"),
            WantedItem(key: ItemKey("admin-pwd"), value: .secret(.sealed("new")), isKnownAccepted: true),
        ]
        var plan = TransferPlan.make(devices: [device, DeviceID("d2")], wanted: wanted)
        plan.options.failureLimit = .percent(2.5)
        plan.devices[1].number = TerminalNumber("+4989722")
        let run = try await store.createRun(plan: plan)
        #expect(run.id == RunID("r1"))
        #expect(run.plan == plan)
        #expect(try await store.plan(of: run.id) == plan)
    }

    @Test func itemsThatPhonesShareAreKeptOnceAndStaySeparateFromTheirOwn() async throws {
        let store = try Store.inMemory()
        let (one, two) = (
            [WantedItem(key: ItemKey("a"), value: .plain("1"), origin: .site)],
            [WantedItem(key: ItemKey("a"), value: .plain("2"), origin: .site)]
        )
        var plan = TransferPlan.make(devices: (1...5).map { DeviceID("d\($0)") })
        plan.devices = zip(plan.devices, [one, two, one, one, []]).map { device, common in
            DevicePlan(
                device: device.device, type: device.type, address: device.address, port: device.port, tls: device.tls,
                password: device.password,
                wanted: [WantedItem(key: ItemKey("e164"), value: .plain(device.device.rawValue))], common: common)
        }
        let run = try await store.createRun(plan: plan).id
        #expect(try await store.plan(of: run) == plan)
        let lists = try await store.database.read {
            try Int.fetchOne($0, sql: "SELECT count(*) FROM runPlanItems") ?? 0
        }
        #expect(lists == 2)
    }

    @Test func aRunGoesFromBeginToFinish() async throws {
        let store = try Store.inMemory()
        let known = try await store.saveDevices(adding: [.make(1)])[0]
        let run = try await store.createRun(plan: .make(devices: [known.id])).id
        #expect(try await store.progress(of: run) == RunProgress())
        try await store.begin(known.id, in: run)
        let intent = JournalEntry.make(known.id)
        try await store.record(intent, in: run)
        #expect(try await store.progress(of: run) == RunProgress(open: [known.id: [intent]]))
        let result = DeviceResult.make(
            known.id, evidence: PeerEvidence(certificateFingerprint: "ab", profile: "site", tlsVersion: "1.3"),
            software: SoftwareVersion("V3.0"))
        try await store.finish(result, acceptedSecrets: [:], in: run)
        #expect(try await store.progress(of: run) == RunProgress(finished: [known.id: result]))
        try await store.finishRun(run, .finished)
        let record = try await store.run(run)
        #expect(record.state == .finished)
        #expect(record.totals == [.verified: 1])
        #expect(record.deviceCount == 1)
        #expect(try await store.runs() == [record])
        #expect(try await store.results(of: run) == [result])
        #expect(try await store.entries(of: run) == [intent])
        let after = try await store.device(known.id)
        #expect(after.status == .verified)
        #expect(after.softwareVersion == SoftwareVersion("V3.0"))
        #expect(after.lastSeen == result.finishedAt)
        #expect(after.certificateFingerprint == "ab")
        #expect(after.wasAuthenticated)
    }
}
