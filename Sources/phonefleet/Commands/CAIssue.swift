import ArgumentParser
import DeploymentModel
import DeploymentStore
import Foundation
import TLSMaterial

/// The command `phonefleet ca issue`.
struct CAIssue: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "issue", abstract: "Make key material for phones without touching them.",
        discussion: """
            The keys are sealed in the database; 'phonefleet key-material rotate --issued' brings them to the phones. \
            With --out each phone's file is written too, as phones take it: PKCS#12 with the private key in clear, \
            readable by its owner only.
            """)
    @OptionGroup var selection: SelectionOptions
    @Option(help: ArgumentHelp("The authority, where there are several.", valueName: "name")) var ca: String?
    @Option(help: ArgumentHelp("Validity instead of the authority's usual one.", valueName: "n")) var days: Int?
    @OptionGroup var certificates: CertificateOptions
    @Option(
        help: ArgumentHelp("Make one certificate with this subject DN for any number of phones.", valueName: "dn"))
    var oneForAll: String?
    @Option(
        help: ArgumentHelp("Write the key material into this directory.", valueName: "directory"),
        completion: .directory)
    var out: String?
    @OptionGroup var global: GlobalOptions

    func validate() throws { try CertificateOptions.checkDays(days, "--days") }

    func run() async throws {
        let workspace = try Workspace.open(global)
        let chosen = try selection.selection()
        guard chosen.isEmpty == (oneForAll != nil) else {
            throw ValidationError("select phones, or give --one-for-all")
        }
        var by = try await OpenAuthority.open(ca, in: workspace)
        let names = try certificates.patterns()
        if !names.isEmpty { by.authority.policy.alternativeNames = names }
        let issuer = MaterialIssuer(workspace: workspace, by: by, days: days)
        let made: [(name: String, made: MadeMaterial)]
        if let oneForAll {
            made = [("all-phones.p12", try await makeForAll(oneForAll, issuer))]
        } else {
            let devices = try await workspace.someDevices(chosen)
            CAWarning.write(by, devices.count, days: days, global)
            let files = devices.map { SecretFile.name(of: $0, "p12") }
            made = Array(zip(files, try await issuer.make(for: devices)))
        }
        try await issuer.keep(made.map(\.made))
        if let out { try write(made, to: out) }
        try IssuedView.listing(made.map(\.made.certificate)).write(as: global.format)
    }

    /// The profile of the authority expects each phone's own subject, so what is common has one of its own.
    private func makeForAll(_ text: String, _ issuer: MaterialIssuer) async throws -> MadeMaterial {
        let pattern = try CertificateOptions.pattern(text)
        guard let subject = pattern.fixedSubject else {
            throw Fault(.inputValue, subject: text, detail: "one certificate for all phones cannot name each of them")
        }
        var record = issuer.by.record.trust(keeping: nil)
        record.subject = pattern.description
        let known = try await issuer.workspace.store.trustRecords()
        let base = "\(issuer.by.record.name)-all"
        let names = [base] + (2...1000).map { "\(base)-\($0)" }
        for name in names {
            record.name = name
            guard let same = known.first(where: { $0.name == name }) else { break }
            if same.subject == record.subject, Set(record.anchors).isSubset(of: same.anchors) {
                record = same
                break
            }
        }
        try await issuer.workspace.store.saveTrust(record)
        global.say("phones with it are authenticated by trust profile \(record.name)")
        return try issuer.makeForAll(subject: subject, profile: record.name)
    }

    private func write(_ made: [(name: String, made: MadeMaterial)], to folder: String) throws {
        try SecretFile.makeFolder(folder)
        for (name, made) in made {
            let bytes: [UInt8]
            do throws(MaterialError) { bytes = try PKCS12.encode(made.material) } catch {
                throw Fault(error, subject: name)
            }
            try SecretFile.write(bytes, to: "\(folder)/\(name)")
        }
        let files = Words.count(made.count, "file")
        global.say("wrote \(files) with private keys in clear to \(folder); delete them when the phones have them")
    }
}

/// What is said before certificates are made.
enum CAWarning {
    static func write(_ by: OpenAuthority, _ count: Int, days: Int?, _ global: GlobalOptions) {
        let wanted = Date().addingTimeInterval(Double(days ?? by.authority.policy.days) * 86_400)
        if by.authority.certificate.notAfter < wanted {
            let end = Words.day(by.authority.certificate.notAfter)
            global.say("authority \(by.record.name) expires on \(end), and so do its certificates; see 'ca renew'")
        }
        if by.authority.policy.keyType == .rsa2048, count >= 50 {
            global.say("making \(count) RSA keys takes a while, some tens a second; P-256 keys are made at once")
        }
    }
}
