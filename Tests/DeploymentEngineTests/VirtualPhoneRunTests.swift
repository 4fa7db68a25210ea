import DeploymentEngine
import DeploymentModel
import DeploymentTesting
import Foundation
import PhoneTransport
import Synchronization
import TLSMaterial
import Testing
import VirtualPhone

/// The same claims about runs against virtual phones in memory and behind real TLS.
@Suite struct VirtualPhoneRunTests {
    private static let type: PhoneType = {
        var type = PhoneType.make()
        type.durations = .init(transfer: 0.1, restart: 0.1)
        return type
    }()

    private static let wanted = [
        WantedItem(key: ItemKey("admin-pwd"), value: .secret(.sealed("new"))),
        WantedItem(key: ItemKey("dhcp"), value: .plain("false"), needsRestart: true),
        WantedItem(key: ItemKey("e164"), value: .plain("4989722")),
        WantedItem(key: ItemKey("ip-addr"), value: .plain("10.0.0.9"), dependentGroup: "network"),
        WantedItem(key: ItemKey("key-label", index: 3), value: .plain("Reception")),
        WantedItem(key: ItemKey("qos-l3-voice"), value: .plain("34")),
        WantedItem(key: ItemKey("sntp-addr"), value: .plain("10.1.1.1")),
        WantedItem(key: ItemKey("subnet-mask"), value: .plain("16"), dependentGroup: "network"),
        WantedItem(key: ItemKey("user-pwd"), value: .secret(.sealed("user"))),
    ]

    private func run(
        _ phones: TestPhones, _ wanted: [WantedItem] = Self.wanted, password: String = "factory",
        as mode: RunMode = .deploy, journal: MemoryJournal = MemoryJournal()
    ) async throws -> TransferResult {
        let devices = phones.targets.enumerated().map { place, target in
            DevicePlan(
                device: DeviceID("d\(place + 1)"), type: Self.type.id, address: target.address, port: target.port,
                tls: true, mac: phones.phone(place)?.state.mac, trust: ["built-in"], password: .sealed(password),
                wanted: wanted)
        }
        let plan = TransferPlan(
            mode: mode, createdAt: Date(), devices: devices, profiles: [.make(type: Self.type.id)],
            options: TransferOptions(connectTimeout: 60, replyTimeout: 60))
        let services = RunServices(
            catalogue: Catalogue(types: [Self.type]), dialer: phones.dialer, journal: journal, secrets: FixedSecrets())
        return try await TransferRunner(services).run(plan, as: Bench.run)
    }

    @Test(arguments: TestPhones.Means.allCases)
    func everyPhoneEndsWithExactlyWhatWasPlannedAndProvesIt(means: TestPhones.Means) async throws {
        let seconds = means == .live ? 0.05 : 0
        try await TestPhones.with(means, count: 4, type: Self.type, restartSeconds: seconds) { phones in
            let result = try await run(phones)
            #expect(result.devices.map(\.outcome) == Array(repeating: .verified, count: 4))
            #expect(result.devices.compactMap(\.fault) == [])
            #expect(result.devices.allSatisfy { $0.evidence?.isAuthenticated == true })
            for place in 0..<4 {
                let phone = try #require(phones.phone(place))
                #expect(phone.value(of: ItemKey("sntp-addr")) == "10.1.1.1")
                #expect(phone.value(of: ItemKey("key-label", index: 3)) == "Reception")
                #expect(phone.password == "new-password")
                #expect(phone.state.bootCount == 2)
            }
            let again = try await run(phones, Self.wanted.filter { !$0.isSecret }, password: "new")
            #expect(again.totals == [.unchanged: 4])
        }
    }

    @Test(arguments: TestPhones.Means.allCases)
    func phonesThatLieRefuseOrAreOthersAreNamedWithoutHarmToTheRest(means: TestPhones.Means) async throws {
        let faults: [Int: [PhoneFault]] = [
            0: [.keepsNothing("sntp-addr")], 1: [.rejects("qos-l3-voice")], 2: [.certificate(.foreign)],
            3: [.wrongType("Fax 2000")], 4: [.wrongPassword("something-else")],
        ]
        try await TestPhones.with(means, count: 6, type: Self.type, faults: faults, restartSeconds: 0) { phones in
            let wanted = Self.wanted.filter { !$0.isSecret && !$0.needsRestart }
            let devices = try await run(phones, wanted).devices
            #expect(devices.map(\.outcome) == [.differs, .failed, .failed, .failed, .failed, .verified])
            #expect(
                devices.map { $0.fault?.code } == [
                    .verifyMismatch, .phoneItemRejected, StatusCode("tls.unknown-issuer"), .phoneWrongType,
                    .phoneWrongPassword, nil,
                ])
            #expect(devices[0].fault?.subject == "sntp-addr")
            #expect(devices[1].fault?.subject == "qos-l3-voice")
            if let counts = phones.counts(2) { #expect(counts.requests == 0) }
            if let counts = phones.counts(4) { #expect(counts.wrongPasswords == 1) }
        }
    }

    @Test(arguments: TestPhones.Means.allCases)
    func aRunThatDiesAgainstVirtualPhonesIsFinishedByTheNext(means: TestPhones.Means) async throws {
        // Begin, write, restart, its outcome, new password, its outcome, result.
        for call in [3, 4, 6, 7] {
            try await TestPhones.with(means, type: Self.type, restartSeconds: 0) { phones in
                let journal = MemoryJournal()
                journal.dies(at: call)
                await #expect(throws: MemoryJournal.died) { _ = try await run(phones, journal: journal) }
                journal.revive()
                let progress = try await journal.progress(of: Bench.run)
                let result = try await resume(phones, progress, journal)
                #expect(result.devices.map(\.outcome) == [.verified], "died at call \(call)")
                #expect(phones.phone()?.state.bootCount == 2, "died at call \(call)")
                #expect(phones.phone()?.password == "new-password")
            }
        }
    }

    @Test(arguments: TestPhones.Means.allCases)
    func phonesAreRestartedAndResetOnceEach(means: TestPhones.Means) async throws {
        let seconds = means == .live ? 0.05 : 0
        try await TestPhones.with(means, count: 2, type: Self.type, restartSeconds: seconds) { phones in
            #expect(try await run(phones).totals == [.verified: 2])
            #expect(try await run(phones, [], password: "new", as: .restart).totals == [.verified: 2])
            #expect(phones.phone(1)?.state.bootCount == 3)
            #expect(phones.phone(1)?.value(of: ItemKey("e164")) == "4989722")
            let reset = try await run(phones, [], password: "new", as: .factoryReset)
            #expect(reset.totals == [.verified: 2])
            #expect(reset.devices.flatMap(\.warnings).isEmpty)
            for place in 0..<2 {
                let phone = try #require(phones.phone(place))
                #expect(phone.state.bootCount == 4)
                #expect(phone.password != "new-password")
                #expect((phone.value(of: ItemKey("sntp-addr")) ?? "") != "10.1.1.1")
            }
            #expect(
                try await run(phones, [], password: "new", as: .restart).devices[0].fault?.code == .phoneWrongPassword)
        }
    }

    private func resume(
        _ phones: TestPhones, _ progress: RunProgress, _ journal: MemoryJournal
    ) async throws -> TransferResult {
        let target = phones.targets[0]
        let device = DevicePlan(
            device: DeviceID("d1"), type: Self.type.id, address: target.address, port: target.port, tls: true,
            trust: ["built-in"], password: .sealed("factory"), wanted: Self.wanted)
        let plan = TransferPlan(
            mode: .deploy, createdAt: Date(), devices: [device], profiles: [.make(type: Self.type.id)],
            options: TransferOptions(connectTimeout: 60, replyTimeout: 60))
        let services = RunServices(
            catalogue: Catalogue(types: [Self.type]), dialer: phones.dialer, journal: journal, secrets: FixedSecrets())
        return try await TransferRunner(services).run(plan, as: Bench.run, resuming: progress)
    }

    @Test func aScanTellsTrustedPhonesFromOthersByTheProfilesOfTheirType() async throws {
        let faults: [Int: [PhoneFault]] = [1: [.certificate(.wrongSubject)]]
        try await TestPhones.with(.live, count: 2, type: Self.type, faults: faults, addresses: "127.9.0.1-127.9.0.9") {
            phones in
            let loops = EventLoops(threads: 1)
            let scanner = Scanner(probe: DirectProbe(loops: loops), catalogue: Catalogue(types: [Self.type]))
            let profile = try TrustProfile.make(type: Self.type.id)
            let ports = phones.targets.map { ScanRequest.Port($0.port, tls: true) }
            let addresses = phones.targets.map(\.address) + ["127.9.0.77"]
            let calls: [@Sendable (PhoneTypeID?) -> [TrustProfile]] = [
                { _ in [profile] }, { _ in [] }, { $0 == nil ? [profile] : [] },
            ]
            var seen: [[String]] = []
            for profiles in calls {
                var rows: [String: ScanRow] = [:]
                let request = ScanRequest(
                    addresses: addresses, ports: ports + [.init(ports[0].number, tls: false)], passes: 1,
                    pace: .init(timeouts: ContactTimeouts(connect: 60, handshake: 60, reply: 60)), profiles: profiles)
                _ = try await scanner.scan(request) { event in
                    if case .row(let row, _) = event { rows[row.address] = row }
                }
                seen.append(addresses.compactMap { rows[$0] }.map { "\($0.status) \($0.fault?.code.rawValue ?? "-")" })
                #expect(rows[addresses[0]]?.mac == phones.phone(0)?.state.mac)
            }
            #expect(seen[0] == ["phone -", "notTrusted tls.wrong-subject", "refused net.refused"])
            #expect(seen[1] == ["notTrusted tls.no-profile", "notTrusted tls.no-profile", "refused net.refused"])
            #expect(seen[2] == seen[1])
            try await loops.shutDown()
        }
    }
}
