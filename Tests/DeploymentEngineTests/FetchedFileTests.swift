import DeploymentEngine
import DeploymentModel
import ManagementXML
import PhoneTransport
import Synchronization
import Testing

@Suite("Files that phones fetch by themselves")
struct FetchedFileTests {
    private let software = FileFetch(
        url: "https://files.example.org/os60.img", name: "os60.img", version: SoftwareVersion("V3 R5.12.0"))
    private let logo = FileFetch(url: "https://files.example.org/logo.png", name: "logo.png")
    private let mac = CallBench.mac

    private func bench(
        _ kind: FileKind, _ fetch: FileFetch, mode: RunMode = .deploy,
        _ change: (inout ScriptedPhone.State) -> Void = { _ in }
    ) -> CallBench {
        CallBench(wanted: [], files: [WantedFile(kind: kind, change: .fetch(fetch))], mode: mode, change)
    }

    private func status(_ name: String, _ word: String, after: Double = 5) -> CallingFleet.Plan {
        let items = [
            Item(ItemKey("file-deployment-name"), value: name), Item(ItemKey("file-deployment-type"), value: "LOGO"),
            Item(ItemKey("file-deployment-status"), value: word),
        ]
        return CallingFleet.Plan(mac: mac, reason: .status, items: items, after: after)
    }

    private func startUp(after: Double = 90) -> CallingFleet.Plan {
        CallingFleet.Plan(mac: mac, reason: .startUp, after: after)
    }

    @Test("Software is ordered once and proven by the version with which the phone starts")
    func softwareIsLoaded() async throws {
        let bench = bench(.application, software)
        let plan = startUp()
        bench.fleet.state.withLock {
            $0.fetching = { _, phone in
                phone.software = "V3 R5.12.0"
                return plan
            }
        }
        let device = try await bench.run()
        #expect(device.outcome == .verified)
        #expect(bench.phone.look(\.orders.count) == 1)
        #expect(bench.phone.look(\.orders).first?.workPoint?.software?.version == SoftwareVersion("3.5.12.0"))
        #expect(device.files.first?.now == .named("V3 R5.12.0"))
        #expect(bench.fleet.knocks(at: mac) == 1)
        #expect(bench.journal.entries.map(\.step) == [.fetchFile, .fetchFile])
    }

    @Test("A phone that has the software is left alone")
    func softwareIsThere() async throws {
        let bench = bench(.application, software) { $0.software = "V3 R5.12.0" }
        #expect(try await bench.run().outcome == .unchanged)
        #expect(bench.phone.look(\.orders).isEmpty)
    }

    @Test("A phone that starts with its old software again is not kept at it")
    func loop() async throws {
        let bench = bench(.application, software)
        let plan = startUp()
        bench.fleet.state.withLock { $0.fetching = { _, _ in plan } }
        let device = try await bench.run()
        #expect(device.fault?.code == .fileNotDeployed)
        #expect(device.outcome == .failed)
        #expect(bench.phone.look(\.orders.count) == 1)
        #expect(!device.isLeftOpen)
    }

    @Test("The same software that another run ordered a short while ago is not ordered again")
    func orderedByAnother() async throws {
        let bench = bench(.application, software)
        let order = FileOrderRecord(type: "application", name: "os60.img", version: software.version)
        bench.book.state.withLock { $0.orders[DeviceID("d1")] = [order] }
        let device = try await bench.run()
        #expect(device.outcome == .failed)
        #expect(bench.phone.look(\.orders).isEmpty)
    }

    @Test("What the phone said of an order that is not given again is judged at once")
    func orderedByAnotherAndSettled() async throws {
        let bench = bench(.application, software)
        var order = FileOrderRecord(type: "application", name: "os60.img", version: software.version)
        order.isDone = false
        bench.book.state.withLock { [order] in $0.orders[DeviceID("d1")] = [order] }
        let device = try await bench.run()
        #expect(device.fault?.code == .fileNotDeployed)
        #expect(bench.phone.look(\.orders).isEmpty)
        #expect(bench.fleet.knocks(at: mac) == 1)
    }

    @Test("A file is proven by the phone's word on it")
    func logoIsFetched() async throws {
        let bench = bench(FileKind("logo"), logo)
        let plan = status("logo.png", "ok")
        bench.fleet.state.withLock { $0.fetching = { _, _ in plan } }
        let device = try await bench.run()
        #expect(device.outcome == .verified)
        #expect(device.files.first?.now == .named("logo.png"))
        #expect(bench.phone.look(\.openSessions) == 0)
    }

    @Test("A file that the phone could not fetch is named, and nothing stays open")
    func logoFails() async throws {
        let bench = bench(FileKind("logo"), logo)
        let plan = status("logo.png", "failed")
        bench.fleet.state.withLock { $0.fetching = { _, _ in plan } }
        let device = try await bench.run()
        #expect(device.fault?.code == .fileNotDeployed)
        #expect(!device.isLeftOpen)
    }

    @Test("Without a word the phone's own list proves a file that it did not have, and a deletion")
    func listProves() async throws {
        let bench = bench(FileKind("logo"), logo)
        bench.fleet.state.withLock {
            $0.fetching = { order, phone in
                phone.items[ItemKey("file-name", index: 1)] = order.workPoint?.name
                phone.items[ItemKey("file-type", index: 1)] = "LOGO"
                return nil
            }
        }
        #expect(try await bench.run().outcome == .verified)

        let deletion = FileFetch(url: "", name: "logo.png", isDeletion: true)
        let second = self.bench(FileKind("logo"), deletion) { phone in
            phone.items[ItemKey("file-name", index: 1)] = "logo.png"
            phone.items[ItemKey("file-type", index: 1)] = "LOGO"
        }
        second.fleet.state.withLock {
            $0.fetching = { order, phone in
                if order.workPoint?.isDeletion == true { phone.items[ItemKey("file-name", index: 1)] = nil }
                return nil
            }
        }
        #expect(try await second.run().outcome == .verified)
        #expect(second.phone.look(\.orders.count) == 1)
    }

    @Test("A phone that never says what came of a file stays open, and is not ordered again when the run is resumed")
    func noWord() async throws {
        let bench = bench(FileKind("logo"), logo) { phone in
            phone.items[ItemKey("file-name", index: 1)] = "logo.png"
            phone.items[ItemKey("file-type", index: 1)] = "LOGO"
        }
        let device = try await bench.run()
        #expect(device.fault?.code == .fileNotSettled)
        #expect(device.isLeftOpen)
        let word = status("logo.png", "ok")
        await bench.fleet.call(mac, word.reason, word.items)
        let again = try await bench.resume()
        #expect(again.outcome == .verified)
        #expect(bench.phone.look(\.orders.count) == 1)
    }

    @Test("A run that died with an order given waits for its end instead of giving it again", arguments: [1, 2])
    func death(calls: Int) async throws {
        let bench = bench(.application, software)
        let plan = startUp()
        bench.fleet.state.withLock {
            $0.fetching = { _, phone in
                phone.software = "V3 R5.12.0"
                return plan
            }
        }
        // The lease, then the intent, then the outcome of the order.
        bench.journal.dies(at: 1 + calls, .afterKeeping)
        await #expect(throws: (any Error).self) { try await bench.run() }
        if calls == 1 { bench.phone.change { $0.software = "V3 R5.12.0" } }
        #expect(try await bench.resume().outcome.isProven)
        #expect(bench.phone.look(\.orders.count) <= 1)
    }

    @Test("What is compared is shown and not ordered")
    func compared() async throws {
        let bench = bench(.application, software, mode: .compare)
        let device = try await bench.run()
        #expect(device.outcome == .differs)
        #expect(bench.phone.look(\.orders).isEmpty)
    }
}
