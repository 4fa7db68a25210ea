import ArgumentParser
import DeploymentEngine
import DeploymentModel
import DeploymentStore
import Foundation
import TLSMaterial

/// `phonefleet trust`: by which CA and subject phones are authenticated.
struct TrustCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "trust", abstract: "Decide by which CA and subject DN phones are authenticated.",
        discussion: """
            A trust profile is a subject DN and one or more trusted CA certificates. It applies to all phones, to \
            those of a type or a group, or to one phone; the most specific one wins.
            """,
        subcommands: [TrustList.self, TrustShow.self, TrustAdd.self, TrustLearn.self, TrustRemove.self],
        defaultSubcommand: TrustList.self)
}

/// A trust profile as the command line shows it.
struct TrustView: Encodable {
    struct Anchor: Encodable {
        var subject: String
        var fingerprint: String
        var notAfter: Date
        var key: String
    }

    var name: String
    var subject: String
    var scopes: [String]
    var anchors: [Anchor]
    var minimumTLS: String
    var legacy: Bool
    var pin: String?
    var allowsExpiredCA: Bool

    init(_ record: TrustRecord, bindings: [TrustBinding]) throws(Fault) {
        let profile = try TrustProfile(record)
        name = record.name
        subject = record.subject
        scopes = bindings.filter { $0.profile == record.name }.map { $0.scope.text }
        anchors = profile.anchors.map {
            Anchor(
                subject: $0.subject.description, fingerprint: $0.fingerprint, notAfter: $0.notAfter,
                key: $0.keyDescription)
        }
        minimumTLS = record.minimumTLS
        legacy = record.allowsLegacy
        pin = record.pin
        allowsExpiredCA = record.allowsExpiredAnchor
    }
}

extension TrustBinding.Scope {
    /// `all`, `type NAME`, `group NAME`, `device ID`.
    var text: String {
        switch self {
        case .all: "all"
        case .type(let id): "type \(id)"
        case .group(let name): "group \(name)"
        case .device(let id): "device \(id)"
        }
    }
}

/// The command `phonefleet trust list`.
struct TrustList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List the trust profiles.")
    @OptionGroup var global: GlobalOptions

    func run() async throws {
        let workspace = try Workspace.open(global)
        let bindings = try await workspace.store.trustBindings()
        let views = try await workspace.store.trustRecords().map { try TrustView($0, bindings: bindings) }
        try Listing(
            noun: "trust", views: views,
            columns: [
                .init(title: "NAME", text: { $0.name }, wraps: true),
                .init(title: "APPLIES TO", text: { $0.scopes.joined(separator: ", ") }, wraps: true),
                .init(title: "SUBJECT", text: { $0.subject }, wraps: true),
                .init(
                    title: "CA EXPIRES", text: { $0.anchors.map(\.notAfter).min().map { Words.day($0) } }),
            ],
            whenEmpty: "no trust profiles; 'phonefleet trust learn ADDRESS' makes one"
        ).write(as: global.format)
    }
}

/// The command `phonefleet trust show NAME`.
struct TrustShow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show a trust profile with its CA certificates.")
    @Argument(help: "The trust profile's name.") var name: String
    @Flag(help: "Print the CA certificates as PEM instead.") var pem = false
    @OptionGroup var global: GlobalOptions

    func run() async throws {
        let workspace = try Workspace.open(global)
        let records = try await workspace.store.trustRecords()
        guard let record = records.first(where: { $0.name == name }) else {
            throw Fault(
                .inputNotFound, subject: name,
                detail: "no such trust profile" + NearestName.hint(name, among: records.map(\.name)))
        }
        if pem { return Terminal.writeOut(record.anchors.joined(separator: "\n")) }
        let view = try TrustView(record, bindings: try await workspace.store.trustBindings())
        if global.format == .json { return Terminal.writeOut(try JSONText.document(noun: "trust", version: 1, [view])) }
        var text =
            "name         \(view.name)\nsubject      \(SafeText.line(view.subject))\napplies to   \(view.scopes.joined(separator: ", "))\n"
        text += "minimum TLS  \(view.minimumTLS)\nlegacy       \(view.legacy ? "allowed" : "no")\n"
        if let pin = view.pin { text += "pinned key   \(Words.fingerprint(pin))\n" }
        if view.allowsExpiredCA { text += "expired CA   accepted\n" }
        for anchor in view.anchors {
            text +=
                "\nCA           \(SafeText.line(anchor.subject))\n  expires    \(Words.day(anchor.notAfter))\n  key        \(anchor.key)\n"
            text += "  SHA-256    \(Words.fingerprint(anchor.fingerprint))\n"
        }
        Terminal.writeOut(text)
    }
}

/// The command `phonefleet trust add NAME`.
struct TrustAdd: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add", abstract: "Make a trust profile from a subject DN and CA certificates.",
        discussion:
            "Example: phonefleet trust add hq --subject 'CN=phone,O=Example' --ca ca.pem --type optipoint-410-standard-hfa"
    )
    @Argument(help: "The trust profile's name.") var name: String
    @Option(
        help: ArgumentHelp(
            "The subject DN that phones must have, in RFC 4514 form; {mac}, {number}, {type} and {ip} stand for the phone's own.",
            valueName: "dn"))
    var subject: String
    @Option(
        help: ArgumentHelp("CA certificates, PEM, DER or PKCS#12; may be given more than once.", valueName: "file"),
        completion: .file())
    var ca: [String]
    @OptionGroup var layer: LayerOptions
    @Option(
        name: .customLong("minimum-tls"),
        help: ArgumentHelp("The oldest TLS version that is accepted: 1.0, 1.1, 1.2 or 1.3.", valueName: "version"))
    var minimumTLS =
        "1.2"
    @Flag(help: "Allow TLS below 1.2, SHA-1 and RSA below 2048 bits, as old phones need.") var legacy = false
    @Option(help: ArgumentHelp("SHA-256 of the one public key that the phone may have.", valueName: "hex")) var pin:
        String?
    @Flag(name: .customLong("allow-expired-ca"), help: "Accept a CA certificate whose validity has ended.")
    var allowExpiredCA = false
    @Flag(help: "Replace the profile of this name.") var replace = false
    @OptionGroup var global: GlobalOptions

    func run() async throws {
        let workspace = try Workspace.open(global)
        let known = try await workspace.store.trustRecords()
        guard replace || !known.contains(where: { $0.name == name }) else {
            throw Fault(.inputDuplicate, subject: name, detail: "give --replace to replace it")
        }
        let record = TrustRecord(
            name: name, subject: try canonicalSubject(), anchors: try anchors(),
            minimumTLS: legacy && minimumTLS == "1.2" ? "1.0" : minimumTLS, allowsLegacy: legacy,
            pin: try pin.map(Self.digest), allowsExpiredAnchor: allowExpiredCA)
        _ = try TrustProfile(record)
        let scope = try await layer.trustScope(in: workspace)
        try await workspace.store.saveTrust(record, binding: [TrustBinding(profile: name, scope: scope)])
        global.say("trust profile \(name) applies to \(scope.text)")
    }

    private func canonicalSubject() throws(Fault) -> String {
        do { return try SubjectPattern(subject).description } catch { throw Fault(error, subject: subject) }
    }

    private func anchors() throws(Fault) -> [String] {
        var anchors: [String] = []
        for path in ca {
            let bytes = try UserFile.read(path)
            do throws(MaterialError) {
                anchors += try CertificateFile.certificates(in: bytes).map(\.pem)
            } catch {
                throw Fault(error, subject: path)
            }
        }
        guard !anchors.isEmpty else { throw Fault(.inputValue, subject: "--ca", detail: "give at least one file") }
        return anchors
    }

    private static func digest(_ text: String) throws(Fault) -> String {
        let digits = text.lowercased().filter { $0 != ":" && $0 != " " }
        guard digits.count == 64, digits.allSatisfy(\.isHexDigit) else {
            throw Fault(.inputValue, subject: text, detail: "a SHA-256 has 64 hexadecimal digits")
        }
        return digits
    }
}

/// The command `phonefleet trust remove NAME`.
struct TrustRemove: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "remove", abstract: "Remove a trust profile.")
    @Argument(help: "The trust profile's name.") var name: String
    @Flag(help: "Do not ask.") var yes = false
    @OptionGroup var global: GlobalOptions

    func run() async throws {
        let workspace = try Workspace.open(global)
        let names = try await workspace.store.trustRecords().map(\.name)
        guard names.contains(name) else {
            throw Fault(
                .inputNotFound, subject: name,
                detail: "no such trust profile" + NearestName.hint(name, among: names))
        }
        try Question.confirm(
            "Remove trust profile \(name); phones that rely on it can no longer be configured", yes: yes)
        let bindings = try await workspace.store.removeTrust(name)
        global.say(
            "removed trust profile \(name), which applied to \(bindings.map(\.scope.text).joined(separator: ", "))")
    }
}

extension LayerOptions {
    /// The scope of a trust binding; all phones where nothing was chosen.
    func trustScope(in workspace: Workspace) async throws -> TrustBinding.Scope {
        switch try await layer(in: workspace) {
        case .type(let id): .type(id)
        case .group(let name): .group(name)
        case .device(let id): .device(id)
        case .site, nil: .all
        }
    }
}
