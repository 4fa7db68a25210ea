import DeploymentModel
import Foundation
import PhoneTransport

extension PhoneFinding {
    /// Where the phone was looked at.
    var port: Int {
        switch self {
        case .dialled(let examination): examination.patient.port
        case .called(let examination): examination.contactPort
        }
    }

    /// What is said of a phone without a failure.
    var wellBeing: String {
        switch self {
        case .dialled(let examination):
            examination.diagnosis.contact.evidence.profile.map { "authenticated by trust profile \($0)" }
                ?? "answers in plain, as its type does"
        case .called(let examination):
            examination.profile.map { "called when it was asked, authenticated by trust profile \($0)" }
                ?? (examination.call == nil
                    ? "called when it was asked; another program took the call"
                    : "called when it was asked; nobody authenticates it")
        }
    }
}

extension CallExamination {
    /// A phone that calls as it should, of a type that the catalogue does not know, cannot be managed for that reason.
    func judgedByType(in catalogue: Catalogue) -> CallExamination {
        guard fault == nil, calledAfter != nil, let device = patient.device,
            device.type.flatMap({ catalogue[$0] }) == nil, call?.row.type == nil
        else { return self }
        var judged = self
        judged.fault = Fault(
            .phoneUnknownType, subject: patient.address, detail: call?.row.deviceType ?? device.type?.rawValue)
        return judged
    }

    /// By which the phone proved who it is when it called.
    var profile: String? { call?.row.evidence?.profile }

    /// For grouping; nil when all is well.
    var causeMember: CauseView.Member? {
        guard let fault else { return nil }
        return CauseView.Member(
            code: fault.code, about: nil,
            example: CauseView.Example(
                id: patient.device?.id, mac: patient.device?.mac, address: patient.address, reason: fault.summary))
    }

    /// What was seen, and what was known before: title and words.
    var lines: [(String, String)] {
        var lines: [(String, String)] = []
        let answer = contactFault.map { "\($0.summary) (\($0.code))" } ?? "answers 204, as it should"
        lines.append(("contact-me", "port \(contactPort) \(answer)"))
        if let calledAfter {
            let words = call.map { "\($0.reason.rawValue), \($0.row.tls ? "in secure mode" : "in default mode")" }
            let seconds = Words.duration(calledAfter)
            lines.append(("called", "after \(seconds)" + (words.map { ", \($0)" } ?? ", taken by another program")))
        } else if contactFault == nil {
            lines.append(("called", "no"))
        }
        if let call {
            let words = [call.row.deviceType, call.row.softwareVersion?.text].compactMap(\.self)
            lines.append(("says it is", words.joined(separator: " ")))
        }
        guard let known, let device = patient.device else { return lines }
        let view = CallsView(known, device, nil)
        lines.append(("mode", view.modeInWords))
        if let last = view.lastCallInWords { lines.append(("before", "last call \(last)")) }
        if let gap = known.contactGap { lines.append(("pause", "reacts once in \(Words.duration(Double(gap)))")) }
        if let remark = known.remark { lines.append(("it said", remark)) }
        return lines
    }
}

/// What a look at a phone that calls found, as programs read it.
struct CallLookView: Encodable {
    /// Whether the phone answered the request to call as it should.
    var contactAnswered: Bool
    /// Why it did not.
    var contactCode: StatusCode?
    var called: Bool
    /// Seconds from the request to the call.
    var calledAfter: Double?
    /// Whether the call proved who the phone is; absent when nobody here heard it.
    var authenticated: Bool?
    var profile: String?
    /// By what was known before.
    var mode: ModeView?
    var lastCall: Date?
    var lastReason: CallReason?

    init(_ found: CallExamination) {
        contactAnswered = found.contactFault == nil
        contactCode = found.contactFault?.code
        called = found.calledAfter != nil
        calledAfter = found.calledAfter.map { ($0 * 1000).rounded() / 1000 }
        authenticated = found.call?.row.tls
        profile = found.profile
        guard let known = found.known, let device = found.patient.device else { return }
        mode = CallsView(known, device, nil).mode
        lastCall = known.lastCall
        lastReason = known.lastReason
    }
}
