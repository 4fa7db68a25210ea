import DeploymentModel
import DeploymentStore
import Foundation
import Testing

@Suite struct DeviceListTests {
    @Test func devicesGetIdsThatAreNeverGivenAgain() async throws {
        let store = try Store.inMemory()
        let first = try await store.saveDevices(adding: [.make(1), .make(2)])
        #expect(first.map(\.id) == ["d1", "d2"].map { DeviceID($0) })
        try await store.removeDevices([DeviceID("d2")])
        let second = try await store.saveDevices(adding: [.make(2)])
        #expect(second.map(\.id) == [DeviceID("d3")])
    }

    @Test func aDeviceComesBackAsItWasSaved() async throws {
        let store = try Store.inMemory()
        var device = Device.make(1, note: "lobby \"east\"")
        device.port = 8085
        device.softwareVersion = SoftwareVersion("V2 R1.3")
        device.status = .notTrusted
        device.certificateFingerprint = String(repeating: "a", count: 64)
        device.wasAuthenticated = true
        device.lastSeen = .init(timeIntervalSince1970: 1_700_000_000.25)
        let saved = try await store.saveDevices(adding: [device])
        device.id = DeviceID("d1")
        #expect(saved == [device])
        #expect(try await store.devices() == [device])
        #expect(try await store.device(DeviceID("d1")) == device)
        #expect(try await store.devices([DeviceID("d9"), DeviceID("d1"), DeviceID("x")]) == [device])
        #expect(try await store.deviceCount() == 1)
    }

    @Test func aSecondDeviceWithTheSameNumberIsRefusedNamingTheFirst() async throws {
        let store = try Store.inMemory()
        try await store.saveDevices(adding: [.make(1)])
        var twin = Device.make(2)
        twin.number = TerminalNumber("3001")
        let candidates = [Device.make(3), twin]
        await #expect(
            throws: Fault(.inputDuplicate, subject: "3001", detail: "belongs to d1 (10.0.0.2) already")
        ) { try await store.saveDevices(adding: candidates) }
        #expect(try await store.deviceCount() == 1)
    }

    @Test func aSecondDeviceWithTheSameHardwareAddressIsRefused() async throws {
        let store = try Store.inMemory()
        try await store.saveDevices(adding: [.make(1), .make(2)])
        var other = try await store.device(DeviceID("d2"))
        other.mac = Device.make(1).mac
        let updates = [other]
        #expect(await code { try await store.saveDevices(updating: updates) } == .inputDuplicate)
        #expect(try await store.device(DeviceID("d2")).mac == Device.make(2).mac)
    }

    @Test func devicesExchangeTheirNumbersInOneStep() async throws {
        let store = try Store.inMemory()
        var devices = try await store.saveDevices(adding: [.make(1), .make(2)])
        (devices[0].number, devices[1].number) = (devices[1].number, devices[0].number)
        try await store.saveDevices(updating: [devices[0], devices[1]])
        #expect(try await store.devices() == devices)
    }

    @Test func unknownDevicesAreNamed() async throws {
        let store = try Store.inMemory()
        #expect(await code { _ = try await store.device(DeviceID("d1")) } == .inputNotFound)
        #expect(await code { try await store.saveDevices(updating: [.make(1)]) } == .inputNotFound)
        #expect(await code { try await store.removeDevices([DeviceID("d1")]) } == .inputNotFound)
    }

    @Test func anInvalidPortIsAnInputErrorAndNoDefect() async throws {
        let store = try Store.inMemory()
        var device = Device.make(1)
        device.port = 70_000
        let candidates = [device]
        #expect(await code { try await store.saveDevices(adding: candidates) } == .inputValue)
    }

    @Test func groupsKeepTheirMembersAndLoseTheOnesThatGo() async throws {
        let store = try Store.inMemory()
        let ids = try await store.saveDevices(adding: [.make(1), .make(2), .make(3)]).map(\.id)
        try await store.saveGroup(DeviceGroup(name: "floor2", members: [ids[2], ids[0]]))
        try await store.saveGroup(DeviceGroup(name: "empty"))
        #expect(
            try await store.groups()
                == [DeviceGroup(name: "empty"), DeviceGroup(name: "floor2", members: [ids[0], ids[2]])])
        #expect(try await store.groups(of: ids[0]) == ["floor2"])
        try await store.removeDevices([ids[0]])
        try await store.saveGroup(DeviceGroup(name: "empty", members: [ids[1]]))
        #expect(try await store.groups().map(\.members) == [[ids[1]], [ids[2]]])
        #expect(
            await code { try await store.saveGroup(DeviceGroup(name: "x", members: [ids[0]])) } == .inputNotFound)
        #expect(try await store.groups().map(\.name) == ["empty", "floor2"])
    }

    @Test func removingADeviceOrGroupTakesItsSettingsAndBindingsAlong() async throws {
        let store = try Store.inMemory()
        let id = try await store.saveDevices(adding: [.make(1)])[0].id
        try await store.saveGroup(DeviceGroup(name: "g", members: [id]))
        try await store.changeSettings(set: [
            Setting(layer: .device(id), key: ItemKey("a"), value: .plain("1")),
            Setting(layer: .group("g"), key: ItemKey("a"), value: .plain("2")),
            Setting(layer: .site, key: ItemKey("a"), value: .plain("3")),
        ])
        try await store.saveTrust(
            TrustRecord(name: "t", subject: "CN=p", anchors: []),
            binding: [
                TrustBinding(profile: "t", scope: .device(id)), TrustBinding(profile: "t", scope: .group("g")),
            ])
        #expect(try await store.removeGroup("g") == Removal(settings: 1, bindings: 1))
        #expect(try await store.removeDevices([id]) == Removal(settings: 1, bindings: 1))
        #expect(try await store.settings().map(\.layer) == [.site])
        #expect(try await store.trustBindings().isEmpty)
    }
}
