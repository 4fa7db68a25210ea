import DeploymentEngine
import DeploymentModel
import PhoneTransport
import Synchronization
import Testing

/// The end of the process at any moment, and what a resumed run makes of it.
@Suite struct CrashTests {
    private static let secret = WantedItem(key: ItemKey("secret-1"), value: .secret(.sealed("one")))
    private static let everything = Bench.restarting + [newest, secret]
    private static let newest = Bench.newPassword

    private func bench(_ wanted: [WantedItem] = Self.everything) -> Bench {
        Bench(3, wanted: wanted, options: TransferOptions(concurrency: 2, waitForAbsent: 1_000_000)) { number, phone in
            if number == 2 { phone.busyWrites = 1 }
            if number == 3 { phone.dialFaults = [Fault(.netSilent)] }
        }
    }

    private func expectAllDone(_ bench: Bench, _ result: TransferResult, _ moment: String) {
        #expect(result.devices.compactMap(\.fault) == [], "\(moment)")
        for number in 1...3 {
            let phone = bench[number]
            #expect(phone.value("sntp-addr") == "10.1.1.1", "\(moment)")
            #expect(phone.value("dst") == "true", "\(moment)")
            #expect(phone.value("vlan") == "42", "\(moment)")
            #expect(phone.look(\.password) == "new-password", "\(moment)")
            #expect(phone.look(\.secrets) == [ItemKey("secret-1"): "one-password"], "\(moment)")
            #expect(phone.look(\.restarts) == 1, "\(moment)")
            #expect(phone.look(\.openSessions) == 0, "\(moment)")
        }
        #expect(bench.journal.held.isEmpty, "\(moment)")
        #expect(bench.journal.results.count == 3, "\(moment)")
    }

    @Test(arguments: MemoryJournal.Death.allCases)
    func whereverTheJournalDiesAResumedRunFinishesTheWork(death: MemoryJournal.Death) async throws {
        let whole = bench()
        expectAllDone(whole, try await whole.run(), "undisturbed")
        #expect(whole.journal.calls > 20)
        for call in 1...whole.journal.calls {
            let bench = bench()
            bench.journal.dies(at: call, death)
            await #expect(throws: MemoryJournal.died) { try await bench.run() }
            expectAllDone(bench, try await bench.resume(), "died at call \(call)")
        }
    }

    @Test func aRunThatDiesAtEveryCallInTurnStillGetsThere() async throws {
        let bench = bench()
        var result: TransferResult?
        var lives = 0
        while result == nil, lives < 200 {
            lives += 1
            bench.journal.revive()
            // Each life keeps two calls more than it needs to begin the phones at work.
            bench.journal.dies(at: bench.journal.calls + 5)
            let progress = try await bench.journal.progress(of: Bench.run)
            result = try? await bench.run(resuming: progress)
        }
        expectAllDone(bench, try #require(result), "after \(lives) lives")
    }

    @Test func stoppedAtAnyEventTheRunCanBeResumedAndNothingIsHalfDone() async throws {
        let whole = bench()
        _ = try await whole.run()
        for number in 1...whole.watcher.events.count {
            let bench = bench()
            let stop = StopSignal()
            bench.watcher.at(number) { stop.request() }
            let first = try await bench.run(stop: stop)
            #expect(first.devices.count == 3)
            #expect(first.devices.allSatisfy { $0.outcome == .stopped || $0.outcome == .verified }, "event \(number)")
            let wasStopped = first.devices.contains { $0.outcome == .stopped }
            #expect(first.endedEarly?.code == (wasStopped ? .runStopped : nil), "event \(number)")
            #expect(bench.journal.held.isEmpty, "event \(number)")
            #expect((1...3).allSatisfy { bench[$0].look(\.openSessions) == 0 })
            expectAllDone(bench, try await bench.resume(), "stopped at event \(number)")
        }
    }

    @Test func cancelledAtAnyEventTheRunCanBeResumed() async throws {
        let whole = bench()
        _ = try await whole.run()
        for number in 1...whole.watcher.events.count {
            let bench = bench()
            let task = Mutex<Task<TransferResult, any Error>?>(nil)
            bench.watcher.at(number) { task.withLock { $0?.cancel() } }
            let (gate, open) = AsyncStream.makeStream(of: Void.self)
            let run = Task {
                for await _ in gate {}
                return try await bench.run()
            }
            task.withLock { $0 = run }
            open.finish()
            let first = try await run.value
            #expect(first.devices.allSatisfy { $0.outcome == .stopped || $0.outcome == .verified }, "event \(number)")
            #expect(bench.journal.held.isEmpty, "event \(number)")
            expectAllDone(bench, try await bench.resume(), "cancelled at event \(number)")
        }
    }

    @Test func aStopAskedForByAnotherProcessIsHeard() async throws {
        let bench = Bench(2, options: TransferOptions(waitForAbsent: 1_000_000)) { number, phone in
            if number == 2 { phone.permanentDialFault = Fault(.netSilent) }
        }
        bench.watcher.at(8) { bench.journal.state.withLock { $0.isStopRequested = true } }
        let result = try await bench.run()
        #expect(result.devices.map(\.outcome) == [.verified, .stopped])
        #expect(result.endedEarly?.code == .runStopped)
    }

    @Test func phonesThatAreFinishedAreNotTouchedByAResumedRun() async throws {
        let bench = Bench(3)
        _ = try await bench.run()
        let before = (1...3).map { bench[$0].look(\.actions) }
        let result = try await bench.resume()
        #expect(result.totals == [.verified: 3])
        #expect((1...3).map { bench[$0].look(\.actions) } == before)
    }

    @Test func phonesThatWereNotReachedBeforeTheRunGaveUpAreReachedByAResumedOne() async throws {
        let bench = Bench(5, options: TransferOptions(concurrency: 1, failureLimit: .count(1))) { number, phone in
            if number == 2 { phone.permanentDialFault = Fault(.tlsAlert) }
        }
        #expect(try await bench.run().totals == [.verified: 1, .failed: 1, .skipped: 3])
        var patient = bench
        patient.plan.options.failureLimit = nil
        #expect(try await patient.resume().totals == [.verified: 4, .failed: 1])
    }
}
