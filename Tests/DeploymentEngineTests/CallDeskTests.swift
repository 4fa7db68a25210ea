import DeploymentEngine
import DeploymentModel
import Foundation
import ManagementXML
import PhoneTransport
import Synchronization
import Testing

@Suite("The call desk")
struct CallDeskTests {
    private let mac = CallBench.mac

    private func bench(software: String = "V2 R2.0") -> CallBench {
        CallBench { $0.software = software }
    }

    private func items(_ pairs: [(String, String)]) -> [Item] { pairs.map { Item(ItemKey($0.0), value: $0.1) } }

    @Test("Start-ups are counted, other calls are not, and a phone that nobody knows is entered")
    func startUps() async throws {
        let bench = bench()
        bench.book.state.withLock { $0.devices = [] }
        #expect(await bench.fleet.call(mac, .startUp)?.startUps == 1)
        #expect(await bench.fleet.call(mac, .solicited)?.startUps == 1)
        #expect(await bench.fleet.call(mac, .startUp)?.startUps == 2)
        let device = try #require(bench.book.state.withLock { $0.devices.first })
        #expect(device.mac == mac)
        #expect(device.type == Bench.wpiType.id)
        #expect(device.address == "10.0.0.1")
        #expect(!device.wasAuthenticated)
        #expect(bench.fleet.desk.counts.new == 1)
        #expect(bench.phone.look(\.openSessions) == 0)
    }

    @Test("What was changed at a phone is kept from its message, without secrets and what every message has")
    func localChanges() async throws {
        let bench = bench()
        let long = String(repeating: "x", count: 5000)
        await bench.fleet.call(
            mac, .localChanges,
            items([
                ("sntp-addr", "10.9.9.9"), ("admin-pwd", "geheim"), ("unheard-of", "4711"), ("user-pwd", "geheim"),
                ("configuration-changed-flag", "true"), ("dst", long),
            ]))
        let call = try #require(bench.book.state.withLock { $0.heard.last })
        let changes = Dictionary(uniqueKeysWithValues: call.localChanges.map { ($0.key.name, $0.value) })
        #expect(changes == ["sntp-addr": "10.9.9.9", "admin-pwd": nil, "unheard-of": nil, "dst": nil])
        #expect(!"\(call)".contains("geheim"))
        #expect(bench.phone.look(\.actions).isEmpty)
    }

    @Test("What is not kept of a call is counted, and each cause told once; the phone is served")
    func unkept() async throws {
        let bench = bench(software: "V2 R1.30.0")
        bench.book.state.withLock { $0.unkept = Fault(.callNotKept, detail: "more than a phone has") }
        // Not kept of the message, nor of what is read then.
        #expect(await bench.fleet.call(mac, .startUp)?.refusal == nil)
        #expect(bench.fleet.desk.counts.unkept == 2)
        await bench.fleet.call(mac, .localChanges, items([("sntp-addr", "10.9.9.9")]))
        #expect(bench.fleet.desk.counts.unkept == 4)
        bench.book.state.withLock { $0.unkept = Fault(.callNotKept, detail: "no more is kept") }
        await bench.fleet.call(mac, .solicited)
        let told = bench.fleet.unkept.told.withLock(\.self)
        #expect(told.map(\.detail) == ["more than a phone has", "no more is kept"])
        #expect(told.allSatisfy { $0.code == .callNotKept && $0.subject == "10.0.0.1" })
    }

    @Test("A phone with old software is read whole and compared with what was read before")
    func oldSoftware() async throws {
        let bench = bench(software: "V2 R1.30.0")
        await bench.fleet.call(mac, .startUp)
        #expect(bench.book.state.withLock { $0.items[DeviceID("d1")]?.count } == 3)
        bench.phone.change { $0.items[ItemKey("sntp-addr")] = "10.9.9.9" }
        await bench.fleet.call(mac, .localChanges, items([("configuration-changed-flag", "true")]))
        let changes = bench.book.state.withLock { $0.changes[DeviceID("d1")] }
        #expect(changes?.map(\.key) == [ItemKey("sntp-addr")])
        #expect(changes?.first?.value == "10.9.9.9")
        #expect(bench.phone.look(\.openSessions) == 0)
    }

    @Test("A start after which nothing changed is not read")
    func unchangedStart() async throws {
        let bench = bench(software: "V2 R1.30.0")
        await bench.fleet.call(mac, .startUp, items([("configuration-changed-flag", "false")]))
        #expect(bench.book.state.withLock { $0.items.isEmpty })
    }

    @Test("The result of a file and the reason of a clean-up are kept")
    func statusAndCleanUp() async throws {
        let bench = bench()
        await bench.fleet.call(
            mac, .status,
            items([
                ("file-deployment-name", "logo.png"), ("file-deployment-type", "LOGO"),
                ("file-deployment-status", "failed"), ("file-deployment-date", "24:11:2026"),
                ("file-deployment-time", "12:00:00"),
            ]))
        await bench.fleet.call(mac, .cleanUp, items([("cleanup-reason", "password retries exceeded")]))
        let heard = bench.book.state.withLock { $0.heard }
        #expect(
            heard.first?.files
                == [FileReport(type: "logo", name: "logo.png", isDone: false, saidAt: "24:11:2026 12:00:00")])
        #expect(heard.last?.remark == "password retries exceeded")
        #expect(heard.last?.reason == .cleanUp)
    }

    @Test(
        "Contact-me never goes anywhere but where the phone called from",
        arguments: [
            ("http://10.0.0.1:8085/contact_dls.html/ContactDLS", 8085), ("http://10.0.0.1/contact", 80),
            ("http://10.0.0.1:9000", 9000), ("http://10.0.0.2:8085/x", nil), ("http://10.0.0.1.evil:80/", nil),
            ("http://10.0.0.11:80/", nil), ("https://10.0.0.1:443/", nil), ("http://10.0.0.1:0/", nil),
            ("http://10.0.0.1:99999/", nil), ("http://10.0.0.1:8085@10.9.9.9/", nil), ("", nil),
        ] as [(String, Int?)])
    func contactPort(uri: String, port: Int?) async throws {
        let bench = bench()
        let session = CalledSession(bench.fleet, bench.phone, mac, PeerEvidence())
        var call = bench.fleet.incoming(session, .startUp)
        call.opening.items = items([("contact-me-uri", uri), ("mac-addr", mac.description)])
        _ = try await bench.fleet.desk.note(call)
        let heard = try #require(bench.book.state.withLock { $0.heard.last })
        #expect(heard.row.port == port)
        #expect(heard.row.address == "10.0.0.1")
    }

    @Test("A phone that was authenticated and calls without proof is refused, and its entry stays as it is")
    func secureOnly() async throws {
        let bench = bench()
        bench.fleet.state.withLock { $0.evidence[mac] = PeerEvidence(certificateFingerprint: "aa", profile: "phones") }
        #expect(await bench.fleet.call(mac, .startUp)?.refusal == nil)
        let before = try #require(bench.book.state.withLock { $0.devices.first })
        #expect(before.wasAuthenticated)
        bench.fleet.state.withLock { $0.evidence = [:] }
        #expect(await bench.fleet.call(mac, .startUp)?.refusal?.code == .callRefused)
        #expect(bench.book.state.withLock { $0.devices } == [before])
        #expect(bench.book.state.withLock { $0.startUps } == [DeviceID("d1"): 1])
        #expect(bench.fleet.desk.counts.refused == [.callRefused: 1])
        #expect(bench.phone.look(\.openSessions) == 0)
    }
}
