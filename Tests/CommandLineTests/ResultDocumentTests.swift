import DeploymentModel
import Foundation
import Testing

@testable import phonefleet

@Suite("The document of a run's result")
struct ResultDocumentTests {
    @Test("written phone by phone it is the same as written at once", arguments: [0, 1, 3])
    func samePieces(count: Int) throws {
        let devices = (0..<count).map { number in
            DeviceResult(
                device: DeviceID("d\(number)"), address: "127.0.0.\(number)", type: PhoneTypeID("a"), outcome: .failed,
                fault: Fault(.phoneBusy, subject: "line\nbreak ]"),
                changes: [ItemChange(key: ItemKey("devices"), before: nil, after: "\"devices\" : [")],
                finishedAt: Date(timeIntervalSince1970: 0))
        }
        let result = TransferResult(run: RunID("r1"), mode: .deploy, devices: devices)
        var text = ""
        try ResultDocument(result: result, seconds: 1.5).write { text += $0 }
        #expect(text == (try JSONText.text(ResultView(result, seconds: 1.5))))
    }

    @Test("the report for people says the particulars of the first few warnings, and nothing more of others")
    func particulars() {
        let devices = (11...20).map { number in
            DeviceResult(
                device: DeviceID("d\(number)"), address: "10.0.0.\(number)", type: PhoneTypeID("a"), outcome: .verified,
                warnings: [
                    Fault(.callSecondPhone, subject: "10.0.0.\(number)", detail: "also from 10.0.1.\(number)"),
                    Fault(.phoneNotAuthenticated, subject: "10.0.0.\(number)"),
                ], finishedAt: Date(timeIntervalSince1970: 0))
        }
        let result = TransferResult(run: RunID("r1"), mode: .deploy, devices: devices)
        let text = ResultReport(result: result, seconds: 1, palette: Palette(isOn: false)).text()
        #expect(
            text.contains(
                """
                warning 10 phones: two phones call under one MAC address
                  10.0.0.11  also from 10.0.1.11
                  10.0.0.12  also from 10.0.1.12
                  10.0.0.13  also from 10.0.1.13
                  10.0.0.14  also from 10.0.1.14
                  10.0.0.15  also from 10.0.1.15
                  10.0.0.16  also from 10.0.1.16
                  10.0.0.17  also from 10.0.1.17
                  10.0.0.18  also from 10.0.1.18
                  and 2 more
                  hint: look
                """))
        let same = devices.map { device in
            var device = device
            device.warnings = [Fault(.phoneUnknownItem, subject: device.address, detail: "brightness")]
            return device
        }
        let shared = TransferResult(run: RunID("r2"), mode: .deploy, devices: same)
        #expect(
            ResultReport(result: shared, seconds: 1, palette: Palette(isOn: false)).text()
                .contains("does not have a parameter\n  brightness\n  hint: "))
        #expect(text.contains("nobody authenticated this phone\n  hint: "))
    }
}
