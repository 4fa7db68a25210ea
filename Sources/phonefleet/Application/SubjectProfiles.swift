import DeploymentModel
import DeploymentStore
import TLSMaterial

/// Trust profiles of one subject each, for phones whose certificates name what may change.
///
/// Filled in from the device list, a pattern with a number would shut a phone out from when the list has another number
/// until the phone has another certificate; the subject that its present certificate has does not.
struct SubjectProfiles {
    private var known: [String: TrustRecord]

    /// - Parameter records: the profiles of the database.
    init(_ records: [TrustRecord]) {
        known = Dictionary(records.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// The profile for a phone with this certificate, which goes by the rules of the one that has the pattern.
    ///
    /// One that there is only gains anchors: a phone may be authenticated by it today.
    mutating func profile(of leaf: ParsedCertificate, like shared: TrustRecord) -> TrustRecord {
        let base = "\(shared.name) \(leaf.subject)"
        var record = shared
        record.name = base
        record.subject = SubjectPattern(leaf.subject).description
        record.pin = nil
        var number = 1
        while let same = known[record.name] {
            if same.subject == record.subject, same.pin == nil {
                let added = record.anchors.filter { !same.anchors.contains($0) }
                record = same
                record.anchors += added
                break
            }
            number += 1
            record.name = "\(base) (\(number))"
        }
        known[record.name] = record
        return record
    }

    /// Whether a profile may be one of these by its name, which ends with a subject: it has an attribute, or is empty.
    private static func mayBeMade(_ name: String) -> Bool {
        name.contains(" ") && (name.contains("=") || name.hasSuffix(" "))
    }

    /// Removes those of certificates that phones have no longer, unless a phone is still authenticated by them.
    static func removeUnused(in workspace: Workspace) async throws {
        let present = Set(try await workspace.store.trustRecords().map(\.name).filter(mayBeMade))
        // Most sites have none, and to read all certificates that were ever issued is dear.
        guard !present.isEmpty else { return }
        let certificates = try await workspace.store.issuedCertificates()
        let made = certificates.filter { $0.holder.device != nil && $0.profile.hasSuffix(" \($0.subject)") }
        guard !made.isEmpty else { return }
        var used = Set(certificates.filter { $0.state != .superseded }.map(\.profile))
        used.formUnion(try await workspace.store.authorities().map(\.profile))
        used.formUnion(try await workspace.store.trustBindings().map(\.profile))
        for name in Set(made.map(\.profile)).subtracting(used).intersection(present).sorted() {
            try await workspace.store.removeTrust(name)
        }
    }
}
