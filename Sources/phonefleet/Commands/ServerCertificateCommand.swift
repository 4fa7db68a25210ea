import ArgumentParser
import DeploymentModel
import DeploymentStore
import Foundation
import TLSMaterial

/// The command `phonefleet config server-certificate`.
struct ConfigServerCertificate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "server-certificate",
        abstract: "Show or change the certificate by which phones that call (WPI) meet this program.",
        discussion: """
            One is made at first use and renewed by itself, by an authority that is kept sealed in the database; phones \
            in secure mode trust that authority. FILE puts a certificate and key of your own in its place. Phones in \
            default mode do not look at it.
            """)
    @Argument(
        help: "A PKCS#12 or PEM file with a private key and its chain; '-' for standard input.", completion: .file())
    var file: String?
    @Flag(help: "Make a new one by this program's own authority.") var renew = false
    @Option(help: "The kind of key of a new one: p256 or rsa2048; another kind makes a new authority too.")
    var key: CertificateIssuer.KeyType?
    @OptionGroup var names: CertificateOptions
    @OptionGroup var passPhrase: PassPhraseOptions
    @Flag(help: "Do not ask.") var yes = false
    @OptionGroup var global: GlobalOptions

    func validate() throws {
        guard file == nil || !renew else { throw ValidationError("give FILE or --renew") }
        guard renew || (key == nil && names.alternativeNames.isEmpty) else {
            throw ValidationError("--key and --san go with --renew")
        }
    }

    func run() async throws {
        let workspace = try Workspace.open(global)
        let identity: ServerIdentity
        if let file {
            var reader = MaterialReader(passPhrase: try passPhrase.given())
            let material = try reader.keyMaterial(file)
            let faults = MaterialRules().faults(of: material, named: file, for: [])
            guard faults.isEmpty else { throw FaultList(faults) }
            try confirm()
            identity = try await ServerIdentity.keep(material, in: workspace.store)
        } else if renew {
            if key != nil { try confirm() }
            identity = try await ServerIdentity.make(in: workspace.store, keyType: key, names: try names.patterns())
        } else {
            identity = try await ServerIdentity.current(in: workspace.store)
        }
        try ServerCertificateView.listing(identity).write(as: global.format)
    }

    /// Phones in secure mode know the former authority only.
    private func confirm() throws {
        try Question.confirm(
            "Phones in secure mode will refuse this program until they trust the new certificate's authority", yes: yes)
    }
}

/// The certificate by which phones that call meet this program.
struct ServerCertificateView: Encodable {
    var subject: String
    var issuer: String
    var key: String
    var notAfter: Date
    var fingerprint: String
    /// Whether this program made it.
    var own: Bool
    /// The certificate that phones in secure mode are to trust.
    var anchor: String
    var anchorFingerprint: String

    init(_ identity: ServerIdentity) {
        subject = identity.certificate.subject.description
        issuer = identity.certificate.issuer.description
        key = identity.certificate.keyDescription
        notAfter = identity.certificate.notAfter
        fingerprint = identity.certificate.fingerprint
        own = identity.isOurs
        anchor = identity.anchor.subject.description
        anchorFingerprint = identity.anchor.fingerprint
    }

    static func listing(_ identity: ServerIdentity) -> Listing<ServerCertificateView> {
        Listing(
            noun: "server-certificates", views: [ServerCertificateView(identity)],
            columns: [
                .init(title: "SUBJECT", text: { $0.subject }, wraps: true),
                .init(title: "KEY", text: { $0.key }),
                .init(title: "EXPIRES", text: { Words.day($0.notAfter) }),
                .init(title: "MADE BY", text: { $0.own ? "phonefleet" : "you" }),
                .init(title: "PHONES TRUST", text: { $0.anchor }, wraps: true),
                .init(title: "FINGERPRINT", text: { $0.fingerprint }, onlyCSV: true),
            ], whenEmpty: "")
    }
}
