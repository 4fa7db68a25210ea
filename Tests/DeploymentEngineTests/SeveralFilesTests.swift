import DeploymentModel
import ManagementXML
import PhoneTransport
import Synchronization
import Testing

@testable import DeploymentEngine

@Suite("Several files of one kind in one run")
struct SeveralFilesTests {
    private let kind = FileKind("ringtone")

    private func bench(_ names: String...) -> CallBench {
        let files = names.map { name in
            WantedFile(
                kind: kind, change: .fetch(FileFetch(url: "https://files.example.org/\(name)", name: name)))
        }
        return CallBench(wanted: [], files: files)
    }

    /// Phones that fetch what they are ordered and say so, but for what they cannot fetch.
    private func fetch(_ bench: CallBench, failing: String? = nil) {
        bench.fleet.state.withLock {
            $0.fetching = { order, _ in
                let name = order.workPoint?.name ?? ""
                let items = [
                    Item(ItemKey("file-deployment-name"), value: name),
                    Item(ItemKey("file-deployment-type"), value: "RINGTONE"),
                    Item(ItemKey("file-deployment-status"), value: name == failing ? "failed" : "ok"),
                ]
                return CallingFleet.Plan(mac: CallBench.mac, reason: .status, items: items, after: 5)
            }
        }
    }

    private func ordered(_ bench: CallBench) -> [String?] { bench.phone.look(\.orders).map { $0.workPoint?.name } }

    private func holdings(_ device: DeviceResult) -> [String?: FileHolding] {
        Dictionary(uniqueKeysWithValues: device.files.map { ($0.name, $0.now) })
    }

    @Test("Each is ordered once, when the one before is proven, and has its own result and its own entries")
    func both() async throws {
        let bench = bench("a.wav", "b.wav")
        fetch(bench)
        let device = try await bench.run()
        #expect(device.outcome == .verified)
        #expect(ordered(bench) == ["a.wav", "b.wav"])
        #expect(holdings(device) == ["a.wav": .named("a.wav"), "b.wav": .named("b.wav")])
        let named = bench.journal.entries.map { "\($0.moment) \($0.file?.name ?? "")" }
        #expect(named == ["intent a.wav", "outcome a.wav", "intent b.wav", "outcome b.wav"])
        #expect(bench.phone.look(\.openSessions) == 0)
    }

    @Test(
        "One that fails keeps the phone from no other, and the phone counts as failed", arguments: ["a.wav", "b.wav"])
    func oneFails(failing: String) async throws {
        let bench = bench("a.wav", "b.wav")
        fetch(bench, failing: failing)
        let device = try await bench.run()
        #expect(device.outcome == .failed)
        #expect(device.fault?.code == .fileNotDeployed)
        #expect(device.fault?.detail?.contains(failing) == true)
        #expect(!device.isLeftOpen)
        #expect(ordered(bench) == ["a.wav", "b.wav"])
        let good = failing == "a.wav" ? "b.wav" : "a.wav"
        #expect(holdings(device) == [good: .named(good), failing: .none])
    }

    @Test("When all fail, each is named")
    func allFail() throws {
        let faults = ["a", "b"].map { Fault(.fileNotDeployed, subject: "10.0.0.1", detail: $0) }
        #expect(Fault(ofFiles: faults) == Fault(.fileNotDeployed, subject: "10.0.0.1", detail: "a; b"))
        let open = Fault(.fileNotSettled, subject: "10.0.0.1", detail: "c")
        #expect(Fault(ofFiles: faults + [open])?.code == .fileNotSettled)
        #expect(Fault(ofFiles: []) == nil)
    }

    @Test("Of one of which the phone never says a word nobody knows, and the others are fetched all the same")
    func oneSaysNothing() async throws {
        let bench = bench("a.wav", "b.wav")
        bench.phone.change {
            // It had them before, so its list proves nothing.
            for (place, name) in ["a.wav", "b.wav"].enumerated() {
                $0.items[ItemKey("file-name", index: place + 1)] = name
                $0.items[ItemKey("file-type", index: place + 1)] = "RINGTONE"
            }
        }
        bench.fleet.state.withLock {
            $0.fetching = { order, _ in
                guard let name = order.workPoint?.name, name == "b.wav" else { return nil }
                let items = [
                    Item(ItemKey("file-deployment-name"), value: name),
                    Item(ItemKey("file-deployment-type"), value: "RINGTONE"),
                    Item(ItemKey("file-deployment-status"), value: "ok"),
                ]
                return CallingFleet.Plan(mac: CallBench.mac, reason: .status, items: items, after: 5)
            }
        }
        let device = try await bench.run()
        #expect(device.fault == Fault(.fileNotSettled, subject: "10.0.0.1", detail: "a.wav"))
        #expect(device.isLeftOpen)
        #expect(ordered(bench) == ["a.wav", "b.wav"])
        #expect(holdings(device) == ["a.wav": .unknown, "b.wav": .named("b.wav")])
    }

    @Test("A run that died between two files goes on and orders none of them twice", arguments: 2...5)
    func death(calls: Int) async throws {
        let bench = bench("a.wav", "b.wav")
        fetch(bench)
        // The lease, then the intent and the outcome of the one, then of the other.
        bench.journal.dies(at: calls, .afterKeeping)
        await #expect(throws: (any Error).self) { try await bench.run() }
        let given = ordered(bench)
        // Whether the order was given or only its intent kept, the phone says what came of it while nobody runs.
        await bench.fleet.call(
            CallBench.mac, .status,
            [
                Item(ItemKey("file-deployment-name"), value: calls < 4 ? "a.wav" : "b.wav"),
                Item(ItemKey("file-deployment-type"), value: "RINGTONE"),
                Item(ItemKey("file-deployment-status"), value: "ok"),
            ])
        let device = try await bench.resume()
        #expect(device.outcome == .verified)
        #expect(Set(ordered(bench)).count == ordered(bench).count)
        #expect(ordered(bench).starts(with: given))
    }

    @Test(
        "Steps that an older version kept without a name are about the one file of their kind: it is not ordered again")
    func oldJournal() async throws {
        let bench = bench("a.wav")
        bench.journal.dies(at: 3, .afterKeeping)
        await #expect(throws: (any Error).self) { try await bench.run() }
        var old = try await bench.journal.progress(of: Bench.run)
        let entries = try #require(old.open[DeviceID("d1")])
        #expect(entries.map(\.file?.name) == ["a.wav", "a.wav"])
        old.open[DeviceID("d1")] = entries.map { entry in
            var entry = entry
            entry.file?.name = nil
            return entry
        }
        await bench.fleet.call(
            CallBench.mac, .status,
            [
                Item(ItemKey("file-deployment-name"), value: "a.wav"),
                Item(ItemKey("file-deployment-type"), value: "RINGTONE"),
                Item(ItemKey("file-deployment-status"), value: "ok"),
            ])
        bench.journal.revive()
        #expect(try await bench.run(resuming: old).outcome == .verified)
        #expect(ordered(bench) == ["a.wav"])
    }
}
