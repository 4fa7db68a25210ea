import DeploymentModel
import Foundation
import Testing

@testable import phonefleet

@Suite("Lines of a run's log file")
struct RunLogTextTests {
    private let moment = Date(timeIntervalSince1970: 1_700_000_000.75)

    private func lines(_ kinds: [TransferEvent.Kind]) -> String {
        var text = RunLogText()
        for kind in kinds {
            text.append(RunLogLine(TransferEvent(at: moment, run: RunID("r1"), device: DeviceID("d1"), kind: kind)))
        }
        return String(decoding: text.take(), as: UTF8.self)
    }

    private func read(_ line: some StringProtocol) throws -> RunLogLine {
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .iso8601
        return try decoder.decode(RunLogLine.self, from: Data(line.utf8))
    }

    @Test("a line is a flat object with its keys in order")
    func flatObject() {
        #expect(
            lines([.stepStarted(.write), .runFinished(totals: ["verified": 2, "failed": 0])])
                == """
                {"at":"2023-11-14T22:13:20Z","device":"d1","event":"step-started","run":"r1","step":"write"}
                {"at":"2023-11-14T22:13:20Z","device":"d1","event":"run-finished","run":"r1","totals":{"failed":0,"verified":2}}

                """)
    }

    @Test("every character of a value comes back")
    func everyCharacter() throws {
        let odd = String(String.UnicodeScalarView((0...0x7F).compactMap(Unicode.Scalar.init))) + "Grüße 日本 \u{1F4DE}"
        let changes = [
            ItemChange(key: ItemKey("function-key-label", index: 2), before: nil, after: odd, status: .invalidData),
            ItemChange(key: ItemKey("sntp-addr"), before: "", after: "a"),
        ]
        let result = DeviceResult(
            device: DeviceID("d1"), address: "127.0.0.1", type: PhoneTypeID("a"), outcome: .failed,
            fault: Fault(.phoneItemRejected, detail: odd), changes: changes, duration: 1.5, finishedAt: moment)
        let line = try read(lines([.deviceFinished(result)]))
        #expect(line.changes == changes)
        #expect(line.detail == odd)
        #expect(line.seconds == 1.5)
        #expect(line.outcome == .failed)
    }
}
