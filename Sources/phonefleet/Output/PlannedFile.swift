import DeploymentModel
import Foundation

/// What a plan has to do with one file of a phone.
struct PlannedFile: Encodable {
    var kind: FileKind
    /// `transfer`, `fetch`, `delete` or `read`.
    var change: String
    /// Of a file that the phone fetches or deletes.
    var name: String?
    var url: String?
    var version: SoftwareVersion?
    var fingerprint: String?
    var subject: String?
    var notAfter: Date?
    var certificates: Int?
    /// The trust profiles under which the phone is authenticated afterwards; absent when they stay.
    var newTrust: [String]?
    /// Telephony servers whose chains were checked against the new set.
    var checkedServers: [String]?

    init(_ file: WantedFile) {
        kind = file.kind
        switch file.change {
        case .transfer(_, let facts):
            change = "transfer"
            fingerprint = facts.fingerprint
            subject = facts.subject
            notAfter = facts.notAfter
            certificates = facts.certificates
        case .delete: change = "delete"
        case .fetch(let fetch):
            change = fetch.isDeletion ? "delete" : "fetch"
            name = fetch.name
            url = fetch.isDeletion ? nil : fetch.url
            version = fetch.version
        case .read: change = "read"
        }
        newTrust = file.newTrust.isEmpty ? nil : file.newTrust
        let servers = file.telephony.map { "\($0.server) under \($0.authority)" }
        checkedServers = servers.isEmpty ? nil : servers
    }

    /// Lines of the plan's table.
    var text: String {
        var text = "  \(change) \(kind)"
        if let subject { text += "  \(SafeText.line(subject))" }
        if let certificates, kind == .clientTrustedCertificates {
            text += "  \(Words.count(certificates, "certificate"))"
        }
        if let notAfter { text += ", expires \(Words.day(notAfter))" }
        if let name { text += "  \(SafeText.line(name))" }
        if let version { text += "  \(SafeText.line(version.text))" }
        if let url { text += "  from \(SafeText.line(url))" }
        text += "\n"
        if let fingerprint { text += "    SHA-256 \(fingerprint)\n" }
        if let newTrust { text += "    trust afterwards: \(newTrust.joined(separator: ", "))\n" }
        for server in checkedServers ?? [] { text += "    checked: \(SafeText.line(server))\n" }
        return text
    }
}
