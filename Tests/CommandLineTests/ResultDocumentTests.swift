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
        let devices = (1...5).map { number in
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
                warning 5 phones: two phones call under one MAC address
                  10.0.0.1  also from 10.0.1.1
                  10.0.0.2  also from 10.0.1.2
                  10.0.0.3  also from 10.0.1.3
                  and 2 more
                  hint: look
                """))
        #expect(text.contains("nobody authenticated this phone\n  hint: "))
    }
}
