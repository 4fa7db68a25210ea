import DeploymentEngine
import DeploymentModel
import Foundation
import PhoneTransport
import TLSMaterial

/// What a diagnosis of one or many phones found.
struct DiagnosisReport {
    private struct Document: Encodable {
        let schema = "phonefleet.diagnoses/1"
        var causes: [CauseView]
        var diagnoses: [DiagnosisView]
    }

    /// Clocks that are not further apart than this are as good as equal, in seconds.
    private static let clockTolerance = 60

    var findings: [PhoneFinding]
    var trust: TrustDirectory
    var palette: Palette

    func write(as format: OutputFormat) throws {
        switch format {
        case .table: Terminal.writeOut(text)
        case .json:
            Terminal.writeOut(
                try JSONText.text(Document(causes: causes, diagnoses: findings.map { DiagnosisView($0) })))
        case .csv:
            try Listing(
                noun: "diagnoses", views: findings.map { DiagnosisView($0) },
                columns: [
                    .init(title: "ADDRESS", text: { $0.address }),
                    .init(title: "CODE", text: { $0.code?.rawValue ?? "ok" }),
                    .init(title: "REASON", text: { $0.reason }), .init(title: "REMEDY", text: { $0.remedy }),
                ], whenEmpty: "nothing to look at"
            ).write(as: .csv)
        }
    }

    private var causes: [CauseView] { CauseView.group(findings.compactMap(\.causeMember)) }

    private var text: String {
        findings.count <= 3 ? findings.map(single).joined(separator: "\n") : grouped()
    }

    private func single(_ finding: PhoneFinding) -> String {
        var text = palette.strong("\(finding.patient.address):\(finding.port)")
        guard let fault = finding.fault else {
            return text + "  \(palette.good("all is well")): \(SafeText.line(finding.wellBeing))\n" + seen(finding)
        }
        text += "  \(palette.bad(SafeText.line(fault.summary))) (\(fault.code))\n" + seen(finding)
        guard let cause = CauseView.group([finding.causeMember].compactMap(\.self)).first else { return text }
        if let meaning = cause.meaning { text += TextBlock.wrap("means: " + meaning, indent: 2) }
        if let remedy = cause.remedy { text += TextBlock.wrap("do: " + remedy, indent: 2) }
        return text
    }

    private func seen(_ finding: PhoneFinding) -> String {
        let lines =
            switch finding {
            case .dialled(let examination): presented(examination.diagnosis, examination) + context(examination)
            case .called(let examination): examination.lines
            }
        return lines.map { title, words in
            "  " + SafeText.line(title.padding(toLength: 12, withPad: " ", startingAt: 0) + words) + "\n"
        }.joined()
    }

    /// What came from the phone itself.
    private func presented(_ diagnosis: Diagnosis, _ examination: Examination) -> [(String, String)] {
        var lines: [(String, String)] = []
        if let type = examination.identity?.deviceType { lines.append(("says it is", type)) }
        if let version = diagnosis.tlsVersion { lines.append(("TLS", "\(version) \(diagnosis.cipherSuite ?? "")")) }
        for (number, certificate) in diagnosis.certificates.enumerated() {
            lines.append((number == 0 ? "certificate" : "then", certificate.subject.description))
            let days = "\(Words.day(certificate.notBefore)) to \(Words.day(certificate.notAfter))"
            lines.append(("", "\(days), \(certificate.keyDescription)"))
            lines.append(("", "SHA-256 \(Words.fingerprint(certificate.fingerprint))"))
        }
        if let hasOwn = examination.hasOwnKeyMaterial {
            lines.append(("key", (hasOwn ? "of its own" : "the built-in one") + ", by the phone's word"))
        }
        if let other = examination.otherPort {
            let words =
                other.isSame ? "the same certificate" : "another one: SHA-256 \(Words.fingerprint(other.fingerprint))"
            lines.append(("port \(other.port)", words))
        }
        if let offset = diagnosis.clockOffset, abs(offset) > Self.clockTolerance {
            let words = "\(Words.duration(Double(abs(offset)))) \(offset > 0 ? "ahead of" : "behind") this machine's"
            lines.append(("clock", words))
        }
        return lines
    }

    /// What device list and trust profiles say to it.
    private func context(_ examination: Examination) -> [(String, String)] {
        let diagnosis = examination.diagnosis
        var lines: [(String, String)] = []
        if let type = examination.type, let access = examination.access {
            let how = access.tls ? "over TLS" : "in plain"
            lines.append(("type", "\(type.id) is managed \(how) at port \(access.port)"))
        }
        if examination.twins > 0 {
            lines.append(("shared", "with \(Words.count(examination.twins, "other phone")) of the list"))
        }
        for (number, verdict) in diagnosis.verdicts.enumerated() {
            let isTheCause = verdict.fault?.code == examination.fault?.code
            let words =
                verdict.fault.map { isTheCause ? "does not accept it" : "does not: \($0.summary) (\($0.code))" }
                ?? "accepts it"
            lines.append((number == 0 ? "tried" : "", "\(verdict.profile) \(words)"))
        }
        for (number, name) in diagnosis.alternatives.enumerated() {
            let scopes = trust.bindings.filter { $0.profile == name }.map(\.scope.text).joined(separator: ", ")
            lines.append(
                (number == 0 ? "accepted by" : "", "\(name), which applies to \(scopes.isEmpty ? "nothing" : scopes)"))
        }
        if examination.fault?.code.rawValue == TrustFailure.Reason.wrongSubject.rawValue {
            lines.append(("expected", diagnosis.expectedSubjects.map(\.description).joined(separator: " or ")))
        }
        if let issuer = examination.neededCA { lines.append(("CA needed", issuer.description)) }
        return lines
    }

    /// Many phones: one paragraph for each cause, with the one action that mends it.
    private func grouped() -> String {
        let well = findings.count { $0.fault == nil }
        var text = "\(Words.count(findings.count, "phone")) looked at, \(well) without a failure\n"
        for cause in causes {
            text += "\n" + palette.strong(cause.heading) + "\n"
            let names = cause.examples.map(\.address).joined(separator: ", ")
            let rest = cause.count - cause.examples.count
            text += TextBlock.wrap(names + (rest > 0 ? " and \(rest) more" : ""), indent: 2)
            if let meaning = cause.meaning { text += TextBlock.wrap("means: " + meaning, indent: 2) }
            if let remedy = cause.remedy { text += TextBlock.wrap("do: " + remedy, indent: 2) }
        }
        return text
    }
}
