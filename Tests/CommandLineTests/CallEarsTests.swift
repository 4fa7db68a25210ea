import DeploymentModel
import Foundation
import Testing

@testable import phonefleet

@Suite("By which call a phone is judged", .timeLimit(.minutes(5)))
struct CallEarsTests {
    private static let mac = MACAddress(value: 0x001A_E800_0001)
    /// No load of the machine makes a call come too late.
    private static let patience = 240.0

    private func call(_ address: String, isProven: Bool = false, mac: MACAddress? = mac) -> HeardCall {
        let row = ScanRow(address: address, port: 8085, status: .phone, mac: mac, tls: isProven)
        return HeardCall(reason: .solicited, row: row, at: Date(timeIntervalSince1970: 0))
    }

    private var patient: Patient {
        Patient(
            address: "10.0.0.7", port: 8085, tls: false, calls: true,
            device: Device(id: DeviceID("d1"), address: "10.0.0.7", mac: Self.mac))
    }

    private let refused = CallEntry(refusal: Fault(.callRefused))

    @Test("A call that proves who it is decides, though others came before in the phone's name")
    func provenDecides() async throws {
        let ears = CallEars()
        let watch = ears.watch(patient, provesItself: true)
        defer { watch.end() }
        ears.hear(call("10.0.0.66"), refused)
        ears.hear(call("10.0.0.67"), CallEntry())
        ears.hear(call("10.0.0.7", isProven: true), CallEntry(startUps: 3))
        let heard = try #require(try await watch.best(within: Self.patience))
        #expect(heard.call.row.tls && heard.entry.startUps == 3)
    }

    @Test("Of a phone that proves nothing the first call that is let in decides, and not one that is refused")
    func takenDecides() async throws {
        let ears = CallEars()
        let watch = ears.watch(patient, provesItself: false)
        defer { watch.end() }
        ears.hear(call("10.0.0.8", mac: MACAddress(value: 9)), CallEntry())
        ears.hear(call("10.0.0.66"), refused)
        ears.hear(call("10.0.0.7"), CallEntry())
        ears.hear(call("10.0.0.68"), CallEntry())
        #expect(try await watch.best(within: Self.patience)?.call.row.address == "10.0.0.7")
    }

    @Test("A call without proof is the answer when none with it comes in time", arguments: [true, false])
    func nothingBetter(provesItself: Bool) async throws {
        let ears = CallEars()
        let watch = ears.watch(patient, provesItself: provesItself)
        defer { watch.end() }
        ears.hear(call("10.0.0.66"), refused)
        ears.hear(call("10.0.0.67"), refused)
        let heard = try #require(try await watch.best(within: 0.05))
        #expect(heard.call.row.address == "10.0.0.66" && heard.entry.refusal?.code == .callRefused)
    }

    @Test("Nothing heard is no answer, and who does not wait any more hears no more")
    func nothing() async throws {
        let ears = CallEars()
        let watch = ears.watch(patient, provesItself: false)
        watch.end()
        ears.hear(call("10.0.0.7"), CallEntry())
        #expect(try await watch.best(within: 0.05) == nil)
    }
}
