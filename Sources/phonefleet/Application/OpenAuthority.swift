import DeploymentModel
import DeploymentStore
import TLSMaterial

/// An authority of the database with its key at hand.
struct OpenAuthority {
    var record: AuthorityRecord
    var authority: CertificateAuthority

    /// Opens the authority of a name, or the only one that there is.
    ///
    /// Throws `input.not-found`, `input.value` when one of several must be named, and `input.secret` without its key.
    static func open(_ name: String?, in workspace: Workspace) async throws -> OpenAuthority {
        let records = try await workspace.store.authorities()
        let record = try choose(name, from: records)
        let key = try await workspace.store.authorityKey(record.name)
        do throws(MaterialError) {
            guard let privateKey = key.fileContent else {
                throw MaterialError(.damaged, detail: "the sealed key cannot be read")
            }
            var chain: [[UInt8]] = []
            for pem in record.chain { chain += try CertificateFile.certificates(in: Array(pem.utf8)).map(\.der) }
            let authority = try CertificateAuthority(
                material: KeyMaterial(privateKey: privateKey, chain: chain), policy: AuthorityPolicy(record.policy))
            return OpenAuthority(record: record, authority: authority)
        } catch {
            throw Fault(error, subject: record.name)
        }
    }

    static func choose(_ name: String?, from records: [AuthorityRecord]) throws(Fault) -> AuthorityRecord {
        if let name {
            guard let found = records.first(where: { $0.name == name }) else {
                throw Fault(
                    .inputNotFound, subject: name,
                    detail: "no such authority" + NearestName.hint(name, among: records.map(\.name)))
            }
            return found
        }
        guard let first = records.first else {
            throw Fault(.inputNotFound, subject: "--ca", detail: "no authority; 'phonefleet ca init NAME' makes one")
        }
        guard records.count == 1 else {
            let names = records.map(\.name).joined(separator: ", ")
            throw Fault(.inputValue, subject: "--ca", detail: "name one of the authorities: \(names)")
        }
        return first
    }
}

extension AuthorityPolicy {
    /// Makes a stored policy ready for use.
    init(_ policy: AuthorityRecord.Policy) throws(MaterialError) {
        guard let keyType = CertificateIssuer.KeyType(rawValue: policy.keyType) else {
            throw MaterialError(.unsupportedKey, detail: "unknown kind of key \(policy.keyType)")
        }
        var names: [AlternativeNamePattern] = []
        for text in policy.alternativeNames { names.append(try AlternativeNamePattern(text)) }
        self.init(
            subject: try SubjectPattern(policy.subject), alternativeNames: names, keyType: keyType, days: policy.days)
    }
}

extension AuthorityRecord {
    /// The trust profile by which phones with certificates of this authority are authenticated.
    ///
    /// - Parameter known: the profile of today, whose other rules stay.
    func trust(keeping known: TrustRecord?) -> TrustRecord {
        var record = known ?? TrustRecord(name: profile, subject: policy.subject, anchors: [])
        record.subject = policy.subject
        record.anchors = chain.suffix(1) + former
        return record
    }
}
