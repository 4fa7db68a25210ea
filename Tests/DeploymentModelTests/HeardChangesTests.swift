import DeploymentModel
import Foundation
import Testing

@Suite("What a call says was changed at the phone")
struct HeardChangesTests {
    private static let at = Date(timeIntervalSince1970: 0)
    private static let zone = LocalChange(key: ItemKey("sntp-tz-offset"), value: "60", at: at)

    private func call(_ reason: CallReason, number: String?) -> HeardCall {
        let row = ScanRow(
            address: "10.0.0.7", port: 8085, status: .phone, mac: MACAddress(value: 0x001A_E800_0001),
            number: number.flatMap { TerminalNumber($0) })
        return HeardCall(
            reason: reason, row: row, localChanges: reason == .localChanges ? [Self.zone] : [], at: Self.at)
    }

    @Test("The number of the phone is one of its changes when the list wants another")
    func number() {
        var device = Device(id: DeviceID("d1"), mac: MACAddress(value: 0x001A_E800_0001))
        device.number = TerminalNumber("3200")
        let number = LocalChange(key: ItemKey("e164"), value: "3999", at: Self.at)
        #expect(call(.localChanges, number: "3999").localChanges(of: device) == [Self.zone, number])
        #expect(call(.localChanges, number: "3200").localChanges(of: device) == [Self.zone])
        #expect(call(.localChanges, number: nil).localChanges(of: device) == [Self.zone])
        #expect(call(.startUp, number: "3999").localChanges(of: device).isEmpty)
    }
}
