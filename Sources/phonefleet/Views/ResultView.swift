import DeploymentModel
import Foundation

/// A run's result as programs read it: `run`, `totals`, `causes` and `devices`.
struct ResultView: Encodable {
    struct Run: Encodable {
        var id: RunID
        var mode: RunMode
        var seconds: Double?
        var endedEarly: StatusCode?
    }

    struct Change: Encodable {
        var item: ItemKey
        var before: String?
        var after: String
        var status: ItemStatus?
    }

    struct Warning: Encodable {
        var code: StatusCode
        var reason: String
    }

    struct DeviceEntry: Encodable {
        var id: DeviceID
        var address: String
        var mac: MACAddress?
        var type: PhoneTypeID
        var outcome: DeviceOutcome
        var code: StatusCode?
        var reason: String?
        var changes: [Change]
        /// What the phone had and has of the files that the run was about; left out where it was about none.
        var files: [FileResultView]?
        /// What was changed at the phone itself and not written over since; only of 'verify', and left out where there is
        /// nothing.
        var localChanges: [CallsView.Change]?
        var warnings: [Warning]
        /// Whether the phone proved who it is; left out of a phone that was not met.
        var authenticated: Bool?
        var fingerprint: String?
        var profile: String?
        var tlsVersion: String?
        var attempts: Int
        var seconds: Double
    }

    let schema = "phonefleet.result/1"
    var run: Run
    var totals: [String: Int]
    /// Why phones failed, grouped; empty when none did.
    var causes: [CauseView]
    var devices: [DeviceEntry]

    init(_ result: TransferResult, seconds: Double? = nil) {
        run = Run(id: result.run, mode: result.mode, seconds: seconds, endedEarly: result.endedEarly?.code)
        totals = Self.totals(of: result)
        causes = result.causes
        devices = result.devices.map { Self.entry($0) }
    }

    /// The number of phones by every outcome that there is.
    static func totals(of result: TransferResult) -> [String: Int] {
        let totals = result.totals
        return Dictionary(uniqueKeysWithValues: DeviceOutcome.allCases.map { ($0.rawValue, totals[$0] ?? 0) })
    }

    static func entry(_ result: DeviceResult, _ localChanges: [LocalChange]? = nil) -> DeviceEntry {
        DeviceEntry(
            id: result.device, address: result.address, mac: result.mac, type: result.type, outcome: result.outcome,
            code: result.fault?.code, reason: result.reason,
            changes: result.changes.map { Change(item: $0.key, before: $0.before, after: $0.after, status: $0.status) },
            files: result.files.isEmpty ? nil : result.files.map(FileResultView.init),
            localChanges: localChanges?.map(CallsView.Change.init),
            warnings: result.warnings.map { Warning(code: $0.code, reason: $0.summary) },
            authenticated: result.evidence?.isAuthenticated,
            fingerprint: result.evidence?.certificateFingerprint, profile: result.evidence?.profile,
            tlsVersion: result.evidence?.tlsVersion, attempts: result.attempts,
            seconds: (result.duration * 1000).rounded() / 1000)
    }
}

/// A run's result for people: totals first, then what failed, grouped by its cause with the one thing to do.
struct ResultReport {
    var result: TransferResult
    var seconds: Double
    var palette: Palette
    /// Whether it says what the phones hold, after a run about files.
    var showsFiles = true

    func text() -> String {
        var text = totalsLine() + "\n"
        if let early = result.endedEarly { text += palette.warn(SafeText.line(early.summary)) + "\n" }
        if showsFiles { text += FileReport(result: result, palette: palette).text() }
        for cause in result.causes { text += "\n" + self.text(of: cause) }
        let warned = Dictionary(grouping: result.devices.flatMap(\.warnings), by: \.code)
        for (code, warnings) in warned.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            let words = StatusMessage.of(code)
            text +=
                "\n\(palette.warn("warning")) \(Words.count(warnings.count, "phone")): \(words?.summary ?? code.rawValue)\n"
            text += Self.particulars(of: warnings)
            if let remedy = words?.remedy { text += "  hint: \(remedy)\n" }
        }
        return text
    }

    /// What warnings of one kind say more than their code: each thing once, with the phone where it is of one alone.
    private static func particulars(of warnings: [Fault]) -> String {
        let details = Dictionary(grouping: warnings.filter { $0.detail != nil }, by: { $0.detail ?? "" })
        let lines = details.map { detail, warnings in
            warnings.count == 1 ? "\(warnings[0].subject ?? "-")  \(detail)" : detail
        }.sorted()
        let more = lines.count - CauseView.kinds
        return lines.prefix(CauseView.kinds).map { "  \(SafeText.line($0))\n" }.joined()
            + (more > 0 ? "  and \(more) more\n" : "")
    }

    private func totalsLine() -> String {
        let parts = DeviceOutcome.allCases.compactMap { outcome -> String? in
            guard let number = result.totals[outcome], number > 0 else { return nil }
            let words = "\(number) \(outcome.rawValue)"
            return outcome.isProven ? palette.good(words) : palette.bad(words)
        }
        let sum = Words.count(result.devices.count, "phone")
        return "\(result.run): \(sum) in \(Words.duration(seconds)): \(parts.joined(separator: ", "))"
    }

    private func text(of cause: CauseView) -> String {
        var text = palette.strong(cause.heading) + "\n"
        for phone in cause.examples {
            let mac = phone.mac?.description ?? "-"
            let reason = phone.reason?.trimmingPrefix(cause.summary).trimmingPrefix(": ") ?? ""
            text += "  \(phone.id?.rawValue ?? "-")  \(mac)  \(phone.address)"
            text += reason.isEmpty ? "\n" : "  \(SafeText.line(String(reason)))\n"
        }
        if cause.count > cause.examples.count { text += "  and \(cause.count - cause.examples.count) more\n" }
        if let meaning = cause.meaning { text += "  means: \(meaning)\n" }
        if let remedy = cause.remedy { text += "  hint: \(remedy)\n" }
        return text
    }
}

extension DeviceResult {
    /// What is particular to this phone: the item or thing that the fault is about, and what was seen.
    var particulars: String {
        let subject = fault?.subject.flatMap { $0 == address || $0 == device.rawValue ? nil : $0 }
        return [subject, fault?.detail].compactMap(\.self).joined(separator: ": ")
    }

    /// Why the phone is not proven, in one line; nil for one that is.
    var reason: String? {
        guard let fault else { return nil }
        let words = StatusMessage.of(fault.code)?.summary ?? fault.code.rawValue
        return particulars.isEmpty ? words : "\(words): \(particulars)"
    }
}

extension TransferResult {
    /// The exit status of a run: done only when every phone is proven.
    var exitStatus: ExitStatus {
        if endedEarly?.code == .runStopped { return .stopped }
        return devices.allSatisfy { $0.outcome.isProven || $0.outcome == .skipped } && endedEarly == nil
            ? .done : .phonesFailed
    }
}
