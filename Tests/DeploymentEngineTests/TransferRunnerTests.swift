import DeploymentEngine
import DeploymentModel
import ManagementXML
import PhoneTransport
import Synchronization
import Testing

@Suite struct TransferRunnerTests {
    @Test func aPhoneIsWrittenReadBackAndVerifiedOverOneSession() async throws {
        let bench = Bench()
        let result = try await bench.run()
        #expect(result.devices.map(\.outcome) == [.verified])
        #expect(result.endedEarly == nil)
        #expect(bench[1].value("sntp-addr") == "10.1.1.1")
        #expect(bench[1].look(\.actions) == ["Identify", "ReadItems", "WriteItems", "ReadItems"])
        #expect(bench[1].look(\.openSessions) == 0)
        #expect(result.devices[0].changes.map(\.before) == ["false", "old"])
        #expect(bench.journal.entries.map(\.moment) == [.intent, .outcome])
        #expect(bench.journal.held.isEmpty)
    }

    @Test func aPhoneThatIsAsWantedIsNotWritten() async throws {
        let bench = Bench { _, phone in
            phone.items[ItemKey("sntp-addr")] = "10.1.1.1"
            phone.items[ItemKey("dst")] = "1"
        }
        let result = try await bench.run()
        #expect(result.devices.map(\.outcome) == [.unchanged])
        #expect(bench[1].look(\.writes).isEmpty)
        #expect(bench.journal.entries.isEmpty)
    }

    @Test func comparingShowsWhatDiffersAndWritesNothing() async throws {
        let bench = Bench(mode: .compare)
        let result = try await bench.run()
        #expect(result.devices[0].outcome == .differs)
        #expect(result.devices[0].fault?.code == .verifyMismatch)
        #expect(result.devices[0].changes.map(\.key) == [ItemKey("dst"), ItemKey("sntp-addr")])
        #expect(bench[1].look(\.writes).isEmpty)
    }

    @Test func aPhoneThatSaysAcceptedAndDoesNotKeepTheValueIsNamed() async throws {
        let bench = Bench { _, phone in phone.forgets = [ItemKey("dst")] }
        let device = try await bench.run().devices[0]
        #expect(device.outcome == .differs)
        #expect(device.fault?.code == .verifyMismatch)
        #expect(device.fault?.subject == "dst")
    }

    @Test func aRefusedItemIsNamedWithThePhonesOwnWord() async throws {
        let bench = Bench { _, phone in phone.refuses = [ItemKey("dst"): .readOnly] }
        let device = try await bench.run().devices[0]
        #expect(device.outcome == .failed)
        #expect(device.fault == Fault(.phoneItemRejected, subject: "dst", detail: "read only"))
        #expect(device.changes.first { $0.key == ItemKey("dst") }?.status == .readOnly)
        #expect(bench[1].value("sntp-addr") == "10.1.1.1")
    }

    @Test(arguments: [true, false]) func anotherPhoneAtTheAddressIsRefusedBeforeAnythingIsWritten(isOtherType: Bool)
        async throws
    {
        let bench = Bench { _, phone in
            if isOtherType { phone.deviceType = "Fax" } else { phone.mac = "00:01:E3:FF:FF:FF" }
        }
        let device = try await bench.run().devices[0]
        #expect(device.outcome == .failed)
        #expect(device.fault?.code == (isOtherType ? .phoneWrongType : .phoneWrongMAC))
        #expect(bench[1].look(\.actions) == ["Identify"])
    }

    @Test func aWrongPasswordIsTriedOnce() async throws {
        let bench = Bench { _, phone in phone.password = "other" }
        let device = try await bench.run().devices[0]
        #expect(device.fault?.code == .phoneWrongPassword)
        #expect(device.attempts == 1)
        #expect(bench[1].look(\.wrongPasswords) == 1)
    }

    @Test func aConnectionThatBreaksIsTriedAgainUpToTheLimit() async throws {
        let bench = Bench { _, phone in phone.breaks = [3: (Fault(.netReset), true), 5: (Fault(.netClosed), false)] }
        let device = try await bench.run().devices[0]
        #expect(device.outcome == .verified)
        #expect(device.attempts == 3)
        #expect(device.changes.map(\.before) == ["false", "old"])
        let hopeless = Bench { _, phone in phone.permanentDialFault = Fault(.netReset) }
        let failed = try await hopeless.run().devices[0]
        #expect(failed.fault?.code == .netReset)
        #expect(failed.attempts == 3)
    }

    @Test func aVerdictOnTheCertificateIsNotTriedAgain() async throws {
        let bench = Bench { _, phone in phone.permanentDialFault = Fault(StatusCode("tls.unknown-issuer")) }
        let device = try await bench.run().devices[0]
        #expect(device.attempts == 1)
        #expect(device.fault?.code == StatusCode("tls.unknown-issuer"))
    }

    @Test func aBusyPhoneIsWaitedForAndCostsNoTry() async throws {
        let bench = Bench(options: TransferOptions(waitForAbsent: 1_000_000)) { _, phone in phone.busyWrites = 5 }
        let device = try await bench.run().devices[0]
        #expect(device.outcome == .verified)
        #expect(device.attempts == 1)
        let impatient = Bench { _, phone in phone.busyWrites = 5 }
        #expect(try await impatient.run().devices[0].fault?.code == .phoneBusy)
    }

    @Test func anAbsentPhoneIsWaitedForUntilItComes() async throws {
        let bench = Bench(options: TransferOptions(waitForAbsent: 1_000_000)) { _, phone in
            phone.dialFaults = Array(repeating: Fault(.netSilent), count: 6)
        }
        #expect(try await bench.run().devices[0].outcome == .verified)
        let gone = Bench(options: TransferOptions(waitForAbsent: 60)) { _, phone in
            phone.permanentDialFault = Fault(.netSilent)
        }
        let device = try await gone.run().devices[0]
        #expect(device.fault?.code == .phoneAbsent)
        #expect(device.duration >= 60)
    }

    @Test func aWaitingPhoneHoldsNoSlot() async throws {
        let options = TransferOptions(concurrency: 1, waitForAbsent: 1_000_000)
        let bench = Bench(3, options: options) { number, phone in
            if number == 1 { phone.dialFaults = Array(repeating: Fault(.netRefused), count: 4) }
        }
        let result = try await bench.run()
        #expect(result.devices.map(\.outcome) == [.verified, .verified, .verified])
        let finished = bench.watcher.events.filter { if case .deviceFinished = $0.kind { true } else { false } }
        #expect(finished.compactMap(\.device?.rawValue) == ["d2", "d3", "d1"])
    }

    @Test func onePhonesFailureChangesNothingForTheOthers() async throws {
        let bench = Bench(20) { number, phone in
            if number.isMultiple(of: 5) { phone.permanentDialFault = Fault(StatusCode("tls.expired")) }
        }
        let result = try await bench.run()
        #expect(result.totals == [.verified: 16, .failed: 4])
        #expect(result.endedEarly == nil)
    }

    @Test func neverMorePhonesAreAtWorkThanAllowed() async throws {
        let bench = Bench(40, options: TransferOptions(concurrency: 4))
        _ = try await bench.run()
        var atWork = 0
        var most = 0
        for event in bench.watcher.events {
            switch event.kind {
            case .deviceStarted: atWork += 1
            case .deviceFinished: atWork -= 1
            default: break
            }
            most = max(most, atWork)
        }
        #expect(most <= 4)
    }

    @Test func aFailedCanaryKeepsTheOthersUntouched() async throws {
        let bench = Bench(10, options: TransferOptions(canary: 2)) { number, phone in
            if number == 2 { phone.forgets = [ItemKey("dst")] }
        }
        let result = try await bench.run()
        #expect(result.endedEarly?.code == .runCanaryFailed)
        #expect(result.devices.prefix(2).map(\.outcome) == [.verified, .differs])
        #expect(result.devices.dropFirst(2).allSatisfy { $0.outcome == .skipped && $0.fault?.code == .runCanaryFailed })
        #expect((3...10).allSatisfy { bench[$0].look(\.actions).isEmpty })
    }

    @Test func theRestFollowsAProvenCanary() async throws {
        let bench = Bench(10, options: TransferOptions(canary: 2))
        #expect(try await bench.run().totals == [.verified: 10])
        let waves = bench.watcher.events.compactMap {
            if case .waveStarted(let name, let count) = $0.kind { "\(name) \(count)" } else { nil }
        }
        #expect(waves == ["canary 2", "all 8"])
    }

    @Test func theRunGivesUpAtItsFailureLimit() async throws {
        let options = TransferOptions(concurrency: 2, failureLimit: .count(3))
        let bench = Bench(30, options: options) { _, phone in
            phone.permanentDialFault = Fault(StatusCode("tls.expired"))
        }
        let result = try await bench.run()
        #expect(result.endedEarly?.code == .runMaxFailures)
        #expect((3...4).contains(result.totals[.failed] ?? 0))
        #expect(result.devices.last?.outcome == .skipped)
        let share = TransferOptions(concurrency: 1, failureLimit: .percent(50))
        let shared = Bench(40, options: share) { number, phone in
            if number <= 5 || number > 15 { phone.permanentDialFault = Fault(StatusCode("tls.expired")) }
        }
        #expect(try await shared.run().totals[.failed] == 11)
    }

    @Test func aPhoneOfAnotherRunIsLeftToIt() async throws {
        let bench = Bench(2)
        bench.journal.state.withLock { _ = $0.leasedByOthers.insert(DeviceID("d1")) }
        let result = try await bench.run()
        #expect(result.devices.map(\.fault?.code) == [.deviceLeased, nil])
        #expect(bench[1].look(\.actions).isEmpty)
    }

    @Test func aJournalThatIsFullStopsTheRunBeforeTheNextSideEffect() async throws {
        let bench = Bench(5, options: TransferOptions(concurrency: 1))
        bench.journal.dies(at: 5)
        await #expect(throws: MemoryJournal.died) { try await bench.run() }
        #expect((1...5).map { bench[$0].look(\.writes).count } == [1, 0, 0, 0, 0])
    }

    @Test func aPhoneForWhichNothingIsWantedIsSkipped() async throws {
        let bench = Bench(wanted: [])
        let device = try await bench.run().devices[0]
        #expect(device.outcome == .skipped)
        #expect(device.fault?.code == .planNothingToDo)
        #expect(bench[1].look(\.actions).isEmpty)
    }

    @Test func theFactoryPasswordIsWarnedOf() async throws {
        var bench = Bench { _, phone in phone.password = "123456" }
        bench.plan.devices[0].password = .sealed("factory")
        let device = try await bench.run().devices[0]
        #expect(device.outcome == .verified)
        #expect(device.warnings.map(\.code) == [.phoneFactoryPassword])
    }
}
