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
        guard !beside || file != nil || renew else { throw ValidationError("--beside goes with FILE or --renew") }
    }

    func run() async throws {
        let workspace = try Workspace.open(global)
        let store = workspace.store
        if let new = try await new(in: store) {
            if beside {
                try await checkBeside(store, new)
            } else {
                try await requireBelief(in: new, store)
            }
            try await new.keep(as: beside ? .beside : .inUse, in: store)
        } else if change {
            try await requireBelief(in: try await Self.besideOne(in: store), store)
            try await ServerIdentity.changeOver(in: store)
        } else if drop {
            try await checkDrop(store)
            try await ServerIdentity.dropBeside(in: store)
        }
        try ServerCertificateView.listing(try await ServerCertificateView.all(in: store)).write(as: global.format)
    }

    /// A certificate from the file, or a newly made one, where one of them is wanted.
    private func new(in store: Store) async throws -> ServerIdentity? {
        if let file {
            var reader = MaterialReader(passPhrase: try passPhrase.given())
            let material = try reader.keyMaterial(file)
            let faults = MaterialRules().faults(of: material, named: file, for: [])
            guard faults.isEmpty else { throw FaultList(faults) }
            return try ServerIdentity.brought(material)
        }
        guard renew else { return nil }
        return try await ServerIdentity.issue(
            in: store, keyType: key, names: try names.patterns(), hasNewAuthority: newAuthority)
    }

    private static func besideOne(in store: Store) async throws -> ServerIdentity {
        guard let identity = try await ServerIdentity.kept(.beside, in: store) else {
            throw Fault(.inputNotFound, subject: "server certificate", detail: "none is kept beside the one in use")
        }
        return identity
    }

    /// That no phone in secure mode is lost when a certificate comes into use.
    private func requireBelief(in identity: ServerIdentity, _ store: Store) async throws {
        let trust = try await ServerTrust(in: store)
        try loses(trust.unbelieving(identity), trust)
    }

    /// That no phone believes only the one that goes.
    private func checkDrop(_ store: Store) async throws {
        _ = try await Self.besideOne(in: store)
        let (trust, current) = (try await ServerTrust(in: store), try await ServerIdentity.current(in: store))
        try loses(trust.unbelieving(current), trust)
    }

    /// That the former one beside is not needed any more.
    private func checkBeside(_ store: Store, _ new: ServerIdentity) async throws {
        guard let former = try await ServerIdentity.kept(.beside, in: store),
            former.certificate.fingerprint != new.certificate.fingerprint
        else { return }
        let trust = try await ServerTrust(in: store)
        let current = try await ServerIdentity.current(in: store)
        try loses(trust.unbelieving(current), trust)
        try Question.confirm("Replace the certificate kept beside, \(former.certificate.subject)", yes: yes)
    }

    private func loses(_ phones: [DeviceID], _ trust: ServerTrust) throws {
        guard let fault = trust.fault(of: phones) else { return }
        guard force else { throw FaultList([fault]) }
        try Question.confirm("\(Words.count(phones.count, "phone")) in secure mode would be lost; go on", yes: yes)
    }
}

/// A certificate by which phones that call meet this program.
struct ServerCertificateView: Encodable {
    var use: ServerIdentity.Use
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

    init(_ use: ServerIdentity.Use, _ identity: ServerIdentity, _ trust: ServerTrust) {
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
        let current = try await ServerIdentity.current(in: store)
        let trust = try await ServerTrust(in: store)
        let beside = try await ServerIdentity.kept(.beside, in: store)
        return [ServerCertificateView(.inUse, current, trust)]
            + (beside.map { [ServerCertificateView(.beside, $0, trust)] } ?? [])
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
