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
}
