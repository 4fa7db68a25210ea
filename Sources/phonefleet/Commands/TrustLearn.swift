import ArgumentParser
import DeploymentEngine
import DeploymentModel
import DeploymentStore
import Foundation
import PhoneTransport
import TLSMaterial

/// `phonefleet trust learn`: trust on first use, with the fingerprint confirmed by a person.
struct TrustLearn: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "learn",
        abstract: "Show which CAs phones present, and trust them after the fingerprint was confirmed.",
        discussion: """
            Compare the SHA-256 fingerprint with one from a source that you trust, such as a phone that is connected to \
            this machine by a cable and nothing else. In a script, name the fingerprint with --fingerprint: --yes \
            confirms what is shown, but never a CA for a type for which another CA is shown or trusted too.
            """)
    @Argument(help: "Addresses or ranges to look at; none with --last-scan.") var addresses: [String] = []
    @Flag(help: "Learn from what the last scan saw.") var lastScan = false
    @Flag(
        help:
            "Look again at phones of TLS below 1.2, 3DES, SHA-1 or short keys; their profile allows what they need, and no more."
    ) var legacy = false
    @Option(help: ArgumentHelp("Name of the profile; one is made from the CA's name otherwise.", valueName: "name"))
    var name: String?
    @Option(help: ArgumentHelp("Confirm just this CA; may be given more than once.", valueName: "sha256"))
    var fingerprint: [String] = []
    @Option(help: ArgumentHelp("Port, where it is not the catalogue's.", valueName: "port")) var port: Int?
    @Flag(help: "Trust every CA that is shown, without asking. Only on a network where nobody can stand in between.")
    var yes = false
    @OptionGroup var global: GlobalOptions

    func validate() throws {
        guard lastScan != !addresses.isEmpty else { throw ValidationError("give addresses, or --last-scan") }
    }

    func run() async throws {
        let workspace = try Workspace.open(global)
        var rows = lastScan ? try await workspace.store.scanRows() : try await contact(workspace)
        var learner = TrustLearner(workspace: workspace)
        if legacy {
            learner.legacyLook = try await LegacyLook.look(at: rows, in: workspace)
            rows = rows.map { learner.legacyLook?.rows[$0.address] ?? $0 }
            if lastScan { try await workspace.store.saveScan(rows) }
        }
        let candidates = try await learner.candidates(in: rows)
        guard !candidates.isEmpty else {
            throw learner.whyNothing(in: rows, of: lastScan ? "the last scan" : addresses.joined(separator: " "))
        }
        if yes, fingerprint.isEmpty { try Self.refuseRivals(candidates) }
        var learned = 0
        for candidate in candidates {
            Terminal.writeError(candidate.text + "\n")
            guard try isConfirmed(candidate) else { continue }
            let name = try await learner.learn(candidate, as: candidates.count == 1 ? name : nil)
            global.say("trust profile \(name) applies to \(candidate.scopes.map(\.text).joined(separator: ", "))")
            learned += 1
        }
        guard learned > 0 else { throw Fault(.inputUnconfirmed, detail: "no CA was confirmed") }
        let accepted = try await learner.rejudgeLastScan()
        if accepted > 0 {
            global.say("\(Words.count(accepted, "phone")) of the last scan \(accepted == 1 ? "is" : "are") now trusted")
        }
    }

    /// Nobody looks when `--yes` was given, so a phone that only says that it is of a type must not win by it.
    private static func refuseRivals(_ candidates: [TrustCandidate]) throws(FaultList) {
        let rivals = candidates.filter { !$0.contested.isEmpty }
        guard !rivals.isEmpty else { return }
        throw FaultList(
            rivals.map { candidate in
                Fault(
                    .inputValue, subject: "--yes",
                    detail: "CA \(candidate.anchor.fingerprint) is not the only one for "
                        + candidate.contested.sorted().map(\.rawValue).joined(separator: ", ")
                        + "; compare and name it with --fingerprint")
            })
    }

    private func isConfirmed(_ candidate: TrustCandidate) throws -> Bool {
        if !fingerprint.isEmpty {
            return fingerprint.contains { $0.lowercased().filter(\.isHexDigit) == candidate.anchor.fingerprint }
        }
        do {
            try Question.confirm("Trust this CA for \(Words.count(candidate.phones, "phone")) like these", yes: yes)
            return true
        } catch let fault as Fault where fault.detail == "answered no" {
            return false
        }
    }

    private func contact(_ workspace: Workspace) async throws -> [ScanRow] {
        let targets = try AddressArguments.parse(addresses)
        let scan = ScanSession(workspace: workspace, addresses: targets, ports: port.map { [$0] } ?? [])
        return try await scan.run(showing: nil).rows
    }
}

/// A CA that phones presented, with the subject that they have under it.
struct TrustCandidate {
    var anchor: ParsedCertificate
    var subject: DistinguishedName
    var types: Set<PhoneTypeID>
    var phones: Int
    var example: String
    /// Types for which another CA was presented too, or is trusted already.
    var contested: Set<PhoneTypeID> = []
    /// What the phones need of weak TLS; nil for phones that need none.
    var weakness: Weakness?

    /// Old TLS versions and weak algorithms that a phone cannot do without.
    struct Weakness: Hashable, Sendable {
        var minimumTLS: TrustProfile.MinimumTLS
    }

    /// The types that presented it, by their own word: nothing proves it before the CA is trusted.
    var scopes: [TrustBinding.Scope] { types.sorted().map(TrustBinding.Scope.type) }

    var text: String {
        let warning =
            contested.isEmpty
            ? ""
            : "\n  beware   another CA is shown or trusted for \(Self.names(contested)); a stranger may show this one"
        return """
            \(Words.count(phones, "phone")) (for example \(example)) present\(phones == 1 ? "s" : "")
              subject  \(SafeText.line(subject.description))
              CA       \(SafeText.line(anchor.subject.description))
              expires  \(Words.day(anchor.notAfter)), key \(anchor.keyDescription)
              SHA-256  \(Words.fingerprint(anchor.fingerprint))\(allowance)
              to be trusted for \(types.count == 1 ? "type" : "types") \(Self.names(types)), as the phones say they are\(warning)
            """
    }

    private var allowance: String {
        guard let weakness else { return "" }
        return
            "\n  weak     needs TLS \(weakness.minimumTLS.rawValue), old ciphers or old signatures; its profile allows them to every phone of the type"
    }

    private static func names(_ types: Set<PhoneTypeID>) -> String {
        types.sorted().map(\.rawValue).joined(separator: ", ")
    }
}

/// Finds the CAs in what phones presented, and makes trust profiles of them.
struct TrustLearner {
    var workspace: Workspace
    /// What a second look with old TLS saw; nil where only sound chains are to be learnt.
    var legacyLook: LegacyLook?

    /// The distinct CAs with the subjects under them, most phones first.
    ///
    /// CAs that are trusted already are left out.
    func candidates(in rows: [ScanRow]) async throws -> [TrustCandidate] {
        var found: [String: TrustCandidate] = [:]
        var presented: [PhoneTypeID: Set<String>] = [:]
        for row in rows where row.status == .notTrusted && !row.chain.isEmpty {
            guard let type = row.type, let (anchor, leaf, weakness) = ends(of: row) else { continue }
            presented[type, default: []].insert(anchor.fingerprint)
            let key = "\(anchor.fingerprint) \(weakness?.minimumTLS.rawValue ?? "-") \(leaf.subject)"
            var candidate =
                found[key]
                ?? TrustCandidate(
                    anchor: anchor, subject: leaf.subject, types: [], phones: 0, example: row.address,
                    weakness: weakness)
            candidate.types.insert(type)
            candidate.phones += 1
            found[key] = candidate
        }
        let trust = try await TrustDirectory.load(from: workspace)
        for (key, candidate) in found {
            found[key]?.contested = candidate.types.filter { type in
                let trusted = trust.profiles(for: type).flatMap(\.anchors).map(\.fingerprint)
                return !presented[type, default: []].union(trusted).isSubset(of: [candidate.anchor.fingerprint])
            }
        }
        return found.values.sorted {
            ($1.phones, $0.anchor.fingerprint, $0.subject.description)
                < ($0.phones, $1.anchor.fingerprint, $1.subject.description)
        }
    }

    /// The CA at the top of a chain that verifies against it, the phone's own certificate, and what weakness must be
    /// allowed for it.
    private func ends(
        of row: ScanRow
    ) -> (anchor: ParsedCertificate, leaf: ParsedCertificate, weakness: TrustCandidate.Weakness?)? {
        let parsed = row.chain.compactMap { try? ParsedCertificate(der: $0) }
        guard parsed.count == row.chain.count, let leaf = parsed.first,
            let anchor = parsed.last(where: { $0.isSelfSigned })
        else { return nil }
        var profile = TrustProfile(name: "candidate", subject: leaf.subject, anchors: [anchor])
        let isOld = legacyLook?.rows[row.address] != nil
        if !isOld, (try? ChainVerifier().verify(row.chain, against: profile, at: Date())) != nil {
            return (anchor, leaf, nil)
        }
        guard legacyLook != nil else { return nil }
        profile.allowsLegacy = true
        guard (try? ChainVerifier().verify(row.chain, against: profile, at: Date())) != nil else { return nil }
        let version = row.evidence?.tlsVersion.flatMap(TrustProfile.MinimumTLS.init(rawValue:)) ?? .v1_2
        return (anchor, leaf, TrustCandidate.Weakness(minimumTLS: min(version, .v1_2)))
    }

    /// Stores the profile, bound to the types that presented the CA; returns its name.
    func learn(_ candidate: TrustCandidate, as wanted: String?) async throws -> String {
        let names = Set(try await workspace.store.trustRecords().map(\.name))
        let base = wanted ?? Self.name(from: candidate)
        var name = base
        var number = 2
        while names.contains(name) {
            name = "\(base)-\(number)"
            number += 1
        }
        let minimum = candidate.weakness?.minimumTLS ?? .v1_2
        let record = TrustRecord(
            name: name, subject: SubjectPattern(candidate.subject).description, anchors: [candidate.anchor.pem],
            minimumTLS: minimum.rawValue, allowsLegacy: candidate.weakness != nil)
        let position = try await workspace.store.trustBindings().count
        try await workspace.store.saveTrust(
            record, binding: candidate.scopes.map { TrustBinding(profile: name, scope: $0, position: position) })
        return name
    }

    private static func name(from candidate: TrustCandidate) -> String {
        if candidate.types.count == 1, let type = candidate.types.first { return type.rawValue }
        let source = candidate.anchor.subject.commonName ?? "phones"
        let slug = source.lowercased().split { !($0.isASCII && ($0.isLetter || $0.isNumber)) }.joined(separator: "-")
        return slug.isEmpty ? "phones" : String(slug.prefix(40))
    }

    /// Judges the rows of the last scan anew and brings them into the device list; returns how many are now trusted.
    func rejudgeLastScan() async throws -> Int {
        let trust = try await TrustDirectory.load(from: workspace)
        let judged = Rejudgement.judge(try await workspace.store.scanRows(), in: trust, at: Date())
        guard !judged.isEmpty else { return 0 }
        try await workspace.store.saveScan(judged)
        _ = try await ScanIntake(workspace: workspace).take(judged)
        return judged.count
    }
}
