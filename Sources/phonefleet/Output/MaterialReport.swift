import DeploymentModel
import Foundation

/// What a file holds and what stands against sending it, for people.
struct MaterialReport {
    /// What the content is called.
    enum Noun: String {
        case keyMaterial = "key-material"
        case trustedCertificates = "trusted-certificates"

        var words: String { rawValue.replacing("-", with: " ") }
    }

    var noun: Noun
    var view: MaterialView
    var palette: Palette

    func write(as format: OutputFormat) throws {
        guard format == .table else {
            return try Listing(
                noun: noun.rawValue, views: [view],
                columns: [
                    .init(title: "FILE", text: { $0.file }),
                    .init(title: "SUBJECT", text: { $0.certificates.first?.subject }),
                    .init(title: "EXPIRES", text: { $0.certificates.map(\.notAfter).min().map(Words.day) }),
                    .init(title: "FINGERPRINT", text: { $0.certificates.first?.fingerprint }),
                    .init(title: "CAN BE SENT", text: { $0.canBeSent ? "yes" : "no" }),
                    .init(title: "FINDINGS", text: { $0.findings.map(\.code.rawValue).joined(separator: " ") }),
                ], whenEmpty: ""
            ).write(as: format)
        }
        Terminal.writeOut(text())
    }

    private func text() -> String {
        let verdict = view.canBeSent ? palette.good("can be sent") : palette.bad("must not be sent")
        var text = palette.strong("\(SafeText.line(view.file))") + ": \(noun.words) that \(verdict)\n"
        if let size = view.size {
            text += line("size", "\(Words.count(size, "byte")) as the phones get it")
        }
        text += noun == .keyMaterial ? chain() : set()
        for finding in view.findings {
            text += "\n" + palette.bad("\(SafeText.line(finding.reason)) (\(finding.code))") + "\n"
            if let remedy = finding.remedy { text += TextBlock.wrap("do: " + remedy, indent: 2) }
        }
        return text
    }

    private func chain() -> String {
        guard let leaf = view.certificates.first else { return "" }
        var text = line("subject", leaf.subject)
        if let names = view.names, !names.isEmpty { text += line("names", names.joined(separator: ", ")) }
        text += line("issued by", leaf.issuer)
        text += validity(leaf) + line("key", leaf.key) + line("SHA-256", Words.fingerprint(leaf.fingerprint))
        for certificate in view.certificates.dropFirst() { text += "\n" + authority(certificate) }
        return text
    }

    private func set() -> String {
        view.certificates.map { authority($0) }.joined(separator: "\n")
    }

    private func authority(_ certificate: CertificateView) -> String {
        let title = certificate.isCA ? "CA" : "certificate"
        var text = line(title, certificate.subject)
        text += line("issued by", certificate.isSelfSigned ? "itself" : certificate.issuer)
        return text + validity(certificate) + line("key", certificate.key)
            + line("SHA-256", Words.fingerprint(certificate.fingerprint))
    }

    private func validity(_ certificate: CertificateView) -> String {
        line("valid", "\(Words.day(certificate.notBefore)) to \(Words.day(certificate.notAfter))")
    }

    private func line(_ title: String, _ text: String) -> String {
        "  \(title.padding(toLength: 12, withPad: " ", startingAt: 0)) \(SafeText.line(text))\n"
    }
}
