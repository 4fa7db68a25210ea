import DeploymentEngine
import DeploymentModel
import ManagementXML
import PhoneTransport
import Synchronization
import Testing

@Suite("Runs that restart phones or reset them")
struct OrderRunTests {
    private static let number = ItemKey("e164")

    @Test("A phone is restarted once, and its boot counter proves it")
    func restart() async throws {
        let bench = Bench().ordering(.restart)
        let device = try await bench.run().devices[0]
        #expect(device.outcome == .verified)
        #expect(device.changes.isEmpty)
        #expect(
            bench[1].look(\.actions) == ["Identify", "ReadItems", "Status", "Restart", "Identify", "Status"])
        #expect(bench.journal.entries.map(\.step) == [.restart, .restart])
        #expect(bench.journal.entries[0].bootCount == 7)
        #expect(bench[1].look(\.writes).isEmpty)
    }

    @Test("A reset is proven by the start and by the number that is gone")
    func reset() async throws {
        let bench = Bench().ordering(.factoryReset)
        let device = try await bench.run().devices[0]
        #expect(device.outcome == .verified)
        #expect(device.warnings.isEmpty)
        #expect(bench[1].look(\.restarts) == 1)
        #expect(bench[1].look(\.items).isEmpty)
        #expect(bench.journal.entries.map(\.step) == [.factoryReset, .factoryReset])
        #expect(bench.journal.entries[0].changes == [ItemChange(key: Self.number, before: "1", after: "")])
        #expect(bench[1].look(\.wrongPasswords) == 0)
    }

    @Test("A phone that started and still has its number was not reset")
    func resetThatDidNothing() async throws {
        let bench = Bench { $1.ignoresReset = true }.ordering(.factoryReset)
        let device = try await bench.run().devices[0]
        #expect(device.outcome == .differs)
        #expect(device.fault?.subject == "e164")
        #expect(bench[1].look(\.restarts) == 1)
    }

    @Test("Where nothing could be seen to be gone, the result says so")
    func resetUnseen() async throws {
        let bench = Bench { $1.items[Self.number] = nil }.ordering(.factoryReset)
        let device = try await bench.run().devices[0]
        #expect(device.outcome == .verified)
        #expect(device.warnings.map(\.code) == [.phoneResetUnseen])
    }

    @Test("A wrong password is found before anything is ordered", arguments: [RunMode.restart, .factoryReset])
    func wrongPassword(mode: RunMode) async throws {
        let bench = Bench { $1.password = "another" }.ordering(mode)
        #expect(try await bench.run().devices[0].fault?.code == .phoneWrongPassword)
        #expect(bench.journal.entries.isEmpty)
        #expect(bench[1].look(\.restarts) == 0)
    }

    @Test("Few phones are tried first, and the rest is left alone when one of them does not return")
    func canary() async throws {
        var bench = Bench(3) { number, phone in phone.ignoresRestart = number == 1 }.ordering(.restart)
        bench.plan.options.canary = 1
        let result = try await bench.run()
        #expect(result.devices.map(\.outcome) == [.failed, .skipped, .skipped])
        #expect(result.devices[0].fault?.code == .phoneDidNotReturn)
        #expect(bench[2].look(\.actions).isEmpty)
    }

    @Test("Wherever the journal dies, a resumed run restarts or resets each phone exactly once")
    func crash() async throws {
        for mode in [RunMode.restart, .factoryReset] {
            let whole = Bench(2).ordering(mode)
            _ = try await whole.run()
            for death in MemoryJournal.Death.allCases {
                for call in 1...whole.journal.calls {
                    let bench = Bench(2).ordering(mode)
                    bench.journal.dies(at: call, death)
                    await #expect(throws: MemoryJournal.died) { try await bench.run() }
                    let result = try await bench.resume()
                    #expect(result.devices.map(\.outcome) == [.verified, .verified], "\(mode), call \(call)")
                    #expect(result.devices.flatMap(\.warnings).isEmpty, "\(mode), call \(call)")
                    for number in 1...2 { #expect(bench[number].look(\.restarts) == 1, "\(mode), call \(call)") }
                }
            }
        }
    }
}

@Suite("Runs that restart phones which call, or reset them")
struct CalledOrderRunTests {
    @Test("The start that is heard proves a restart")
    func restart() async throws {
        let bench = CallBench(wanted: [], mode: .restart)
        let device = try await bench.run()
        #expect(device.outcome == .verified)
        #expect(bench.phone.look(\.restarts) == 1)
        #expect(bench.fleet.knocks(at: CallBench.mac) == 1)
        #expect(bench.journal.entries.map(\.step) == [.restart, .restart])
    }

    @Test("Of a reset the journal has that it was taken, before the phone is heard again")
    func reset() async throws {
        let bench = CallBench(wanted: [], mode: .factoryReset)
        let device = try await bench.run()
        #expect(device.outcome == .verified)
        #expect(device.warnings.map(\.code) == [.phoneNotAuthenticated])
        #expect(bench.journal.entries.map(\.step) == [.factoryReset, .factoryReset, .factoryReset])
        #expect(bench.journal.entries.map(\.bootCount) == [0, 0, nil])
    }

    @Test("A phone that forgot whom to call is asked, and proves the reset by the number that is gone")
    func resetOfAForgetfulPhone() async throws {
        let bench = CallBench(wanted: [], mode: .factoryReset) { $0.dialsWhileRestarting = 0 }
        bench.fleet.state.withLock { $0.forgetsWhomToCall = true }
        let device = try await bench.run()
        #expect(device.outcome == .verified)
        #expect(bench.fleet.knocks(at: CallBench.mac) == 2)
        #expect(bench.phone.look(\.restarts) == 1)
    }

    @Test("Of a phone that is not heard again the result says what is known")
    func resetOfAPhoneThatIsGone() async throws {
        let bench = CallBench(wanted: [], mode: .factoryReset) { $0.dialsWhileRestarting = 1_000_000 }
        bench.fleet.state.withLock { $0.forgetsWhomToCall = true }
        let device = try await bench.run()
        #expect(device.fault?.code == .phoneDidNotReturn)
        #expect(device.fault?.detail?.contains("it took the order") == true)
        #expect(bench.phone.look(\.restarts) == 1)
    }

    @Test(
        "Wherever the journal dies, a resumed run orders no second restart",
        arguments: [RunMode.restart, .factoryReset])
    func crash(mode: RunMode) async throws {
        let whole = CallBench(wanted: [], mode: mode)
        _ = try await whole.run()
        for death in MemoryJournal.Death.allCases {
            for call in 1...whole.journal.calls {
                let bench = CallBench(wanted: [], mode: mode)
                bench.journal.dies(at: call, death)
                await #expect(throws: (any Error).self) { try await bench.run() }
                // What it was told before the program died it does while nobody runs.
                if bench.phone.look(\.restarts) == 1, bench.book.state.withLock({ $0.startUps.isEmpty }) {
                    await bench.fleet.call(CallBench.mac, .startUp)
                }
                #expect(try await bench.resume().outcome == .verified, "died \(death) at \(call)")
                #expect(bench.phone.look(\.restarts) == 1, "died \(death) at \(call)")
            }
        }
    }
}
