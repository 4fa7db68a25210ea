import DeploymentEngine
import DeploymentModel
import ManagementXML
import PhoneTransport
import Synchronization
import Testing

@Suite("Runs over phones that call")
struct CalledPhoneRunTests {
    @Test("A phone is written, restarted once, and read again in the call by which it reports its start")
    func restartIsProvenByTheStartUp() async throws {
        let bench = CallBench(wanted: Bench.restarting)
        let device = try await bench.run()
        #expect(device.outcome == .verified)
        #expect(bench.phone.look(\.restarts) == 1)
        #expect(bench.phone.value("vlan") == "42")
        #expect(bench.fleet.knocks(at: CallBench.mac) == 1)
        #expect(bench.fleet.desk.counts.handedOver == 1)
        #expect(bench.journal.entries.map(\.step) == [.write, .write, .restart, .restart])
        #expect(bench.journal.entries[2].bootCount == 0)
        #expect(bench.phone.look(\.openSessions) == 0)
    }

    @Test("A start that another process heard proves the restart, and only then the phone is asked to call")
    func restartHeardElsewhere() async throws {
        let bench = CallBench(wanted: Bench.restarting)
        bench.fleet.state.withLock { $0.startsElsewhere = true }
        let device = try await bench.run()
        #expect(device.outcome == .verified)
        #expect(bench.phone.look(\.restarts) == 1)
        #expect(bench.fleet.knocks(at: CallBench.mac) == 2)
    }

    @Test("A phone that is never heard to start did not prove its restart, though it answers")
    func restartUnheard() async throws {
        let bench = CallBench(wanted: Bench.restarting)
        bench.fleet.state.withLock { $0.startsInSilence = true }
        let device = try await bench.run()
        #expect(device.fault?.code == .phoneDidNotReturn)
        #expect(device.fault?.detail?.contains("heard to start") == true)
        #expect(device.duration >= 240)
        #expect(bench.phone.look(\.restarts) == 1)
    }

    @Test("A phone in a call is visited again when it calls by itself, long before it would be knocked at")
    func busyPhoneCallsBack() async throws {
        let bench = CallBench(options: TransferOptions(waitForAbsent: 10_000)) { $0.busyWrites = 1 }
        bench.fleet.state.withLock { $0.callsBackAfter = 0.01 }
        let device = try await bench.run()
        #expect(device.outcome == .verified)
        #expect(bench.fleet.knocks(at: CallBench.mac) == 1)
        #expect(bench.fleet.desk.counts.handedOver == 1)
        #expect(device.duration < 0.1)
    }

    @Test("A phone in a call that never calls back is knocked at again")
    func busyPhoneIsKnockedAt() async throws {
        let bench = CallBench(options: TransferOptions(waitForAbsent: 10_000)) { $0.busyWrites = 1 }
        let device = try await bench.run()
        #expect(device.outcome == .verified)
        #expect(bench.fleet.knocks(at: CallBench.mac) == 2)
    }

    @Test("The result says that nobody authenticated the phone")
    func notAuthenticated() async throws {
        let device = try await CallBench().run()
        #expect(device.outcome == .verified)
        #expect(device.warnings == [Fault(.phoneNotAuthenticated, subject: "10.0.0.1")])
        #expect(device.evidence?.isAuthenticated == false)
    }

    @Test("The result says when another phone called under the MAC address of this one")
    func secondPhone() async throws {
        let bench = CallBench()
        bench.fleet.desk.noteSecondPhone(CallBench.mac, at: "10.0.0.9")
        let device = try await bench.run()
        #expect(device.outcome == .verified)
        let warning = try #require(device.warnings.last)
        #expect(warning.code == .callSecondPhone && warning.subject == "10.0.0.1")
        #expect(warning.detail == "\(CallBench.mac) also calls from 10.0.0.9")
    }

    @Test("A parameter that the model does not have is named, and the phone is as wanted but for it")
    func unknownItem() async throws {
        let extra = WantedItem(key: ItemKey("video-on"), value: .plain("true"))
        let bench = CallBench(wanted: Bench.standard + [extra])
        let device = try await bench.run()
        #expect(device.outcome == .verified)
        #expect(device.warnings.contains(Fault(.phoneUnknownItem, subject: "10.0.0.1", detail: "video-on")))
        #expect(
            device.changes.contains(
                ItemChange(key: extra.key, before: nil, after: "true", status: .unknownItem)))
        #expect(!bench.phone.look(\.writes).joined().contains(extra.key))
        let again = CallBench(wanted: Bench.standard + [extra], mode: .compare) { phone in
            phone.items[ItemKey("dst")] = "true"
            phone.items[ItemKey("sntp-addr")] = "10.1.1.1"
        }
        #expect(try await again.run().outcome == .unchanged)
    }

    @Test("A phone that knows none of its parameters is not said to be as wanted")
    func nothingKnown() async throws {
        let bench = CallBench(wanted: [WantedItem(key: ItemKey("video-on"), value: .plain("true"))]) { phone in
            phone.refuses = [ItemKey("video-on"): .unknownItem]
        }
        let device = try await bench.run()
        #expect(!device.outcome.isProven)
    }

    @Test("An item that the phone refuses for another reason is an objection")
    func refusedItem() async throws {
        let bench = CallBench { $0.refuses = [ItemKey("dst"): .invalidData] }
        let device = try await bench.run()
        #expect(device.outcome == .failed)
        #expect(device.fault?.code == .phoneItemRejected)
    }

    @Test("The administrator password is a secret like others where the tool needs none")
    func administratorPassword() async throws {
        let bench = CallBench(wanted: Bench.standard + [Bench.newPassword])
        let device = try await bench.run()
        #expect(device.outcome == .verified)
        #expect(bench.phone.look(\.password) == "new-password")
        #expect(bench.journal.entries.map(\.step) == [.write, .write])
        #expect(bench.journal.accepted[DeviceID("d1")]?.keys.contains(ItemKey("admin-pwd")) == true)
    }

    @Test("A run that died with the restart ordered asks no second one of a phone that was heard to start")
    func resumeAfterRestart() async throws {
        let bench = CallBench(wanted: Bench.restarting)
        bench.journal.dies(at: 3, .afterKeeping)
        await #expect(throws: (any Error).self) { try await bench.run() }
        #expect(bench.journal.entries.last?.step == .restart)
        // The order was on its way when the program died, and the phone started while nobody ran.
        bench.phone.change { $0.restarts += 1 }
        await bench.fleet.call(CallBench.mac, .startUp)
        let device = try await bench.resume()
        #expect(device.outcome == .verified)
        #expect(bench.phone.look(\.restarts) == 1)
    }

    @Test("A run that died before the order was given gives it when the phone was not heard to start")
    func resumeBeforeRestart() async throws {
        let bench = CallBench(wanted: Bench.restarting)
        bench.journal.dies(at: 3, .afterKeeping)
        await #expect(throws: (any Error).self) { try await bench.run() }
        #expect(bench.journal.entries.last?.step == .restart)
        let device = try await bench.resume()
        #expect(device.outcome == .verified)
        #expect(bench.phone.look(\.restarts) == 1)
    }

    @Test("A call that was kept for a run that is stopped is ended")
    func stoppedRunEndsTheCall() async throws {
        let bench = CallBench(options: TransferOptions(waitForAbsent: 10_000)) { $0.busyWrites = 1000 }
        bench.fleet.state.withLock { $0.callsBackAfter = 0 }
        let stop = StopSignal()
        let writes = Mutex(0)
        let device = try await bench.run(stop: stop) { event in
            guard case .deviceWaiting = event.kind else { return }
            let count = writes.withLock { count in
                count += 1
                return count
            }
            if count == 5 { stop.request() }
        }
        #expect(device.outcome == .stopped)
        #expect(bench.phone.look(\.openSessions) == 0)
    }
}
