import DeploymentModel
import Foundation
import ManagementXML
import PhoneTransport
import TLSMaterial

/// What a diagnosis of one or many phones found.
struct DiagnosisReport {
    struct CertificateView: Encodable {
        var subject: String
        var issuer: String
        var notBefore: Date
        var notAfter: Date
        var key: String
        var fingerprint: String
    }

    struct Finding: Encodable {
        var address: String
        var port: Int
        var tls: Bool
        var code: StatusCode?
        var reason: String?
        var meaning: String?
        var remedy: String?
        var tlsVersion: String?
        var cipher: String?
        var deviceType: String?
        var presentedSubject: String?
        var expectedSubjects: [String]
        var missingIssuer: String?
        var certificates: [CertificateView]
    }

    var findings: [(Patient, Diagnosis)]
    var palette: Palette

    func write(as format: OutputFormat) throws {
        guard format == .table else {
            return try Listing(
                noun: "diagnoses", views: findings.map(view),
                columns: [
                    .init(title: "ADDRESS", text: { $0.address }),
                    .init(title: "CODE", text: { $0.code?.rawValue ?? "ok" }),
                    .init(title: "REASON", text: { $0.reason }), .init(title: "REMEDY", text: { $0.remedy }),
                ], whenEmpty: "nothing to look at"
            ).write(as: format)
        }
        Terminal.writeOut(findings.count <= 3 ? findings.map(single).joined(separator: "\n") : grouped())
    }

    private func view(_ patient: Patient, _ diagnosis: Diagnosis) -> Finding {
        let words = diagnosis.fault.flatMap { StatusMessage.of($0.code) }
        return Finding(
            address: patient.address, port: patient.port, tls: patient.tls, code: diagnosis.fault?.code,
            reason: diagnosis.fault?.summary, meaning: words?.meaning, remedy: words?.remedy,
            tlsVersion: diagnosis.tlsVersion, cipher: diagnosis.cipherSuite, deviceType: deviceType(diagnosis),
            presentedSubject: diagnosis.presentedSubject?.description,
            expectedSubjects: diagnosis.expectedSubjects.map(\.description),
            missingIssuer: Self.neededCA(diagnosis)?.description,
            certificates: diagnosis.certificates.map {
                CertificateView(
                    subject: $0.subject.description, issuer: $0.issuer.description, notBefore: $0.notBefore,
                    notAfter: $0.notAfter, key: $0.keyDescription, fingerprint: $0.fingerprint)
            })
    }

    private func deviceType(_ diagnosis: Diagnosis) -> String? {
        diagnosis.contact.identity?.items.first { $0.key.name == WellKnownItem.deviceType }?.value
    }

    private func single(_ patient: Patient, _ diagnosis: Diagnosis) -> String {
        var text = palette.strong("\(patient.address):\(patient.port)")
        guard let fault = diagnosis.fault else {
            return text + "  \(palette.good("all is well")): "
                + (diagnosis.contact.evidence.profile.map { "authenticated by trust profile \($0)" }
                    ?? "answers in plain, as its type does")
                + "\n" + seen(diagnosis)
        }
        text += "  \(palette.bad(SafeText.line(fault.summary))) (\(fault.code))\n" + seen(diagnosis)
        if let words = StatusMessage.of(fault.code) {
            text += TextBlock.wrap("means: " + words.meaning, indent: 2)
            text += TextBlock.wrap("do: " + words.remedy, indent: 2)
        }
        return text
    }

    private func seen(_ diagnosis: Diagnosis) -> String {
        var lines: [String] = []
        if let type = deviceType(diagnosis) { lines.append("says it is  \(type)") }
        if let version = diagnosis.tlsVersion { lines.append("TLS         \(version) \(diagnosis.cipherSuite ?? "")") }
        for (number, certificate) in diagnosis.certificates.enumerated() {
            lines.append("\(number == 0 ? "certificate" : "then       ") \(certificate.subject)")
            lines.append(
                "            \(Words.day(certificate.notBefore)) to \(Words.day(certificate.notAfter)), \(certificate.keyDescription)"
            )
            lines.append("            SHA-256 \(Words.fingerprint(certificate.fingerprint))")
        }
        if diagnosis.fault?.code.rawValue == TrustFailure.Reason.wrongSubject.rawValue {
            lines.append("expected    \(diagnosis.expectedSubjects.map(\.description).joined(separator: " or "))")
        }
        if let issuer = Self.neededCA(diagnosis) { lines.append("CA needed   \(issuer)") }
        return lines.map { "  " + SafeText.line($0) + "\n" }.joined()
    }

    /// The CA that a trust profile would need to hold; nil where the failure is about something else.
    private static func neededCA(_ diagnosis: Diagnosis) -> DistinguishedName? {
        switch diagnosis.fault?.code.rawValue {
        case TrustFailure.Reason.unknownIssuer.rawValue, TrustFailure.Reason.chainIncomplete.rawValue,
            StatusCode.tlsNoProfile.rawValue:
            diagnosis.missingIssuer
        default: nil
        }
    }

    /// Many phones: one paragraph for each cause, with the one action that mends it.
    private func grouped() -> String {
        let well = findings.count { $0.1.fault == nil }
        var text = "\(Words.count(findings.count, "phone")) looked at, \(well) without a failure\n"
        let failed = findings.filter { $0.1.fault != nil }
        let causes = Dictionary(grouping: failed) { cause(of: $0.1) }
            .sorted { ($1.value.count, $0.key) < ($0.value.count, $1.key) }
        for (cause, members) in causes {
            text += "\n" + palette.strong("\(Words.count(members.count, "phone")): \(SafeText.line(cause))") + "\n"
            let names = members.prefix(8).map(\.0.address).joined(separator: ", ")
            text += TextBlock.wrap(names + (members.count > 8 ? " and \(members.count - 8) more" : ""), indent: 2)
            if let code = members.first?.1.fault?.code, let words = StatusMessage.of(code) {
                text += TextBlock.wrap("do: " + words.remedy, indent: 2)
            }
        }
        return text
    }

    /// What tells causes apart: the code, and the CA or subject that it is about.
    private func cause(of diagnosis: Diagnosis) -> String {
        guard let fault = diagnosis.fault else { return "" }
        var text = "\(StatusMessage.of(fault.code)?.summary ?? fault.code.rawValue) (\(fault.code))"
        switch fault.code.rawValue {
        case TrustFailure.Reason.unknownIssuer.rawValue, TrustFailure.Reason.chainIncomplete.rawValue:
            if let issuer = diagnosis.missingIssuer { text += ": \(issuer)" }
        case TrustFailure.Reason.wrongSubject.rawValue:
            if let subject = diagnosis.presentedSubject { text += ": \(subject)" }
        default: break
        }
        return text
    }
}
