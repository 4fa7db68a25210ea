import DeploymentModel
import Foundation
import PhoneTransport
import Synchronization
import Testing

@testable import phonefleet

@Suite("What 'serve' tells of calls")
struct ServeReportTests {
    private final class Lines: Sendable {
        private let kept = Mutex("")

        var text: String { kept.withLock(\.self) }

        func add(_ line: String) { kept.withLock { $0 += line } }
    }

    private static let at = Date(timeIntervalSince1970: 0)
    private static let mac = MACAddress(value: 0x001A_E800_0001)

    private func told(_ tell: (ServeReport) -> Void) -> String {
        let lines = Lines()
        tell(ServeReport(tellsAll: false, isQuiet: false, now: { Self.at }, write: { lines.add($0) }))
        return lines.text
    }

    private var change: HeardCall {
        HeardCall(
            reason: .localChanges,
            row: ScanRow(
                address: "10.0.0.7", port: 8085, status: .phone, mac: Self.mac, number: TerminalNumber("3999")),
            localChanges: [LocalChange(key: ItemKey("sntp-tz-offset"), value: "60", at: Self.at)], at: Self.at)
    }

    @Test("A number that was changed at the phone is named with the other changes, as 'devices show' does")
    func changedNumber() throws {
        var device = Device(id: DeviceID("d1"), mac: Self.mac)
        device.number = TerminalNumber("3200")
        let entry = CallEntry(device: device)
        let table = told { $0.tell(change, entry) }
        #expect(table.hasSuffix("10.0.0.7         d1, at the phone: sntp-tz-offset, e164\n"))
        let lines = Lines()
        ServeLines(write: { lines.add($0) }).tell(change, entry)
        #expect(lines.text.contains("\"e164\""))
        #expect(lines.text.contains("3999"))
    }

    @Test("A message that is none is told by what is wrong with it, not as an answer of a phone")
    func trouble() {
        let fault = Fault(.xmlMalformed, subject: "10.0.0.7", detail: "line 1: text before the first element")
        let table = told { $0.tell(.garbage, fault) }
        #expect(table.hasSuffix("garbage: line 1: text before the first element (xml.malformed)\n"))
    }

    @Test("A call that is refused has one line")
    func refusal() {
        let fault = Fault(.callRefused, subject: "10.0.0.7", detail: "d1 belongs into secure mode")
        let table = told {
            $0.tell(change, CallEntry(refusal: fault))
            $0.tell(.refused, fault)
        }
        #expect(table.split(separator: "\n").count == 1)
        #expect(table.contains("d1 belongs into secure mode (call.refused)"))
    }

    @Test("What is not kept of calls is told with its cause")
    func unkept() {
        let fault = Fault(.callNotKept, subject: "10.0.0.7", detail: "of phones that prove nothing no more is kept")
        let words = "not all that a phone said of itself is kept: of phones that prove nothing no more is kept"
        #expect(
            told { $0.tell(unkept: fault) }.hasSuffix(
                "10.0.0.7         \(words) (call.not-kept); further ones are only counted\n"))
        let lines = Lines()
        ServeLines(write: { lines.add($0) }).tell(unkept: fault)
        #expect(lines.text.contains("\"call.not-kept\"") && lines.text.contains("\"\(words)\""))
    }

    @Test("Refusals are told each once up to a limit, with the last that further ones are only counted")
    func manyRefusals() {
        let refused = CallEntry(refusal: Fault(.callListFull))
        func each(_ tell: (HeardCall, CallEntry) -> Void) {
            for number in 0..<RefusalMemory.most + 5 {
                var call = change
                call.row.mac = MACAddress(value: UInt64(number))
                for _ in 0..<2 { tell(call, refused) }
            }
        }
        let table = told { report in each { report.tell($0, $1) } }.split(separator: "\n")
        #expect(table.count == RefusalMemory.most + 1)
        #expect(table.last?.hasSuffix(RefusalMemory.lastWords) == true)
        let lines = Lines()
        let json = ServeLines(write: { lines.add($0) })
        each { json.tell($0, $1) }
        #expect(lines.text.split(separator: "\n").count == RefusalMemory.most + 1)
        #expect(lines.text.contains(RefusalMemory.lastWords))
    }
}
