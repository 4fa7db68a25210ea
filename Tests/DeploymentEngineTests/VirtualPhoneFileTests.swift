import DeploymentEngine
import DeploymentModel
import DeploymentStore
import DeploymentTesting
import PhoneTransport
import TLSMaterial
import Testing
import VirtualPhone

/// The same claims about files against virtual phones in memory and behind real TLS, over a real store.
@Suite(.serialized) struct VirtualPhoneFileTests {
    private static let patient = TransferOptions(concurrency: 2, connectTimeout: 20, replyTimeout: 20)

    private func expectRotated(_ run: FileRun, _ id: RunID, _ result: TransferResult, _ moment: String) async throws {
        let comment = Comment(rawValue: moment)
        #expect(result.devices.compactMap(\.fault) == [], comment)
        #expect(result.devices.allSatisfy { $0.outcome.isProven }, comment)
        #expect(try await run.trust().allSatisfy { $0 == ["new"] }, comment)
        #expect(try await run.unreachable() == [], comment)
        for place in run.phones.targets.indices {
            let held = run.phones.phone(place)?.file(.serverKeyMaterial)?.content
            #expect(held == Material.content(run.material), comment)
            #expect(run.phones.phone(place)?.presentedChain() == run.material.chain, comment)
        }
        let fingerprint = Material.facts(run.material).fingerprint
        #expect(try await run.store.devices().allSatisfy { $0.certificateFingerprint == fingerprint }, comment)
        try await run.store.finishRun(id, .finished)
        try await run.store.verifyChain(of: id)
    }

    @Test(arguments: TestPhones.Means.allCases)
    func phonesAreRotatedAndRotatedAgainIsUnchanged(means: TestPhones.Means) async throws {
        let directory = try TemporaryDirectory()
        try await TestPhones.with(means, count: 4, type: FileRun.type, addresses: "127.8.1.1-127.8.1.20") { phones in
            let run = try await FileRun(phones, path: directory.file("a.db"))
            let (id, plan) = try await run.begin(options: Self.patient)
            let result = try await run.run(id, plan, journal: run.store)
            #expect(result.totals == [.verified: 4])
            #expect(result.devices.map { $0.files[0].before } == [.none, .none, .none, .none])
            try await expectRotated(run, id, result, "first")
            let (again, same) = try await run.begin(options: Self.patient)
            let second = try await run.run(again, same, journal: run.store)
            #expect(second.totals == [.unchanged: 4])
            try await expectRotated(run, again, second, "second")
            var back = run
            back.file = WantedFile(kind: .serverKeyMaterial, change: .delete, newTrust: ["built-in"])
            let (third, deletion) = try await back.begin(options: Self.patient)
            #expect(try await back.run(third, deletion, journal: back.store).totals == [.verified: 4])
            #expect(try await back.trust().allSatisfy { $0 == ["built-in"] })
            #expect(try await back.unreachable() == [])
            #expect(phones.phone()?.file(.serverKeyMaterial) == nil)
        }
    }

    @Test(arguments: TestPhones.Means.allCases)
    func phonesThatFailAreBroughtBackWithoutHarmToTheRest(means: TestPhones.Means) async throws {
        let directory = try TemporaryDirectory()
        let faults: [Int: [PhoneFault]] = [
            0: [.refusesFile(nil)], 1: [.keepsNoFile(nil)], 2: [.servesOldChain], 3: [.breaksTLS],
            4: [.losesFileAnswer], 5: [.losesPower(keepsNew: true)], 6: [.losesPower(keepsNew: false)],
            7: [.reencodesFiles],
        ]
        try await TestPhones.with(
            means, count: 9, type: FileRun.type, faults: faults, restartSeconds: means == .live ? 0.05 : 0,
            addresses: "127.8.2.1-127.8.2.20"
        ) { phones in
            let run = try await FileRun(phones, path: directory.file("a.db"))
            let (id, plan) = try await run.begin(
                options: TransferOptions(concurrency: 4, attempts: 1, connectTimeout: 20, replyTimeout: 20))
            let devices = try await run.run(id, plan, journal: run.store).devices
            #expect(
                devices.map { $0.fault?.code } == [
                    .phoneActionFailed, .verifyMismatch, .materialRolledBack, .materialRolledBack, nil, nil, nil, nil,
                    nil,
                ])
            #expect(try await run.unreachable() == [])
            let trust = try await run.trust()
            #expect(trust[0..<4].allSatisfy { $0 == nil })
            #expect(trust[4...].allSatisfy { $0 == ["new"] })
            for place in 0..<4 { #expect(phones.phone(place)?.file(.serverKeyMaterial) == nil) }
        }
    }

    @Test(arguments: TestPhones.Means.allCases)
    func itemsARestartAndAPasswordComeBeforeTheFilesOfOnePlan(means: TestPhones.Means) async throws {
        let directory = try TemporaryDirectory()
        let seconds = means == .live ? 0.05 : 0
        try await TestPhones.with(
            means, count: 2, type: FileRun.type, restartSeconds: seconds, addresses: "127.8.4.1-127.8.4.20"
        ) { phones in
            var run = try await FileRun(phones, path: directory.file("a.db"))
            run.settings = [
                Setting(layer: .site, key: ItemKey("dhcp"), value: .plain("false")),
                Setting(layer: .site, key: ItemKey("admin-pwd"), value: .secret(.sealed("run/fresh"))),
            ]
            let (id, plan) = try await run.begin(options: Self.patient)
            let result = try await run.run(id, plan, journal: run.store)
            try await expectRotated(run, id, result, "with items")
            for place in 0..<2 {
                #expect(phones.phone(place)?.value(of: ItemKey("dhcp")) == "false")
                #expect(phones.phone(place)?.password == "654321")
                #expect(phones.phone(place)?.state.bootCount == 2)
            }
        }
    }

    /// At each journal point, as a process that is killed there leaves it: SQLite has what was committed and nothing else.
    @Test(arguments: MemoryJournal.Death.allCases)
    func whereverTheToolDiesTheNextOneReachesEveryPhoneAndFinishes(death: MemoryJournal.Death) async throws {
        let directory = try TemporaryDirectory()
        var (call, wasWhole) = (0, false)
        while !wasWhole, call < 200 {
            call += 1
            let at = call
            var isWhole = false
            try await TestPhones.with(.live, count: 2, type: FileRun.type, addresses: "127.8.3.1-127.8.3.20") {
                phones in
                var run = try await FileRun(phones, path: directory.file("\(at)-\(death).db"))
                let (id, plan) = try await run.begin(options: Self.patient)
                let journal = DyingJournal(run.store, dieAt: at, death)
                do {
                    _ = try await run.run(id, plan, journal: journal)
                    isWhole = true
                } catch {
                    #expect(error as? Fault == MemoryJournal.died)
                }
                try run.reopen()
                #expect(try await run.unreachable() == [], "died at call \(at)")
                try await expectRotated(run, id, try await run.resume(id), "died at call \(at)")
            }
            wasWhole = isWhole
        }
        #expect(call > 8)
    }
}
