import DeploymentModel
import Foundation
import Testing

@testable import DeploymentStore

@Suite("What phones that call say, in the store")
struct CallTests {
    private static let type = PhoneType(
        id: PhoneTypeID("openstage-60-sip"), name: "OpenStage 60 SIP", deviceType: "OpenStage 60", family: "OpenStage",
        managementProtocol: .wpi, access: [ManagementAccess(tls: false, port: 8085)], softwareVersions: [], tabs: [],
        fileKinds: [], limits: PhoneType.Limits(items: 100, fileBytes: 65_536),
        durations: PhoneType.Durations(transfer: 1, restart: 60), provenance: .decision)
    private let matcher = DeviceMatcher(catalogue: Catalogue(types: [Self.type]))
    private let start = Date(timeIntervalSince1970: 1_700_000_000)

    private func mac(_ number: Int) -> MACAddress { MACAddress(value: 0x001A_E800_0000 + UInt64(number)) }

    private func call(
        _ number: Int, _ reason: CallReason = .startUp, tls: Bool = false, terminal: String? = nil,
        changes: [LocalChange] = [], files: [FileReport] = [], remark: String? = nil
    ) -> HeardCall {
        let row = ScanRow(
            address: "10.1.\(number / 250).\(number % 250 + 1)", port: 8085, status: .phone, type: Self.type.id,
            deviceType: "OpenStage 60", mac: mac(number), number: terminal.flatMap { TerminalNumber($0) },
            softwareVersion: SoftwareVersion("V3 R3.32.0"), tls: tls,
            evidence: tls ? PeerEvidence(certificateFingerprint: "aa", profile: "phones") : nil, seenAt: start)
        return HeardCall(reason: reason, row: row, localChanges: changes, files: files, remark: remark, at: start)
    }

    private func change(_ item: String, _ value: String?) -> LocalChange {
        LocalChange(key: ItemKey(item), value: value, at: start)
    }

    @Test("A call proves by whom a phone believes, but of one on which a command works", arguments: [true, false])
    func belief(isClaimed: Bool) async throws {
        let store = try Store.inMemory()
        let device = try #require(try await store.note(call(1, tls: true), by: matcher).device).id
        let (known, shown) = (String(repeating: "a", count: 64), String(repeating: "b", count: 64))
        try await store.setServerTrust(ServerBelief([known], doubtful: [shown]), of: device)
        var heard = call(1, tls: true)
        heard.serverAuthority = shown
        if isClaimed {
            try await store.claiming([device]) { _ = try await store.note(heard, by: matcher) }
        } else {
            _ = try await store.note(heard, by: matcher)
        }
        let belief = try await store.serverTrustState(of: []).beliefs[device]
        #expect(belief == (isClaimed ? ServerBelief([known], doubtful: [shown]) : ServerBelief([known, shown])))
        // In default mode a phone looks at no certificate.
        heard = call(2)
        heard.serverAuthority = shown
        let other = try #require(try await store.note(heard, by: matcher).device).id
        try await store.setSecureMode(.active, of: other)
        #expect(try await store.serverTrustState(of: []).beliefs[other] == nil)
    }

    @Test("A phone that calls is entered once, and its start-ups are counted")
    func startUps() async throws {
        let store = try Store.inMemory()
        let first = try await store.note(call(1, terminal: "4711"), by: matcher)
        #expect(first.isNew)
        #expect(first.startUps == 1)
        let device = try #require(first.device)
        #expect(try await store.devices() == [device])
        #expect(device.number == TerminalNumber("4711"))
        let second = try await store.note(call(1, .solicited), by: matcher)
        #expect(!second.isNew)
        #expect(second.startUps == 1)
        #expect(try await store.note(call(1), by: matcher).startUps == 2)
        #expect(try await store.startUps(of: mac(1)) == 2)
        #expect(try await store.startUps(of: mac(2)) == 0)
        let calls = try #require(try await store.calls().first)
        #expect(calls.lastReason == .startUp)
        #expect(calls.contactAddress == "10.1.0.2")
        #expect(calls.contactPort == 8085)
        #expect(calls.secureMode == nil)
    }

    @Test("A number that another phone has is withheld from a new one")
    func takenNumber() async throws {
        let store = try Store.inMemory()
        _ = try await store.note(call(1, terminal: "4711"), by: matcher)
        let second = try await store.note(call(2, terminal: "4711"), by: matcher)
        #expect(second.isNew)
        #expect(second.device?.number == nil)
    }

    @Test("A phone in secure mode is refused when it calls without proof, and nothing is changed by it")
    func secureMode() async throws {
        let store = try Store.inMemory()
        let device = try #require(try await store.note(call(1), by: matcher).device)
        try await store.setSecureMode(.begun, of: device.id)
        #expect(try await store.note(call(1), by: matcher).refusal == nil)
        // Another certificate than the one that was made for it does not settle it.
        let early = try await store.note(call(1, tls: true), by: matcher)
        #expect(early.device?.wasAuthenticated == false)
        #expect(try await store.calls().first?.secureMode == .begun)
        try await store.proveSecureMode(of: device.id, fingerprint: "ab")
        let secure = try await store.note(call(1, tls: true), by: matcher)
        #expect(secure.device?.wasAuthenticated == true)
        #expect(try await store.calls().first?.secureMode == .active)
        let before = try await store.devices()
        let refused = try await store.note(call(1), by: matcher)
        #expect(refused.refusal?.code == .callRefused)
        #expect(refused.device == nil)
        #expect(try await store.devices() == before)
        #expect(try await store.startUps(of: mac(1)) == 4)
        // Marked by hand, without ever having been authenticated.
        let other = try #require(try await store.note(call(2), by: matcher).device)
        try await store.setSecureMode(.active, of: other.id)
        #expect(try await store.note(call(2), by: matcher).refusal?.code == .callRefused)
        try await store.setSecureMode(nil, of: other.id)
        #expect(try await store.note(call(2), by: matcher).refusal == nil)
    }

    @Test("Changes at the phone are kept until a run writes the item, and a number that the list does not want counts")
    func localChanges() async throws {
        let store = try Store.inMemory()
        let device = try #require(try await store.note(call(1, terminal: "4711"), by: matcher).device)
        let changes = [change("sntp-addr", "10.9.9.9"), change("dhcp", "false"), change("admin-pwd", nil)]
        _ = try await store.note(call(1, .localChanges, terminal: "9999", changes: changes), by: matcher)
        let known = try await store.localChanges(of: device.id)
        #expect(known.map(\.key.name) == ["admin-pwd", "dhcp", "e164", "sntp-addr"])
        #expect(known.map(\.value) == [nil, "false", "9999", "10.9.9.9"])
        #expect(try await store.device(device.id).number == TerminalNumber("4711"))

        try await store.keepItems(
            [Item(ItemKey("sntp-addr"), value: "10.9.9.9"), Item(ItemKey("dhcp"), value: "false")], changed: [],
            of: device.id, at: start)
        // A look names as changes what would be written, and settles nothing.
        let look = try await store.createRun(plan: .make(devices: [device.id], mode: .compare)).id
        let wanted = ItemChange(key: ItemKey("sntp-addr"), before: "10.9.9.9", after: "10.0.0.1")
        try await store.begin(device.id, in: look)
        try await store.finish(.make(device.id, .differs, changes: [wanted]), acceptedSecrets: [:], in: look)
        #expect(try await store.localChanges() == [device.id: known])
        #expect(try await store.lastKnownItems(of: device.id)?.map(\.value) == ["10.9.9.9", "false"])

        let run = try await store.createRun(plan: .make(devices: [device.id])).id
        try await store.begin(device.id, in: run)
        let written = ItemChange(key: ItemKey("sntp-addr"), before: "10.9.9.9", after: "10.0.0.1")
        let refused = ItemChange(key: ItemKey("dhcp"), before: "false", after: "true", status: .invalidData)
        try await store.finish(.make(device.id, changes: [written, refused]), acceptedSecrets: [:], in: run)
        #expect(try await store.localChanges(of: device.id).map(\.key.name) == ["admin-pwd", "dhcp", "e164"])
        let items = try #require(try await store.lastKnownItems(of: device.id))
        #expect(items.map(\.value) == ["10.0.0.1", "false"])
        try await store.forgetLocalChanges(of: device.id)
        #expect(try await store.localChanges(of: device.id).isEmpty)
    }

    @Test("A file is ordered once in its time, and the phone's word on it is kept")
    func fileOrders() async throws {
        let clock = HandClock()
        let store = try Store.inMemory(options: .init(now: { clock.now() }))
        let device = try #require(try await store.note(call(1), by: matcher).device).id
        let order = FileOrderRecord(type: "application", name: "os60.img", version: SoftwareVersion("V3 R5.12.0"))
        func place(_ order: FileOrderRecord) async throws -> FileOrderRecord? {
            try await store.orderFile(order, of: device, unlessSince: clock.now().addingTimeInterval(-900))
        }
        #expect(try await place(order) == nil)
        #expect(try await place(order)?.name == "os60.img")
        var renamed = order
        renamed.name = "other.img"
        #expect(try await place(renamed) != nil)
        renamed.version = SoftwareVersion("V3 R6.0.0")
        #expect(try await place(renamed) == nil)
        clock.advance(901)
        #expect(try await place(order) == nil)
        try await store.withdrawFileOrder(order, of: device)
        #expect(try await place(order) == nil)
        let report = FileReport(type: "application", name: "os60.img", isDone: true, saidAt: "24:11:2026 12:00:00")
        _ = try await store.note(call(1, .status, files: [report]), by: matcher)
        #expect(try await store.fileOrders(of: device).first { $0.name == "os60.img" }?.isDone == true)
    }

    @Test("A phone is asked to call at most once in the gap, by all processes together")
    func contactMe() async throws {
        let directory = try TemporaryDirectory()
        let clock = HandClock()
        let stores = try (0..<2).map { _ in
            try Store.open(path: directory.file("fleet.db"), keyFile: nil, options: .init(now: { clock.now() }))
        }
        let place = mac(1).description
        #expect(try await stores[0].claimContactMe(at: place, gap: 60) == nil)
        #expect(try await stores[1].claimContactMe(at: place, gap: 60) == clock.now().addingTimeInterval(60))
        #expect(try await stores[1].claimContactMe(at: mac(2).description, gap: 60) == nil)
        clock.advance(60)
        let claims = try await withThrowingTaskGroup(of: Bool.self) { group in
            for number in 0..<20 {
                group.addTask { try await stores[number % 2].claimContactMe(at: place, gap: 60) == nil }
            }
            return try await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }
        #expect(claims == 1)
        clock.advance(-86_400)
        #expect(try await stores[0].claimContactMe(at: place, gap: 60) == nil)
    }

    @Test("Hundreds of phones that call at once, in two processes, are all entered and counted")
    func manyCalls() async throws {
        let directory = try TemporaryDirectory()
        let stores = try (0..<2).map { _ in try Store.open(path: directory.file("fleet.db")) }
        let matcher = matcher
        try await withThrowingTaskGroup(of: Void.self) { group in
            for round in 0..<3 {
                for number in 0..<200 {
                    let call = call(number)
                    group.addTask { _ = try await stores[(number + round) % 2].note(call, by: matcher) }
                }
            }
            try await group.waitForAll()
        }
        let calls = try await stores[0].calls()
        #expect(calls.count == 200)
        #expect(calls.allSatisfy { $0.startUps == 3 })
        #expect(try await stores[1].deviceCount() == 200)
    }

    @Test("What is known of a phone's calls goes with its entry, and when the entry becomes another phone")
    func gone() async throws {
        let store = try Store.inMemory()
        var device = try #require(try await store.note(call(1), by: matcher).device)
        _ = try await store.note(call(1, .localChanges, changes: [change("dhcp", "false")]), by: matcher)
        device.mac = mac(7)
        try await store.saveDevices(updating: [device])
        #expect(try await store.calls().isEmpty)
        #expect(try await store.localChanges(of: device.id).isEmpty)
        _ = try await store.note(call(7), by: matcher)
        try await store.removeDevices([device.id])
        #expect(try await store.calls().isEmpty)
    }

    @Test(
        "The pause that a phone makes by itself is kept from what it says, what it is read to have, and what it is given"
    )
    func contactGap() async throws {
        let store = try Store.inMemory()
        let device = try #require(try await store.note(call(1), by: matcher).device)
        func gap() async throws -> Int? { try await store.contactGap(of: mac(1)) }
        #expect(try await gap() == nil)
        let told = [change("dls-contact-interval", "65"), change("dhcp", "true")]
        _ = try await store.note(call(1, .localChanges, changes: told), by: matcher)
        #expect(try await gap() == 65)
        _ = try await store.note(call(1, .localChanges, changes: [change("dls-contact-interval", "soon")]), by: matcher)
        #expect(try await gap() == 65)
        let read = [Item(ItemKey("dls-contact-interval"), value: "120")]
        try await store.keepItems(read, changed: [], of: device.id, at: start)
        #expect(try await gap() == 120)
        let run = try await store.createRun(plan: .make(devices: [device.id])).id
        let written = ItemChange(key: ItemKey("dls-contact-interval"), before: "120", after: "600")
        try await store.begin(device.id, in: run)
        try await store.finish(.make(device.id, changes: [written]), acceptedSecrets: [:], in: run)
        #expect(try await gap() == 600)
    }

    @Test("A run that only compares settles nothing")
    func comparing() async throws {
        let store = try Store.inMemory()
        let device = try #require(try await store.note(call(1), by: matcher).device)
        _ = try await store.note(call(1, .localChanges, changes: [change("dhcp", "false")]), by: matcher)
        let run = try await store.createRun(plan: .make(devices: [device.id], mode: .compare)).id
        let differs = [
            ItemChange(key: ItemKey("dhcp"), before: "false", after: "true"),
            ItemChange(key: ItemKey("dls-contact-interval"), before: "120", after: "600"),
        ]
        try await store.begin(device.id, in: run)
        try await store.finish(.make(device.id, .differs, changes: differs), acceptedSecrets: [:], in: run)
        #expect(try await store.localChanges(of: device.id).map(\.key.name) == ["dhcp"])
        #expect(try await store.contactGap(of: mac(1)) == nil)
    }

    @Test("The end of a PIN goes with the phone that it is for", arguments: ["removed", "replaced", "another phone"])
    func endOfPINGoes(how: String) async throws {
        let store = try Store.inMemory()
        var device = try #require(try await store.note(call(1), by: matcher).device)
        try await store.beginSecureMode(of: device.id, tan: SecretText("123"))
        switch how {
        case "removed": try await store.removeDevices([device.id])
        case "replaced": try await store.load(DeploymentDocument(devices: [.make(9)]), .replace)
        default:
            device.mac = mac(7)
            try await store.saveDevices(updating: [device])
        }
        #expect(try await store.secureModeTAN(of: device.id) == nil)
        #expect(try await store.secretNames().isEmpty)
    }

    @Test("A plan without a password is kept as it is")
    func planWithoutPassword() async throws {
        let store = try Store.inMemory()
        var plan = TransferPlan.make(devices: [DeviceID("d1")])
        plan.devices[0].password = nil
        let run = try await store.createRun(plan: plan)
        #expect(run.plan.devices[0].password == nil)
        #expect(try await store.plan(of: run.id).devices[0].password == nil)
        let text = try JSONEncoder().encode(plan)
        #expect(try JSONDecoder().decode(TransferPlan.self, from: text) == plan)
    }
}
