import DeploymentModel
import Foundation
import Testing

@testable import phonefleet

@Suite("Phones that call while a scan lasts")
struct HeardPhonesTests {
    private func row(_ address: String, _ number: UInt64?, _ status: ScanStatus = .phone) -> ScanRow {
        ScanRow(
            address: address, port: 8085, status: status, mac: number.map { MACAddress(value: 0x001A_E800_0000 + $0) })
    }

    private func call(_ address: String, _ number: UInt64, _ reason: CallReason = .solicited) -> HeardCall {
        HeardCall(reason: reason, row: row(address, number), at: Date(timeIntervalSince1970: 0))
    }

    @Test("those that call from other addresses than were asked are told of, each by its MAC address")
    func elsewhere() {
        let heard = HeardPhones()
        heard.note(call("10.0.0.1", 1), CallEntry())
        heard.note(call("192.0.2.1", 2), CallEntry())
        heard.note(call("192.0.2.1", 3), CallEntry())
        // Asked, and too late for the visit.
        heard.note(call("10.0.0.4", 4), CallEntry())
        // It was just starting, nobody asked it; and one that is not let in.
        heard.note(call("10.0.9.5", 5, .startUp), CallEntry())
        heard.note(call("192.0.2.6", 6), CallEntry(refusal: Fault(.callRefused)))
        let asked = [
            row("10.0.0.1", 1), row("10.0.0.2", nil, .noCall), row("10.0.0.4", nil, .noCall),
        ]
        var rows = Dictionary(uniqueKeysWithValues: asked.map { ($0.address, $0) })
        let elsewhere = heard.sort(into: &rows)
        #expect(Set(elsewhere) == [row("192.0.2.1", 2), row("192.0.2.1", 3)])
        #expect(rows["10.0.0.1"] == row("10.0.0.1", 1))
        #expect(rows["10.0.0.2"]?.status == .noCall)
        #expect(rows["10.0.0.4"] == row("10.0.0.4", 4))
    }
}
