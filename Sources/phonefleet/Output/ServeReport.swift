import DeploymentEngine
import DeploymentModel
import Foundation
import PhoneTransport
import Synchronization

/// Tells of phones that call: a line for each new phone, for each thing that is worth knowing, and for each cause of trouble.
final class ServeReport: Sendable {
    private let tellsAll: Bool
    private let isQuiet: Bool
    private let refusals = RefusalMemory()
    private let now: @Sendable () -> Date
    private let write: @Sendable (String) -> Void

    /// - Parameter tellsAll: a line for every call.
    init(
        tellsAll: Bool, isQuiet: Bool, now: @escaping @Sendable () -> Date = { Date() },
        write: @escaping @Sendable (String) -> Void = { Terminal.writeOut($0) }
    ) {
        self.tellsAll = tellsAll
        self.isQuiet = isQuiet
        self.now = now
        self.write = write
    }

    func tell(_ call: HeardCall, _ entry: CallEntry) {
        let mac = call.row.mac?.description ?? "-"
        if let refusal = entry.refusal {
            let telling = refusals.telling(of: call, refusal)
            guard telling != .untold else { return }
            say("refused", mac, call.row.address, "\(refusal.summary) (\(refusal.code))")
            if telling == .toldAsLast { say("refused", "-", "-", RefusalMemory.lastWords) }
            return
        }
        let device = entry.device?.id.rawValue ?? "-"
        if entry.isNew {
            let words = [call.row.deviceType, call.row.softwareVersion?.text].compactMap(\.self)
            say("new", mac, call.row.address, "\(device), \(words.joined(separator: " "))")
            if call.row.type == nil {
                say("unknown", mac, call.row.address, "the catalogue does not know this type of phone")
            }
        }
        switch call.reason {
        case .localChanges:
            let changes = entry.device.map(call.localChanges(of:)) ?? call.localChanges
            let items = changes.map(\.key.description)
            let named =
                items.prefix(5).joined(separator: ", ") + (items.count > 5 ? " and \(items.count - 5) more" : "")
            say("changed", mac, call.row.address, "\(device), at the phone" + (named.isEmpty ? "" : ": \(named)"))
        case .status:
            for file in call.files {
                say(
                    "file", mac, call.row.address,
                    "\(device), \(file.type) \(file.name): \(file.isDone ? "ok" : "failed")")
            }
        case .cleanUp:
            say("gave up", mac, call.row.address, "\(device)\(call.remark.map { ", \($0)" } ?? "")")
        case .inventoryChanges, .startUp, .solicited:
            guard tellsAll, !entry.isNew else { break }
            say(call.reason.rawValue, mac, call.row.address, "\(device)\(call.remark.map { ", \($0)" } ?? "")")
        }
    }

    /// The first of each kind of defect.
    ///
    /// What the call desk refuses has its line already, with the phone's name. The words of the codes of XML and HTTP are
    /// about answers of phones, so there the particulars stand alone.
    func tell(_ defect: WPIDefect, _ fault: Fault) {
        guard fault.code != .callRefused else { return }
        let isOfAMessage = ["xml.", "http."].contains { fault.code.rawValue.hasPrefix($0) }
        let words = isOfAMessage ? fault.detail ?? fault.summary : fault.summary
        say("trouble", "-", fault.subject ?? "-", "\(defect.rawValue): \(words) (\(fault.code))")
    }

    /// Why not all is kept that a phone said; once for each cause.
    func tell(unkept fault: Fault) {
        say("not kept", "-", fault.subject ?? "-", "\(fault.summary) (\(fault.code)); further ones are only counted")
    }

    /// What there was, at the end, in lines.
    static func summary(_ server: CallServer) -> [String] {
        let (counts, desk) = (server.server.counts, server.desk.counts)
        var text = "\(Words.count(counts.calls, "call")), \(Words.count(desk.new, "new phone"))"
        let refused = desk.refused.values.reduce(0, +)
        if refused > 0 { text += ", \(refused) refused" }
        if desk.unkept > 0 { text += ", not all kept \(Words.count(desk.unkept, "time"))" }
        if counts.polls > 0 { text += ", \(Words.count(counts.polls, "poll"))" }
        let defects = counts.defects.sorted { ($1.value.count, $0.key.rawValue) < ($0.value.count, $1.key.rawValue) }
        return [text]
            + defects.map { defect, tally in
                "  \(defect.rawValue): \(tally.count)"
                    + (tally.lastAddress.isEmpty ? "" : ", last from \(tally.lastAddress)")
            }
    }

    private func say(_ what: String, _ mac: String, _ address: String, _ words: String) {
        guard !isQuiet else { return }
        let columns = [
            String(Words.time(now()).dropFirst(11).dropLast()), what.padding(toLength: 8, withPad: " ", startingAt: 0),
            mac.padding(toLength: 17, withPad: " ", startingAt: 0),
            address.padding(toLength: max(15, address.count), withPad: " ", startingAt: 0), words,
        ]
        write(SafeText.line(columns.joined(separator: "  ")) + "\n")
    }
}

/// Which refusals were told already: each phone once for each reason.
final class RefusalMemory: Sendable {
    enum Telling {
        case told
        /// And said with it that further ones are only counted.
        case toldAsLast
        case untold
    }

    /// Refusals that are told one by one; somebody may call under ever new MAC addresses.
    static let most = 1000
    /// What there is to say with the last one.
    static let lastWords = "\(most) refusals were told; further ones are only counted"

    private let told = Mutex<Set<String>>([])

    /// Whether a refusal is to be told; asked once for each.
    func telling(of call: HeardCall, _ refusal: Fault) -> Telling {
        told.withLock { told in
            guard told.count < Self.most,
                told.insert("\(call.row.mac?.description ?? "-") \(refusal.code)").inserted
            else { return .untold }
            return told.count == Self.most ? .toldAsLast : .told
        }
    }
}
