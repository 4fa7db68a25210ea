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
            default mode do not look at it. A certificate of another authority comes into use in four steps, none of which \
            loses a phone: keep it with --beside, have the phones trust both authorities by 'phonefleet secure-mode \
            trust-server', change over with --switch, and when all is well --drop the former one and have the phones \
            forget it by 'secure-mode trust-server' once more.
            """)
    @Argument(
        help: "A PKCS#12 or PEM file with a private key and its chain; '-' for standard input.", completion: .file())
    var file: String?
    @Flag(help: "Make a new one by this program's own authority.") var renew = false
    @Option(help: "The kind of key of a new one: p256 or rsa2048; another kind makes a new authority too.")
    var key: CertificateIssuer.KeyType?
    @Flag(help: "Make a new authority too.") var newAuthority = false
    @Flag(help: "Keep the new one beside the one in use, for phones to learn to trust it.") var beside = false
    @Flag(name: .customLong("switch"), help: "Use the one kept beside, and keep the one in use beside it.")
    var change = false
    @Flag(help: "Forget the one kept beside.") var drop = false
    @Flag(help: "Also where phones in secure mode would be lost.") var force = false
    @OptionGroup var names: CertificateOptions
    @OptionGroup var passPhrase: PassPhraseOptions
    @Flag(help: "Do not ask.") var yes = false
    @OptionGroup var global: GlobalOptions

    func validate() throws {
        guard [file != nil, renew, change, drop].count(where: \.self) <= 1 else {
            throw ValidationError("give one of FILE, --renew, --switch, and --drop")
        }
        guard renew || (key == nil && !newAuthority && names.alternativeNames.isEmpty) else {
            throw ValidationError("--key, --new-authority, and --san go with --renew")
        }
        guard !force || file != nil || renew || change || drop else {
            throw ValidationError("--force goes with FILE, --renew, --switch, or --drop")
        }
        guard !beside || file != nil || renew else { throw ValidationError("--beside goes with FILE or --renew") }
    }

    func run() async throws {
        let store = try Workspace.open(global).store
        let brought = try brought()
        // Until nobody came between what was looked at and what is changed.
        while true {
            try Task.checkCancellation()
            let kept =
                beside || change || drop
                ? try await ServerCertificates.current(in: store).kept : try await ServerCertificates(in: store)
            guard let changes = try changes(of: kept, brought) else { break }
            if try await kept.write(changes, to: store) { break }
        }
        try ServerCertificateView.listing(try await ServerCertificateView.all(in: store)).write(as: global.format)
    }

    /// The certificate from the file, where there is one.
    private func brought() throws -> ServerIdentity? {
        guard let file else { return nil }
        var reader = MaterialReader(passPhrase: try passPhrase.given())
        let material = try reader.keyMaterial(file)
        let faults = MaterialRules().faults(of: material, named: file, for: [])
        guard faults.isEmpty else { throw FaultList(faults) }
        return try ServerIdentity.brought(material)
    }

    /// What is wanted, once it is sure that no phone in secure mode is lost by it; nil for nothing.
    private func changes(
        of kept: ServerCertificates, _ brought: ServerIdentity?
    ) throws -> ServerCertificates.Changes? {
        if change {
            try loses(kept.trust, with: try kept.requireBeside())
            return try kept.exchanging()
        }
        if drop {
            let beside = try kept.requireBeside()
            try checkBeside(kept)
            try Question.confirm("Forget the certificate kept beside, \(beside.certificate.subject)", yes: yes)
            return try kept.dropping()
        }
        guard let new = try brought ?? made(by: kept.authority) else { return nil }
        if beside {
            if let former = kept.beside, former.certificate != new.certificate {
                try checkBeside(kept)
                try Question.confirm("Replace the certificate kept beside, \(former.certificate.subject)", yes: yes)
            }
        } else {
            try loses(kept.trust, with: new)
        }
        return kept.putting(new, as: beside ? .beside : .inUse)
    }

    private func made(by authority: KeyMaterial?) throws -> ServerIdentity? {
        guard renew else { return nil }
        return try ServerIdentity.issue(
            by: authority, keyType: key, names: try names.patterns(), hasNewAuthority: newAuthority)
    }

    /// That no phone needs the one beside.
    private func checkBeside(_ kept: ServerCertificates) throws {
        guard let inUse = kept.inUse else { return }
        try loses(kept.trust, with: inUse)
    }

    /// That phones believe a certificate when it is the only one, or that their loss is wanted.
    private func loses(_ trust: ServerTrust, with identity: ServerIdentity) throws {
        guard let fault = trust.fault(of: identity) else { return }
        guard force else { throw FaultList([fault]) }
        let count = trust.unbelieving(identity).count
        try Question.confirm("\(Words.count(count, "phone")) in secure mode would be lost; go on", yes: yes)
    }
}

/// A certificate by which phones that call meet this program.
struct ServerCertificateView: Encodable {
    var use: ServerCertificates.Use
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
    var anchorNotAfter: Date
    /// Phones in secure mode that believe it, of all of them.
    var believing: Int
    var phones: Int

    init(_ use: ServerCertificates.Use, _ identity: ServerIdentity, _ trust: ServerTrust) {
        self.use = use
        subject = identity.certificate.subject.description
        issuer = identity.certificate.issuer.description
        key = identity.certificate.keyDescription
        notAfter = identity.certificate.notAfter
        fingerprint = identity.certificate.fingerprint
        own = identity.isOurs
        anchor = identity.anchor.subject.description
        anchorFingerprint = identity.anchor.fingerprint
        anchorNotAfter = identity.anchor.notAfter
        phones = trust.byDevice.count
        believing = phones - trust.unbelieving(identity).count
    }

    /// The one in use, and the one beside it where there is one.
    static func all(in store: Store) async throws -> [ServerCertificateView] {
        let (current, kept) = try await ServerCertificates.current(in: store)
        return [ServerCertificateView(.inUse, current, kept.trust)]
            + (kept.beside.map { [ServerCertificateView(.beside, $0, kept.trust)] } ?? [])
    }

    static func listing(_ views: [ServerCertificateView]) -> Listing<ServerCertificateView> {
        Listing(
            noun: "server-certificates", views: views,
            columns: [
                .init(title: "USE", text: { $0.use.rawValue }),
                .init(title: "SUBJECT", text: { $0.subject }, wraps: true),
                .init(title: "KEY", text: { $0.key }),
                .init(title: "EXPIRES", text: { Words.day($0.notAfter) }),
                .init(title: "MADE BY", text: { $0.own ? "phonefleet" : "you" }),
                .init(title: "PHONES TRUST", text: { $0.anchor }, wraps: true),
                .init(
                    title: "BELIEVED BY", text: { $0.phones == 0 ? nil : "\($0.believing) of \($0.phones)" }),
                .init(title: "FINGERPRINT", text: { $0.fingerprint }, onlyCSV: true),
            ], whenEmpty: "")
    }
}
