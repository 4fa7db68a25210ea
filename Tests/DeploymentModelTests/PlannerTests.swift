import DeploymentModel
import Foundation
import Testing

@Suite struct PlannerTests {
    private static let sntp = Parameter(item: "sntp-addr", label: "SNTP", help: "", kind: .host, provenance: .decision)
    private static let parameters = [
        sntp, Parameter(item: "e164", label: "Number", help: "", kind: .digits, provenance: .decision),
        Parameter(item: "qos", label: "", help: "", kind: .number, minimum: 0, maximum: 63, provenance: .decision),
        Parameter(item: "label", label: "", help: "", kind: .text, maximumLength: 20, provenance: .decision),
        Parameter(item: "admin-pwd", label: "", help: "", kind: .password, isSecret: true, provenance: .decision),
    ]

    private static func type(
        _ id: String, tls: Bool, protocol managementProtocol: ManagementProtocol = .direct
    ) -> PhoneType {
        PhoneType(
            id: PhoneTypeID(id), name: id, deviceType: id, family: "f", managementProtocol: managementProtocol,
            access: [ManagementAccess(tls: tls, port: tls ? 443 : 8085)], softwareVersions: [SoftwareVersion("V1")],
            tabs: [ParameterTab(id: "t", name: "T", parameters: parameters)], fileKinds: [],
            limits: .init(items: 10, fileBytes: 1), durations: .init(transfer: 1, restart: 1), provenance: .decision)
    }

    private static let catalogue = Catalogue(types: [
        type("secure", tls: true), type("plain", tls: false), type("caller", tls: true, protocol: .wpi),
    ])
    private static let profile = TrustRecord(name: "built-in", subject: "CN=x", anchors: [])

    private func device(_ number: Int, type: String? = "secure", terminal: String? = nil) -> Device {
        Device(
            id: DeviceID("d\(number)"), type: type.map { PhoneTypeID($0) }, address: "10.0.0.\(number)",
            mac: MACAddress(value: UInt64(number)), number: terminal.flatMap { TerminalNumber($0) })
    }

    private func request(_ devices: [Device], _ settings: [Setting] = []) -> PlanRequest {
        PlanRequest(
            mode: .deploy, createdAt: Date(timeIntervalSince1970: 0), devices: devices, catalogue: Self.catalogue,
            settings: SettingsBook(settings),
            trust: .init(profiles: [Self.profile], bindings: [TrustBinding(profile: "built-in", scope: .all)]),
            secrets: .init(defaultPassword: .sealed("admin")))
    }

    private func codes(_ request: PlanRequest) -> [StatusCode] {
        do throws(FaultList) {
            _ = try Planner.plan(request)
            return []
        } catch {
            return error.faults.map(\.code)
        }
    }

    private func site(_ item: String, _ value: String) -> Setting {
        Setting(layer: .site, key: ItemKey(item), value: .plain(value))
    }

    @Test func aPlanHoldsEverythingThatTheRunNeeds() throws {
        let plan = try Planner.plan(
            request([device(1, terminal: "3200"), device(2, type: "plain")], [site("sntp-addr", "10.1.1.1")]))
        let first = plan.devices[0]
        #expect(first.tls)
        #expect(first.port == 443)
        #expect(first.trust == ["built-in"])
        #expect(first.password == .sealed("admin"))
        #expect(first.wanted.map(\.key) == [ItemKey("e164"), ItemKey("sntp-addr")])
        #expect(first.wanted.map(\.value) == [.plain("3200"), .plain("10.1.1.1")])
        #expect(first.wanted.map(\.origin) == [nil, .site])
        #expect(plan.devices[1].trust == [])
        #expect(plan.devices[1].port == 8085)
        #expect(plan.profiles == [Self.profile])
    }

    @Test func everythingThatIsWrongIsToldAtOnce() {
        var conflicted = device(5)
        conflicted.status = .conflict
        var homeless = device(6)
        homeless.address = nil
        var known = device(7, type: "plain")
        known.wasAuthenticated = true
        var request = request(
            [
                device(1, type: nil), device(2, type: "unheard-of"), device(3, type: "caller"), conflicted, homeless,
                known, device(8, terminal: "1"), device(9, terminal: "1"),
            ], [site("qos", "64")])
        request.secrets.defaultPassword = nil
        request.trust.bindings = []
        request.options.concurrency = 0
        request.protocols = [.direct]
        let codes = Set(codes(request))
        #expect(
            codes == [
                .planNoType, .planNotSupported, .planDeviceConflict, .planNoAddress, .tlsPlainRefused,
                .planNumberConflict, .planNoPassword, .tlsNoProfile, .planInvalidValue, .inputValue,
            ])
    }

    @Test func ofAPhoneWithoutATypeNobodyKnowsWhetherItNeedsAPassword() {
        var request = request([device(1, type: nil), device(2, type: nil)])
        request.secrets.defaultPassword = nil
        request.calling = [DeviceID("d2")]
        let faults = #expect(throws: FaultList.self) { try Planner.plan(request) }?.faults ?? []
        #expect(faults.map(\.code) == [.planNoType, .planNoType])
        #expect(faults.map { $0.detail != nil } == [false, true])
    }

    @Test func aPhoneThatIsNotTrustedIsNotReachedInPlain() {
        var doubtful = device(1, type: "plain")
        #expect(codes(request([doubtful])) == [])
        doubtful.status = .notTrusted
        #expect(codes(request([doubtful])) == [.tlsPlainRefused])
    }

    @Test func aFaultThatManyPhonesShareIsToldOnce() throws {
        let request = request((1...500).map { device($0) }, [site("qos", "64")])
        let faults = #expect(throws: FaultList.self) { try Planner.plan(request) }?.faults
        #expect(faults?.count == 1)
        #expect(faults?.first?.detail?.contains("500 phones") == true)
    }

    @Test func aNumberIsHeldAgainstTheWholeList() {
        var request = request([device(1, terminal: "3200")])
        request.deviceList = [device(1, terminal: "3200"), device(2)]
        #expect(codes(request) == [])
        request.deviceList.append(device(3, terminal: "3200"))
        #expect(codes(request) == [.planNumberConflict])
        request.deviceList = [device(4, terminal: "7"), device(5, terminal: "7")]
        #expect(codes(request) == [])
    }

    @Test func twoEntriesForOnePhoneAreAConflict() {
        var twin = device(2)
        twin.address = device(1).address
        #expect(codes(request([device(1), twin])) == [.planDeviceConflict])
        twin.port = 4443
        #expect(codes(request([device(1), twin])) == [])
    }

    @Test func aPhoneWithoutAnythingChosenStaysInThePlanWithNothingWanted() throws {
        #expect(try Planner.plan(request([device(1)])).devices.map(\.isEmpty) == [true])
    }

    @Test func aSecretThatThePhoneHasTakenIsKnownAndTheCurrentPasswordToo() throws {
        var request = request(
            [device(1), device(2)],
            [Setting(layer: .site, key: ItemKey("admin-pwd"), value: .secret(.sealed("new")))])
        request.secrets.accepted = [DeviceID("d1"): [ItemKey("admin-pwd"): .sealed("new")]]
        #expect(try Planner.plan(request).devices.map { $0.wanted[0].isKnownAccepted } == [true, false])
        request.secrets = .init(defaultPassword: .sealed("new"))
        #expect(try Planner.plan(request).devices.map { $0.wanted[0].isKnownAccepted } == [true, true])
    }

    @Test func theMostSpecificScopeThatHasProfilesWins() {
        let resolver = TrustResolver([
            TrustBinding(profile: "all", scope: .all),
            TrustBinding(profile: "type", scope: .type(PhoneTypeID("t"))),
            TrustBinding(profile: "new", scope: .group("g"), position: 1),
            TrustBinding(profile: "old", scope: .group("g"), position: 2),
            TrustBinding(profile: "other", scope: .group("h"), position: 0),
            TrustBinding(profile: "device", scope: .device(DeviceID("d1"))),
        ])
        let (type, other) = (PhoneTypeID("t"), PhoneTypeID("u"))
        #expect(resolver.profiles(for: DeviceID("d1"), type: type, groups: ["g"]) == ["device"])
        #expect(resolver.profiles(for: DeviceID("d2"), type: type, groups: ["g", "h"]) == ["other", "new", "old"])
        #expect(resolver.profiles(for: DeviceID("d2"), type: type) == ["type"])
        #expect(resolver.profiles(for: nil, type: other) == ["all"])
        #expect(TrustResolver([]).profiles(for: nil, type: type).isEmpty)
    }

    @Test func aPlanForManyPhonesKeepsWhatTheyShareOnceAndSurvivesCoding() throws {
        let settings = [
            site("sntp-addr", "10.1.1.1"), site("qos", "46"), site("label", "phone {number}"),
            Setting(layer: .device(DeviceID("d2")), key: ItemKey("qos"), value: .plain("12")),
        ]
        let plan = try Planner.plan(request((1...200).map { device($0, terminal: "\(3000 + $0)") }, settings))
        #expect(Set(plan.devices.map(\.common)).count == 2)
        #expect(plan.devices[1].wanted.map(\.value).contains(.plain("12")))
        #expect(plan.devices[2].wanted.map(\.value).contains(.plain("phone 3003")))
        let bytes = try JSONEncoder().encode(plan)
        #expect(try JSONDecoder().decode(TransferPlan.self, from: bytes) == plan)
        #expect(
            try JSONDecoder().decode(DevicePlan.self, from: JSONEncoder().encode(plan.devices[3])) == plan.devices[3])
        #expect(bytes.split(separator: UInt8(ascii: "\n")).count == 1)
        #expect(bytes.count < 200 * 600)
    }

    @Test func secretsOfAPlanCanBeRenamed() {
        var plan = DevicePlan(
            device: DeviceID("d"), type: PhoneTypeID("t"), address: "a", port: 1, tls: false, password: .sealed("a"),
            wanted: [WantedItem(key: ItemKey("x"), value: .secret(.sealed("b")))],
            common: [WantedItem(key: ItemKey("y"), value: .secret(.sealed("c")))])
        plan.replaceSecrets { .sealed("\($0)!") }
        #expect(plan.password == .sealed("sealed:a!"))
        #expect(plan.wanted.map(\.value) == [.secret(.sealed("sealed:b!")), .secret(.sealed("sealed:c!"))])
    }
}

@Suite struct PlanDifferenceTests {
    private let kinds = ValueKinds(["flag": .boolean, "port": .port, "host": .host, "text": .text])

    private func plain(_ name: String, _ value: String) -> WantedItem {
        WantedItem(key: ItemKey(name), value: .plain(value))
    }

    @Test func onlyWhatIsNotAsWantedIsAChange() {
        let wanted = [plain("flag", "true"), plain("host", "ntp.example"), plain("port", "80"), plain("text", "a")]
        let read = [
            Item(ItemKey("flag"), value: "1"), Item(ItemKey("host"), value: "NTP.example"),
            Item(ItemKey("port"), value: "0080"), Item(ItemKey("text"), value: "A"),
        ]
        let changes = Difference.changes(wanted: wanted, read: read, kinds: kinds)
        #expect(changes == [ItemChange(key: ItemKey("text"), before: "A", after: "a")])
    }

    @Test func theOrderAndTheExtrasOfAnAnswerDoNotMatter() {
        let wanted = (1...50).map { plain("k\($0)", "\($0)") }.sorted { $0.key < $1.key }
        let read = (0...60).reversed().map { Item(ItemKey("k\($0)"), value: $0 == 7 ? "x" : "\($0)") }
        let changes = Difference.changes(wanted: wanted, read: read, kinds: kinds)
        #expect(changes.map(\.key) == [ItemKey("k7")])
    }

    @Test func anItemThatThePhoneDoesNotGiveIsAChangeWithItsStatus() {
        let changes = Difference.changes(
            wanted: [plain("a", "1"), plain("b", "1")], read: [Item(ItemKey("b"), status: .unknownItem)], kinds: kinds)
        #expect(changes.map(\.before) == [nil, nil])
        #expect(changes.map(\.status) == [nil, .unknownItem])
    }

    @Test func secretsAreMaskedAndLeftOutWhenKnown() {
        var known = WantedItem(key: ItemKey("a"), value: .secret(.sealed("a")), isKnownAccepted: true)
        #expect(Difference.changes(wanted: [known], read: [], kinds: kinds).isEmpty)
        known.isKnownAccepted = false
        #expect(Difference.changes(wanted: [known], read: [], kinds: kinds).map(\.after) == [SecretText.mask])
        #expect(Difference.changes(wanted: [known], read: [], kinds: kinds, accepted: [ItemKey("a")]).isEmpty)
    }

    @Test func changesThatManyPhonesHaveAlikeAreShownTogether() {
        let common = [
            ItemChange(key: ItemKey("a"), before: "1", after: "2"),
            ItemChange(key: ItemKey("b"), before: nil, after: "3"),
        ]
        let devices = (1...100).map { number in
            let own = ItemChange(key: ItemKey("e164"), before: nil, after: "\(number)")
            return (device: DeviceID("d\(number)"), changes: common + [own])
        }
        let groups = ChangeGroup.grouping(devices)
        #expect(groups.count == 101)
        #expect(groups[0].changes == common)
        #expect(groups[0].devices.count == 100)
        #expect(groups[1].devices == [DeviceID("d1")])
        #expect(groups[1].changes.map(\.after) == ["1"])
    }
}

@Suite struct PlanEstimateTests {
    @Test func theEstimateStartsWithTheCatalogueAndFollowsWhatIsMeasured() throws {
        let type = PhoneType(
            id: PhoneTypeID("t"), name: "t", deviceType: "t", family: "f", managementProtocol: .direct,
            access: [ManagementAccess(tls: false, port: 1)], softwareVersions: [], tabs: [], fileKinds: [],
            limits: .init(items: 1, fileBytes: 1), durations: .init(transfer: 2, restart: 8), provenance: .decision)
        let item = WantedItem(key: ItemKey("a"), value: .plain("1"), needsRestart: true)
        let devices = (1...100).map {
            DevicePlan(
                device: DeviceID("d\($0)"), type: type.id, address: "a", port: 1, tls: false, password: .sealed("p"),
                wanted: [item])
        }
        let plan = TransferPlan(
            mode: .deploy, createdAt: Date(), devices: devices, profiles: [], options: TransferOptions(concurrency: 10))
        var estimate = TransferEstimate(plan: plan, catalogue: Catalogue(types: [type]))
        #expect(estimate.secondsLeft == 100)
        for number in 1...50 {
            let at = Date(timeIntervalSinceReferenceDate: Double(number) / 2)
            let result = DeviceResult(
                device: DeviceID("d\(number)"), address: "a", type: type.id, outcome: .verified, duration: 5,
                finishedAt: at)
            estimate.receive(
                TransferEvent(at: at, run: RunID("r"), device: result.device, kind: .deviceFinished(result)))
        }
        #expect(estimate.devicesLeft == 50)
        #expect(abs(estimate.secondsLeft - 25) < 2)
        #expect(estimate.rate.map { abs($0 - 2) < 0.1 } == true)
    }
}
