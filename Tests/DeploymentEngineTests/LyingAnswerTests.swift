import DeploymentModel
import ManagementXML
import PhoneTransport
import Testing

@testable import DeploymentEngine

@Suite("Answers of phones that lie")
struct LyingAnswerTests {
    /// Answers everything with the same items.
    private struct Parrot: PhoneSession {
        let items: [Item]
        let evidence = PeerEvidence()

        func perform(_ action: ManagementAction, password: SecretText?) async throws -> ManagementReply {
            ManagementReply(action: action.name, status: .accepted, items: items)
        }

        func close() async {}
    }

    private let key = ItemKey("sntp-addr")

    private func read(_ values: [String]) async throws -> [Item] {
        let parrot = Parrot(items: values.map { Item(key, value: $0) })
        let call = PhoneCall(session: parrot, password: SecretText("x"), itemLimit: 10)
        return try await ItemDriver().read([key], over: call)
    }

    private func identity(_ items: [(String, String)]) -> PhoneIdentity {
        let items = items.map { Item(ItemKey($0.0), value: $0.1) }
        return PhoneIdentity(ManagementReply(action: "Identify", status: .accepted, items: items))
    }

    @Test("an item that is named twice proves nothing, whatever stands first")
    func itemTwice() async throws {
        #expect(try await read(["192.0.2.10"]).count == 1)
        let fault = await #expect(throws: Fault.self) { try await read(["192.0.2.10", "9.9.9.9"]) }
        #expect(fault?.code == .xmlUnexpected)
    }

    @Test("a phone that names two types or two MAC addresses has none")
    func identityTwice() {
        let types = identity([(WellKnownItem.deviceType, "one"), (WellKnownItem.deviceType, "two")])
        #expect(types.deviceType == nil)
        let mac = WellKnownItem.macAddress
        #expect(identity([(mac, "00:01:E3:00:00:01"), (mac, "00:01:E3:00:00:02")]).mac == nil)
        #expect(identity([(mac, "00:01:E3:00:00:01")]).mac != nil)
    }

    @Test(
        "a type of control characters, hidden characters or endless length is none",
        arguments: ["\u{1B}[2J", "a\nb", "a\u{202E}b", "\u{9B}31m", String(repeating: "T", count: 500_000)])
    func oddType(text: String) {
        #expect(identity([(WellKnownItem.deviceType, text)]).deviceType == nil)
        #expect(identity([(WellKnownItem.softwareVersion, text)]).softwareVersion == nil)
    }

    @Test("the software of a phone that was met by mistake does not get into the result")
    func softwareOfAnother() async throws {
        let bench = Bench { _, phone in phone.mac = "00:01:E3:00:00:99" }
        let result = try await bench.run().devices[0]
        #expect(result.fault?.code == .phoneWrongMAC)
        #expect(result.softwareVersion == nil)
    }
}
