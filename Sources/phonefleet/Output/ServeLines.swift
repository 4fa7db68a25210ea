import DeploymentEngine
import DeploymentModel
import Foundation
import PhoneTransport

/// Tells of phones that call as programs read it: one JSON document a line, for every call.
final class ServeLines: Sendable {
    private let refusals = RefusalMemory()
    private let write: @Sendable (String) -> Void

    init(write: @escaping @Sendable (String) -> Void = { Terminal.writeOut($0) }) {
        self.write = write
    }

    func listening(_ server: WPIServer) {
        var line = ServeLine(.listening)
        (line.port, line.securePort, line.pollPort) = (server.port, server.securePort, server.pollPort)
        say(line)
    }

    func tell(_ call: HeardCall, _ entry: CallEntry) {
        let telling = entry.refusal.map { refusals.telling(of: call, $0) } ?? .told
        guard telling != .untold else { return }
        say(ServeLine(call, entry))
        guard telling == .toldAsLast else { return }
        var line = ServeLine(.trouble)
        line.text = RefusalMemory.lastWords
        say(line)
    }

    /// The first of each kind of defect.
    func tell(_ defect: WPIDefect, _ fault: Fault) {
        var line = ServeLine(.trouble)
        (line.defect, line.address) = (defect.rawValue, fault.subject)
        (line.code, line.text) = (fault.code, fault.summary)
        say(line)
    }

    /// Why not all is kept that a phone said; once for each cause.
    func tell(unkept fault: Fault) {
        var line = ServeLine(.trouble)
        (line.address, line.code, line.text) = (fault.subject, fault.code, fault.summary)
        say(line)
    }

    func ended(_ server: CallServer) {
        let (counts, desk) = (server.server.counts, server.desk.counts)
        var line = ServeLine(.ended)
        (line.calls, line.newPhones, line.polls) = (counts.calls, desk.new, counts.polls)
        line.refused = desk.refused.values.reduce(0, +)
        line.notKept = desk.unkept == 0 ? nil : desk.unkept
        say(line)
    }

    private func say(_ line: ServeLine) {
        guard let text = try? JSONText.line(line) else { return }
        write(text)
    }
}

/// Something that happened while phones were listened for.
private struct ServeLine: Encodable {
    enum Event: String, Encodable {
        case listening
        case call
        case refused
        case trouble
        case ended
    }

    struct File: Encodable {
        var kind: String
        var name: String
        var done: Bool
    }

    var at = Date()
    var event: Event
    var port: Int?
    var securePort: Int?
    var pollPort: Int?
    var reason: CallReason?
    var mac: MACAddress?
    var address: String?
    var device: DeviceID?
    /// Whether the phone was not on the list before.
    var new: Bool?
    var type: PhoneTypeID?
    var deviceType: String?
    var softwareVersion: SoftwareVersion?
    var number: TerminalNumber?
    /// Whether it proved who it is.
    var authenticated: Bool?
    var startUps: Int?
    /// What was changed at the phone, where it says so.
    var localChanges: [CallsView.Change]?
    /// What it says of files that it was ordered to fetch.
    var files: [File]?
    var remark: String?
    var defect: String?
    var code: StatusCode?
    var text: String?
    var calls: Int?
    var newPhones: Int?
    var refused: Int?
    var notKept: Int?
    var polls: Int?

    init(_ event: Event) { self.event = event }

    init(_ call: HeardCall, _ entry: CallEntry) {
        event = entry.refusal == nil ? .call : .refused
        at = call.at
        reason = call.reason
        (mac, address, device) = (call.row.mac, call.row.address, entry.device?.id)
        (type, deviceType) = (call.row.type, call.row.deviceType)
        (softwareVersion, number, authenticated) = (call.row.softwareVersion, call.row.number, call.row.tls)
        let changes = entry.device.map(call.localChanges(of:)) ?? call.localChanges
        localChanges = changes.isEmpty ? nil : changes.map(CallsView.Change.init)
        files = call.files.isEmpty ? nil : call.files.map { File(kind: $0.type, name: $0.name, done: $0.isDone) }
        remark = call.remark
        (code, text) = (entry.refusal?.code, entry.refusal?.summary)
        guard entry.refusal == nil else { return }
        (new, startUps) = (entry.isNew, entry.startUps)
    }
}
