import DeploymentEngine
import DeploymentModel
import ManagementXML
import PhoneTransport
import Testing

@Suite struct RestartAndPasswordTests {
    @Test func aPhoneIsRestartedOnceWhenAnItemAsksForItAndReadAgainAfterwards() async throws {
        let bench = Bench(wanted: Bench.restarting)
        let device = try await bench.run().devices[0]
        #expect(device.outcome == .verified)
        #expect(device.attempts == 1)
        #expect(bench[1].look(\.restarts) == 1)
        #expect(bench[1].look(\.actions).suffix(3) == ["Identify", "Status", "ReadItems"])
        #expect(bench.journal.entries.map(\.step) == [.write, .write, .restart, .restart])
        #expect(bench.journal.entries[2].bootCount == 7)
        #expect(bench[1].look(\.mostSessions) == 1)
    }

    @Test func aPhoneIsNotRestartedWhenItHadTheValueAlready() async throws {
        let bench = Bench(wanted: Bench.restarting) { _, phone in phone.items[ItemKey("vlan")] = "042" }
        #expect(try await bench.run().devices[0].outcome == .verified)
        #expect(bench[1].look(\.restarts) == 0)
    }

    @Test func aRestartThatIsNotAllowedIsWarnedOf() async throws {
        let bench = Bench(wanted: Bench.restarting, options: TransferOptions(restarts: false))
        let device = try await bench.run().devices[0]
        #expect(device.outcome == .verified)
        #expect(device.warnings.map(\.code) == [.phoneRestartPending])
        #expect(bench[1].look(\.restarts) == 0)
    }

    @Test func aRestartWhoseAnswerIsLostIsNotOrderedTwice() async throws {
        let bench = Bench(wanted: Bench.restarting) { _, phone in phone.breaks = [6: (Fault(.netClosed), true)] }
        #expect(bench[1].look(\.actions).isEmpty)
        #expect(try await bench.run().devices[0].outcome == .verified)
        #expect(bench[1].look(\.restarts) == 1)
    }

    @Test func aRestartOrderThatNeverArrivedIsGivenAgain() async throws {
        let bench = Bench(wanted: Bench.restarting) { _, phone in phone.breaks = [6: (Fault(.netClosed), false)] }
        #expect(try await bench.run().devices[0].outcome == .verified)
        #expect(bench[1].look(\.restarts) == 1)
    }

    @Test func aPhoneThatDoesNotComeBackIsNamed() async throws {
        let away = Bench(wanted: Bench.restarting) { _, phone in phone.dialsWhileRestarting = 1_000_000 }
        let device = try await away.run().devices[0]
        #expect(device.fault?.code == .phoneDidNotReturn)
        #expect(device.duration >= 8000)
        let lazy = Bench(wanted: Bench.restarting) { _, phone in phone.ignoresRestart = true }
        let still = try await lazy.run().devices[0]
        #expect(still.fault?.code == .phoneDidNotReturn)
        #expect(still.fault?.detail?.contains("boot counter") == true)
    }

    @Test func aRestartingPhoneHoldsNoSlot() async throws {
        let bench = Bench(8, wanted: Bench.restarting, options: TransferOptions(concurrency: 1))
        let result = try await bench.run()
        #expect(result.totals == [.verified: 8])
        let finish = try #require(
            bench.watcher.events.firstIndex { if case .deviceFinished = $0.kind { true } else { false } })
        let started = bench.watcher.events[..<finish].filter {
            if case .deviceStarted = $0.kind { true } else { false }
        }
        #expect(started.count == 8)
    }

    @Test func thePasswordIsChangedLastAndTheNewOneIsProven() async throws {
        let bench = Bench(wanted: Bench.restarting + [Bench.newPassword])
        let device = try await bench.run().devices[0]
        #expect(device.outcome == .verified)
        #expect(bench[1].look(\.password) == "new-password")
        #expect(bench[1].look(\.writes).last == [ItemKey("admin-pwd")])
        #expect(bench[1].look(\.actions).last == "ReadItems")
        #expect(bench.journal.accepted[DeviceID("d1")] == [ItemKey("admin-pwd"): .sealed("new")])
        #expect(device.changes.contains(ItemChange(key: ItemKey("admin-pwd"), before: nil, after: SecretText.mask)))
    }

    @Test func thePasswordAloneCanBeChanged() async throws {
        let bench = Bench(wanted: [Bench.newPassword])
        #expect(try await bench.run().devices[0].outcome == .verified)
        #expect(bench[1].look(\.password) == "new-password")
    }

    @Test func thePasswordStaysWhenSomethingElseFailed() async throws {
        let bench = Bench(wanted: Bench.standard + [Bench.newPassword]) { _, phone in phone.forgets = [ItemKey("dst")] }
        #expect(try await bench.run().devices[0].outcome == .differs)
        #expect(bench[1].look(\.password) == "old-password")
    }

    @Test func aPasswordThatThePhoneAcceptsAndDoesNotKeepIsNamed() async throws {
        let bench = Bench(wanted: [Bench.newPassword]) { _, phone in phone.forgets = [ItemKey("admin-pwd")] }
        let device = try await bench.run().devices[0]
        #expect(device.outcome == .differs)
        #expect(device.fault?.subject == "admin-pwd")
        #expect(bench.journal.accepted[DeviceID("d1")] == [:])
    }

    @Test func aPasswordThatIsRefusedIsNamed() async throws {
        let bench = Bench(wanted: [Bench.newPassword]) { _, phone in
            phone.refuses = [ItemKey("admin-pwd"): .invalidData]
        }
        let device = try await bench.run().devices[0]
        #expect(device.fault == Fault(.phoneItemRejected, subject: "admin-pwd", detail: "invalid data"))
    }

    @Test(arguments: [true, false]) func aPasswordChangeWhoseAnswerIsLostIsSettledByAskingThePhone(isDone: Bool)
        async throws
    {
        let bench = Bench(wanted: [Bench.newPassword]) { _, phone in phone.breaks = [3: (Fault(.netClosed), isDone)] }
        #expect(try await bench.run().devices[0].outcome == .verified)
        #expect(bench[1].look(\.password) == "new-password")
        #expect(bench[1].look(\.wrongPasswords) == (isDone ? 0 : 1))
    }

    @Test func aPhoneOfWhichNobodyKnowsThePasswordStaysOpen() async throws {
        let bench = Bench(wanted: [Bench.newPassword], options: TransferOptions(attempts: 1)) { _, phone in
            phone.breaks = [3: (Fault(.netClosed), true)]
        }
        let device = try await bench.run().devices[0]
        #expect(device.outcome == .failed)
        #expect(device.warnings.map(\.code) == [.phonePasswordUncertain])
        let progress = try await bench.journal.progress(of: Bench.run)
        #expect(progress.open.keys.contains(DeviceID("d1")))
        #expect(try await bench.resume().devices[0].outcome == .verified)
        #expect(bench[1].look(\.password) == "new-password")
    }

    @Test func aSecretIsSentOnceAndProvenByAcceptance() async throws {
        let secret = WantedItem(key: ItemKey("secret-1"), value: .secret(.sealed("one")))
        let bench = Bench(wanted: Bench.standard + [secret]) { _, phone in phone.breaks = [4: (Fault(.netReset), false)]
        }
        let device = try await bench.run().devices[0]
        #expect(device.outcome == .verified)
        #expect(bench[1].look(\.secrets) == [ItemKey("secret-1"): "one-password"])
        #expect(bench[1].look(\.writes).count == 1)
        #expect(bench.journal.accepted[DeviceID("d1")] == [ItemKey("secret-1"): .sealed("one")])
        #expect(bench.journal.entries.flatMap(\.changes).filter { $0.after.contains("one-password") }.isEmpty)
        var known = secret
        known.isKnownAccepted = true
        let again = Bench(wanted: [known])
        #expect(try await again.run().devices[0].outcome == .unchanged)
        #expect(again[1].look(\.actions) == ["Identify", "ReadItems"])
    }
}
