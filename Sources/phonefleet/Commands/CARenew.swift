import ArgumentParser
import DeploymentModel
import DeploymentStore
import Foundation
import TLSMaterial

/// The command `phonefleet ca renew`.
struct CARenew: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "renew", abstract: "Give an authority a new certificate of its own, and a new key if wished.",
        discussion: """
            With the same key all that was issued stays good. With --new-key the trust profile believes the old and the \
            new certificate until the old one expires, and 'ca export --cross' gives the new key certified by the old \
            one. The phones' own certificates are renewed by 'phonefleet key-material rotate --expiring-within 30d'.
            """)
    @Argument(help: "The authority's name; not needed where there is only one.") var name: String?
    @Flag(help: "Make a new key too.") var newKey = false
    @Option(help: "The kind of the new key; that of the old one by default.") var key: CertificateIssuer.KeyType?
    @Option(help: ArgumentHelp("How long the new certificate is valid.", valueName: "n"))
    var days = AuthorityPolicy.usualAuthorityDays
    @Flag(help: "Do not ask.") var yes = false
    @OptionGroup var global: GlobalOptions

    func validate() throws {
        try CertificateOptions.checkDays(days, "--days")
        guard newKey || key == nil else { throw ValidationError("--key goes with --new-key") }
    }

    func run() async throws {
        let workspace = try Workspace.open(global)
        let old = try await OpenAuthority.open(name, in: workspace)
        try Question.confirm("Renew authority \(old.record.name)\(newKey ? " with a new key" : "")", yes: yes)
        let type = newKey ? key ?? old.keyType : nil
        let renewal: CertificateAuthority.Renewal
        do throws(MaterialError) {
            renewal = try old.authority.renewed(newKey: type, days: days, at: Date())
        } catch {
            throw Fault(error, subject: old.record.name)
        }
        var record = old.record
        record.chain = [renewal.authority.certificate.pem]
        record.former = Self.fresh([old.authority.certificate.pem] + old.record.former)
        record.cross = Self.fresh((renewal.crossCertificate.map { [$0.pem] } ?? []) + old.record.cross)
        let known = try await workspace.store.trustRecords().first { $0.name == record.profile }
        try await workspace.store.changeAuthority(
            record, key: newKey ? SecretText(fileContent: renewal.authority.material.privateKey) : nil,
            trust: record.trust(keeping: known))
        try CAReport.write(record, in: workspace, global)
        if newKey {
            global.say("the old certificate is believed until it expires; bring the phones over with")
            global.say("  phonefleet key-material rotate --ca \(record.name) SELECTION")
        }
    }

    /// Without those that have expired: nothing can rest on them any more.
    private static func fresh(_ certificates: [String]) -> [String] {
        certificates.filter { pem in
            let certificate = try? CertificateFile.certificates(in: Array(pem.utf8)).first
            return certificate.map { $0.notAfter > Date() } ?? false
        }
    }
}

extension OpenAuthority {
    /// The kind of its key.
    var keyType: CertificateIssuer.KeyType {
        authority.certificate.keyDescription.hasPrefix("RSA") ? .rsa2048 : .p256
    }
}

/// The command `phonefleet ca export`.
struct CAExport: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export", abstract: "Print an authority's certificate, for browsers and other programs.",
        discussion: """
            The private key leaves the database only with --key-file, unencrypted, into a new file that its owner alone \
            can read. Who has it can make certificates that all phones and this tool believe.
            """)
    @Argument(help: "The authority's name; not needed where there is only one.") var name: String?
    @Flag(help: "Its new keys certified by its old ones instead, for those who know an old certificate only.")
    var cross = false
    @Flag(help: "Also the earlier certificates that are still believed.") var former = false
    @Option(
        help: ArgumentHelp("Write the certificate here instead of standard output.", valueName: "file"),
        completion: .file())
    var out = "-"
    @Option(
        help: ArgumentHelp("Write the private key and the certificate here, in clear.", valueName: "file"),
        completion: .file())
    var keyFile: String?
    @Flag(help: "Do not ask.") var yes = false
    @OptionGroup var global: GlobalOptions

    func run() async throws {
        let workspace = try Workspace.open(global)
        if let keyFile {
            let open = try await OpenAuthority.open(name, in: workspace)
            try Question.confirm("Write the private key of authority \(open.record.name) in clear", yes: yes)
            try SecretFile.write(Array(open.authority.material.pemText.utf8), to: keyFile)
            global.say("wrote the private key of \(open.record.name) in clear to \(keyFile)")
            return
        }
        let record = try OpenAuthority.choose(name, from: try await workspace.store.authorities())
        let certificates = cross ? record.cross : record.chain + (former ? record.former : [])
        guard !certificates.isEmpty else {
            throw Fault(.inputNotFound, subject: record.name, detail: "it was never renewed with a new key")
        }
        try UserFile.write(certificates.joined(), to: out)
    }
}
