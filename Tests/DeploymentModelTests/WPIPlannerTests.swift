import DeploymentModel
import Foundation
import Testing

/// Plans for phones that call the tool.
@Suite struct WPIPlannerTests {
    private let catalogue: Catalogue

    init() throws {
        catalogue = try #require(BuiltIn.catalogue)
    }

    private func device(
        _ number: Int, type: String = "openstage-60", software: String? = nil, mac: Bool = true, address: Bool = true
    ) -> Device {
        Device(
            id: DeviceID("d\(number)"), type: PhoneTypeID(type), address: address ? "10.0.0.\(number)" : nil,
            mac: mac ? MACAddress(value: 0x001A_E800_0000 + UInt64(number)) : nil,
            softwareVersion: software.map { SoftwareVersion($0) })
    }

    private func request(_ devices: [Device], _ settings: [Setting] = []) -> PlanRequest {
        PlanRequest(
            mode: .deploy, createdAt: Date(timeIntervalSince1970: 0), devices: devices, catalogue: catalogue,
            settings: SettingsBook(settings),
            trust: .init(
                profiles: [TrustRecord(name: "own", subject: "CN=x", anchors: [])],
                bindings: [TrustBinding(profile: "own", scope: .all)]),
            protocols: [.direct, .wpi])
    }

    private func faults(_ request: PlanRequest) -> [Fault] {
        do throws(FaultList) {
            _ = try Planner.plan(request)
            return []
        } catch {
            return error.faults
        }
    }

    private func site(_ item: String, index: Int? = nil, _ value: String) -> Setting {
        Setting(layer: .site, key: ItemKey(item, index: index), value: .plain(value))
    }

    @Test func `no administrator password is needed`() throws {
        let plan = try Planner.plan(request([device(1)], [site("sntp-addr", "ntp.example.org")]))
        #expect(plan.devices[0].password == nil)
        #expect(plan.devices[0].tls == false)
        #expect(plan.devices[0].port == 8085)
        #expect(plan.devices[0].trust == [])
        #expect(plan.devices[0].wanted.map(\.key.name) == ["sntp-addr"])
    }

    @Test func `a password that is known is not part of the plan`() throws {
        var request = request([device(1)], [site("sntp-addr", "ntp.example.org")])
        request.secrets.defaultPassword = .sealed("admin")
        #expect(try Planner.plan(request).devices[0].password == nil)
    }

    @Test func `phones of both families stand in one plan, and only the direct ones need the password`() throws {
        let mixed = [device(1), device(2, type: "optipoint-410-advance-hfa")]
        var request = request(mixed, [site("sntp-addr", "ntp.example.org")])
        #expect(faults(request).map(\.code) == [.planNoPassword])
        request.secrets.defaultPassword = .sealed("admin")
        #expect(try Planner.plan(request).devices.map(\.password) == [nil, .sealed("admin")])
    }

    @Test func `without a MAC address nobody knows the phone when it calls`() {
        let faults = faults(request([device(1, mac: false)]))
        #expect(faults.map(\.code) == [.planNoMAC])
        #expect(faults.first?.subject == "10.0.0.1")
    }

    @Test func `a phone whose address is not known is waited for`() throws {
        let plan = try Planner.plan(request([device(1, address: false)], [site("sntp-addr", "ntp.example.org")]))
        #expect(plan.devices[0].address == plan.devices[0].mac?.description)
    }

    @Test func `a phone that showed its certificate once has to show it ever after`() throws {
        var secure = device(1)
        secure.wasAuthenticated = true
        let plan = try Planner.plan(request([secure], [site("sntp-addr", "ntp.example.org")]))
        #expect(plan.devices[0].tls)
        #expect(plan.devices[0].trust == ["own"])
    }

    @Test func `phones behind one router may share its address, one phone may not be listed twice`() throws {
        var neighbours = [device(1), device(2)]
        for place in neighbours.indices { neighbours[place].address = "192.0.2.1" }
        #expect(try Planner.plan(request(neighbours)).devices.count == 2)
        var twin = device(3)
        twin.mac = neighbours[0].mac
        #expect(faults(request([neighbours[0], twin])).map(\.code) == [.planDeviceConflict])
    }

    @Test(arguments: ["<", ">", "&"])
    func `software that reads markup wrongly gets no value with it`(mark: String) throws {
        let settings = [site("display-id-unicode", "A\(mark)B")]
        let faults = faults(request([device(1, software: "V1 R5.4.0")], settings))
        #expect(faults.map(\.code) == [.planMarkupInValue])
        #expect(faults.first?.subject == "display-id-unicode")
        #expect(faults.first?.detail == "possible from software V2, the phone has V1 R5.4.0; phone 10.0.0.1")
        for software in ["V2 R0.1.0", nil] {
            #expect(throws: Never.self) { try Planner.plan(request([device(1, software: software)], settings)) }
        }
    }

    @Test func `an index beyond the keys of a model is refused for that phone alone`() {
        let own = Setting(layer: .device(DeviceID("d1")), key: ItemKey("key-label", index: 7), value: .plain("x"))
        let faults = faults(request([device(1, type: "openstage-40")], [own]))
        #expect(faults.map(\.code) == [.planInvalidValue])
        #expect(faults.first?.detail?.contains("expects an index 1 to 6, 301 to 312, 401 to 412") == true)
    }

    @Test func `files of one kind are told apart by their names, and none is planned twice`() throws {
        func file(_ name: String) -> WantedFile {
            let fetch = FileFetch(url: "https://files.example/\(name)", name: name)
            return WantedFile(kind: FileKind("ringtone"), change: .fetch(fetch))
        }
        var request = request([device(1)])
        request.files = [DeviceID("d1"): [file("a.wav"), file("b.wav")]]
        #expect(try Planner.plan(request).devices[0].files.map(\.name) == ["a.wav", "b.wav"])
        let deletion = FileFetch(url: "", name: "a.wav", isDeletion: true)
        let twice = [file("a.wav"), WantedFile(kind: FileKind("ringtone"), change: .fetch(deletion))]
        request.files = [DeviceID("d1"): twice]
        #expect(faults(request).map(\.code) == [.inputDuplicate])
    }

    @Test func `a phone has one software, whatever its file is called`() {
        let files = ["a.img", "b.img"].map { name in
            WantedFile(
                kind: .application,
                change: .fetch(
                    FileFetch(url: "https://files.example/\(name)", name: name, version: SoftwareVersion("V3"))))
        }
        var request = request([device(1)])
        request.files = [DeviceID("d1"): files]
        #expect(faults(request).map(\.code) == [.inputDuplicate])
    }

    @Test func `a phone's private key is not sent where nobody authenticates the phone`() {
        var request = request([device(1)])
        request.files = [
            DeviceID("d1"): [WantedFile(kind: .serverKeyMaterial, change: .delete)]
        ]
        #expect(faults(request).map(\.code) == [.materialPlainRefused])
    }
}
