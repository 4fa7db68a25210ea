import ArgumentParser
import DeploymentModel
import DeploymentStore
import Foundation
import TLSMaterial

/// `phonefleet ca`: an authority of one's own for the phones' key material, or what an outside one needs.
struct CACommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ca", abstract: "Make and renew the phones' certificates, by a CA of one's own or an outside one.",
        discussion: """
            'ca init' makes a certificate authority whose key is sealed in the database. 'key-material rotate --ca NAME' \
            issues, transfers and proves in one go; 'ca issue' makes key material without touching a phone. With an \
            outside CA, 'ca csr' writes requests and 'ca import' takes the certificates that come back.
            """,
        subcommands: [
            CAInit.self, CAIssue.self, CAList.self, CARenew.self, CAExport.self, CARequest.self, CAImport.self,
        ], defaultSubcommand: CAList.self)
}

/// What certificates for phones say, as options.
struct CertificateOptions: ParsableArguments {
    @Option(
        name: .customLong("san"),
        help: ArgumentHelp(
            "A subject alternative name, such as dns:phone-{mac}.example or ip:{ip}; may be given more than once.",
            valueName: "name"))
    var alternativeNames: [String] = []

    func patterns() throws(Fault) -> [AlternativeNamePattern] {
        var patterns: [AlternativeNamePattern] = []
        for text in alternativeNames {
            do throws(MaterialError) { patterns.append(try AlternativeNamePattern(text)) } catch {
                throw Fault(error, subject: text)
            }
        }
        return patterns
    }

    /// Reads a subject pattern in which no attribute is empty.
    static func pattern(_ text: String) throws(Fault) -> SubjectPattern {
        do throws(MaterialError) {
            let pattern = try SubjectPattern(text)
            if let empty = pattern.emptyAttribute { throw MaterialError(.badName, detail: "\(empty) is empty") }
            if pattern.fixedSubject?.isEmpty == true { throw MaterialError(.badName, detail: "the subject is empty") }
            return pattern
        } catch {
            throw Fault(error, subject: text)
        }
    }

    static func checkDays(_ days: Int?, _ option: String) throws {
        guard let days, !AuthorityPolicy.dayRange.contains(days) else { return }
        let range = AuthorityPolicy.dayRange
        throw ValidationError("\(option) is \(range.lowerBound) to \(range.upperBound)")
    }
}

/// The command `phonefleet ca init NAME`.
struct CAInit: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init", abstract: "Make a certificate authority for phones.",
        discussion: """
            Its key is sealed in the database and never shown. A trust profile of the same name is made for the phones \
            that get certificates of it; it applies to a phone from when the phone has one. In a pattern, {mac}, \
            {number}, {type} and {ip} stand for the phone's own. {mac} is the best: it stays as long as the phone.
            """)
    @Argument(help: "The authority's name.") var name: String
    @Option(help: "The kind of its key: p256 or rsa2048.") var key = CertificateIssuer.KeyType.p256
    @Option(help: ArgumentHelp("Its subject DN, in RFC 4514 form; 'CN=NAME CA' by default.", valueName: "dn"))
    var subject: String?
    @Option(help: ArgumentHelp("How long its own certificate is valid.", valueName: "n"))
    var days = AuthorityPolicy.usualAuthorityDays
    @Option(
        help: ArgumentHelp(
            "The subject DN of a phone; by default CN={mac} and the rest of the authority's own subject.",
            valueName: "dn"))
    var pattern: String?
    @OptionGroup var certificates: CertificateOptions
    @Option(help: "The kind of the phones' keys; that of the authority by default.")
    var phoneKey: CertificateIssuer.KeyType?
    @Option(help: ArgumentHelp("How long a phone's certificate is valid.", valueName: "n"))
    var phoneDays = AuthorityPolicy.usualDays
    @Flag(help: "Forget a phone's key once the phone is proven to have it, instead of keeping it sealed.")
    var dropKeys = false
    @OptionGroup var global: GlobalOptions

    func validate() throws {
        guard (1...60).contains(name.count), name.allSatisfy({ !$0.isNewline && $0 != "/" }) else {
            throw ValidationError("an authority's name has 1 to 60 characters and no '/'")
        }
        try CertificateOptions.checkDays(days, "--days")
        try CertificateOptions.checkDays(phoneDays, "--phone-days")
    }

    func run() async throws {
        let workspace = try Workspace.open(global)
        let subject = try ownSubject()
        let phones = try CertificateOptions.pattern(pattern ?? Self.pattern(under: subject))
        let policy = AuthorityPolicy(
            subject: phones, alternativeNames: try certificates.patterns(), keyType: phoneKey ?? key, days: phoneDays)
        let authority: CertificateAuthority
        do throws(MaterialError) {
            authority = try CertificateAuthority.make(
                subject: subject, keyType: key, days: days, policy: policy, at: Date())
        } catch {
            throw Fault(error, subject: name)
        }
        let record = AuthorityRecord(
            name: name, chain: [authority.certificate.pem],
            policy: .init(
                subject: phones.description, alternativeNames: policy.alternativeNames.map(\.description),
                keyType: policy.keyType.rawValue, days: phoneDays, keepsKeys: !dropKeys),
            profile: name, createdAt: Date())
        try await workspace.store.addAuthority(
            record, key: SecretText(fileContent: authority.material.privateKey), trust: record.trust(keeping: nil))
        try CAReport.write(record, in: workspace, global)
    }

    private func ownSubject() throws(Fault) -> DistinguishedName {
        do throws(MaterialError) {
            guard let subject else {
                return try DistinguishedName(relativeNames: [[.init(type: "CN", text: "\(name) CA")]])
            }
            let own = try DistinguishedName(rfc4514: subject)
            guard !own.isEmpty else { throw MaterialError(.badName, detail: "the subject is empty") }
            if let empty = SubjectPattern(own).emptyAttribute {
                throw MaterialError(.badName, detail: "\(empty) is empty")
            }
            return own
        } catch {
            throw Fault(error, subject: subject ?? name)
        }
    }

    /// The MAC address in the place of the authority's own name.
    private static func pattern(under subject: DistinguishedName) -> String {
        let rest = subject.relativeNames.filter { !$0.contains { $0.type == "2.5.4.3" } }
        guard let base = try? DistinguishedName(relativeNames: rest), !base.isEmpty else { return "CN={mac}" }
        return "CN={mac},\(SubjectPattern(base))"
    }
}

/// What is told of an authority that was made or renewed.
enum CAReport {
    static func write(_ record: AuthorityRecord, in workspace: Workspace, _ global: GlobalOptions) throws {
        let view = try AuthorityView(record, issued: [])
        guard global.format == .table else { return try AuthorityView.listing([view]).write(as: global.format) }
        global.say("authority \(view.name): \(view.subject), \(view.key), expires \(Words.day(view.notAfter))")
        global.say("  SHA-256 \(Words.fingerprint(view.fingerprint))")
        let names = view.alternativeNames.isEmpty ? "" : " (also \(view.alternativeNames.joined(separator: ", ")))"
        global.say("  phones get \(view.phoneSubject)\(names), \(view.phoneKey), valid for \(view.phoneDays) days")
        if (try? SubjectPattern(view.phoneSubject))?.mayChange == true {
            global.say("  each phone is authenticated by a trust profile of the subject in its certificate")
        } else {
            global.say("  they are authenticated by trust profile \(view.trust)")
        }
    }
}
