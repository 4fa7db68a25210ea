import DeploymentModel
import Foundation
import Testing

@testable import DeploymentStore

@Suite struct WorkTests {
    private func sample() -> DeploymentDocument {
        var devices = [Device.make(1), Device.make(2)]
        (devices[0].id, devices[1].id) = (DeviceID("d11"), DeviceID("lobby"))
        return DeploymentDocument(
            devices: devices, groups: [DeviceGroup(name: "g", members: [DeviceID("lobby"), DeviceID("d11")])],
            settings: [
                Setting(layer: .type(PhoneTypeID("t")), key: ItemKey("a"), value: .plain("1")),
                Setting(layer: .site, key: ItemKey("a", index: 10), value: .plain("{number}")),
                Setting(layer: .site, key: ItemKey("pwd"), value: .secret(.environment("PWD_NEW"))),
                Setting(layer: .group("g"), key: ItemKey("a"), value: .plain("")),
                Setting(layer: .device(DeviceID("lobby")), key: ItemKey("a"), value: .plain("2")),
            ],
            profiles: [
                TrustRecord(
                    name: "site", subject: "CN=a,O=\"b\"", anchors: ["one\n", "two"], minimumTLS: "1.0",
                    allowsLegacy: true, pin: String(repeating: "0", count: 64), allowsExpiredAnchor: true)
            ],
            bindings: [
                TrustBinding(profile: "site", scope: .all, position: 2),
                TrustBinding(profile: "site", scope: .type(PhoneTypeID("t"))),
                TrustBinding(profile: "site", scope: .group("g")),
                TrustBinding(profile: "site", scope: .device(DeviceID("lobby"))),
            ])
    }

    @Test func workComesBackAsItWasLoaded() async throws {
        let store = try Store.inMemory()
        #expect(try await store.load(sample(), .replace) == LoadSummary(added: 2))
        let work = try await store.work()
        #expect(work.devices.map(\.id) == [DeviceID("d11"), DeviceID("d12")])
        #expect(work.groups == [DeviceGroup(name: "g", members: [DeviceID("d11"), DeviceID("d12")])])
        #expect(work.settings.dropLast() == sample().settings.dropLast())
        #expect(work.settings.last?.layer == .device(DeviceID("d12")))
        #expect(work.profiles == sample().profiles)
        #expect(work.bindings.dropLast() == sample().bindings.dropLast())
        #expect(work.bindings.last?.scope == .device(DeviceID("d12")))
        #expect(try await store.load(work, .replace) == LoadSummary(updated: 2))
        #expect(try await store.work() == work)
    }

    @Test func mergingKeepsWhatTheFileDoesNotName() async throws {
        let store = try Store.inMemory()
        var seen = Device.make(1)
        seen.wasAuthenticated = true
        seen.status = .verified
        let candidates = [Device.make(9), seen]
        try await store.saveDevices(adding: candidates)
        try await store.changeSettings(set: [Setting(layer: .site, key: ItemKey("b"), value: .plain("x"))])
        #expect(try await store.load(sample(), .merge) == LoadSummary(added: 1, updated: 1))
        let work = try await store.work()
        #expect(work.devices.map(\.id) == ["d1", "d2", "d3"].map { DeviceID($0) })
        #expect(work.devices[1].wasAuthenticated)
        #expect(work.devices[1].status == .verified)
        #expect(work.groups[0].members == [DeviceID("d2"), DeviceID("d3")])
        #expect(work.settings.contains { $0.key == ItemKey("b") })
    }

    @Test func replacingRemovesWhatTheFileDoesNotNameButKeepsIdsOfWhatItDoes() async throws {
        let store = try Store.inMemory()
        try await store.saveDevices(adding: [.make(9), .make(2)])
        #expect(try await store.load(sample(), .replace) == LoadSummary(added: 1, updated: 1, removed: 1))
        #expect(try await store.devices().map(\.number?.rawValue) == ["3002", "3001"])
        #expect(try await store.devices().map(\.id) == [DeviceID("d2"), DeviceID("d11")])
    }

    @Test func aFaultAnywhereLeavesEverythingAsItWas() async throws {
        let store = try Store.inMemory()
        try await store.load(sample(), .replace)
        let before = try await store.work()
        var bad = sample()
        bad.bindings.append(TrustBinding(profile: "missing", scope: .all))
        let (missing, twins) = (bad, DeploymentDocument(devices: [sample().devices[0], sample().devices[0]]))
        #expect(await code { _ = try await store.load(missing, .replace) } == .inputNotFound)
        #expect(await code { _ = try await store.load(twins, .merge) } == .inputDuplicate)
        #expect(await code { _ = try await Store.inMemory().load(twins, .merge) } == .inputDuplicate)
        #expect(try await store.work() == before)
    }

    @Test func settingsAreSetAndUnsetInOneStep() async throws {
        let store = try Store.inMemory()
        let (a, b) = (ItemKey("a"), ItemKey("b"))
        try await store.changeSettings(set: [
            Setting(layer: .site, key: b, value: .plain("1")), Setting(layer: .site, key: a, value: .plain("1")),
        ])
        try await store.changeSettings(
            set: [Setting(layer: .site, key: a, value: .secret(.file("/run/pwd")))], unset: [(.site, b)])
        #expect(
            try await store.settings() == [Setting(layer: .site, key: a, value: .secret(.file("/run/pwd")))])
        let unknown = Setting(layer: .group("nobody"), key: a, value: .plain("1"))
        #expect(
            await code { try await store.changeSettings(set: [unknown], unset: [(.site, a)]) } == .inputNotFound)
        #expect(await code { try await store.changeSettings(unset: [(.site, b)]) } == .inputNotFound)
        #expect(try await store.settings().count == 1)
    }

    @Test func removingTrustTellsWhichBindingsWent() async throws {
        let store = try Store.inMemory()
        try await store.load(sample(), .replace)
        #expect(try await store.removeTrust("site").count == 4)
        #expect(try await store.trustRecords().isEmpty)
        #expect(try await store.trustBindings().isEmpty)
        #expect(await code { try await store.removeTrust("site") } == .inputNotFound)
        let odd = TrustRecord(name: "x", subject: "", anchors: [], minimumTLS: "2.0")
        #expect(await code { try await store.saveTrust(odd) } == .inputValue)
    }

    @Test func theLastScanOfAnAddressIsKeptUntilTheReset() async throws {
        let store = try Store.inMemory()
        let row = ScanRow(
            address: "10.0.0.1", port: 443, status: .notTrusted, type: PhoneTypeID("t"), deviceType: "optiPoint",
            mac: MACAddress(value: 5), number: TerminalNumber("3000"), softwareVersion: SoftwareVersion("V3"),
            tls: true, evidence: PeerEvidence(certificateFingerprint: "aa"), chain: [[1, 2], [], [3]],
            fault: Fault(StatusCode("tls.wrong-subject"), subject: "10.0.0.1", detail: "got CN=x"),
            seenAt: Date(timeIntervalSince1970: 1_700_000_000))
        try await store.saveScan([ScanRow(address: "10.0.0.1"), ScanRow(address: "10.0.0.10")])
        try await store.saveScan([row])
        #expect(try await store.scanRows() == [row, ScanRow(address: "10.0.0.10")])
        try await store.resetScan()
        #expect(try await store.scanRows().isEmpty)
    }
}
