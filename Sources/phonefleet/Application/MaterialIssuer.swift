import DeploymentEngine
import DeploymentModel
import DeploymentStore
import Foundation
import TLSMaterial

/// Key material that was made for phones, with the trust profile that goes with it.
struct MadeMaterial {
    var material: KeyMaterial
    var certificate: IssuedCertificate
    /// `certificate of d7 from site`, for messages.
    var origin: String
    /// The trust profile of its subject, where that of the authority would not do; to be kept with it.
    var ownProfile: TrustRecord?
}

/// Makes key material for phones by an authority, and keeps it before anybody gets it.
struct MaterialIssuer {
    var workspace: Workspace
    var by: OpenAuthority
    /// Validity instead of the policy's.
    var days: Int?

    /// One certificate and key for each device, made on all processors.
    ///
    /// Throws a ``FaultList`` with every phone that lacks what its certificate would name.
    func make(for devices: [Device]) async throws -> [MadeMaterial] {
        let now = Date()
        let results = try await Processors.map(devices) { device in
            Result { () throws(Fault) in try make(for: device, at: now) }
        }
        var all: [MadeMaterial] = []
        var faults: [Fault] = []
        for result in results {
            do throws(Fault) { all.append(try result.get()) } catch { faults.append(error) }
        }
        guard faults.isEmpty else { throw FaultList(faults) }
        return try await withProfiles(all)
    }

    /// Gives each a trust profile of its own when the authority's pattern names what may change.
    private func withProfiles(_ made: [MadeMaterial]) async throws -> [MadeMaterial] {
        guard by.authority.policy.subject.mayChange else { return made }
        let known = try await workspace.store.trustRecords()
        let shared = by.record.trust(keeping: known.first { $0.name == by.record.profile })
        var profiles = SubjectProfiles(known)
        var all = made
        for place in all.indices {
            guard let leaf = all[place].material.chain.first.flatMap({ try? ParsedCertificate(der: $0) }) else {
                continue
            }
            let profile = profiles.profile(of: leaf, like: shared)
            all[place].certificate.profile = profile.name
            all[place].ownProfile = profile
        }
        return all
    }

    private func make(for device: Device, at time: Date) throws(Fault) -> MadeMaterial {
        do throws(MaterialError) {
            let material = try by.authority.issue(to: PhoneValues(device), days: days, at: time)
            return try made(material, for: .device(device.id), named: device.id.rawValue, by.record.profile, at: time)
        } catch {
            throw Fault(error, subject: device.label)
        }
    }

    /// One certificate and key for any number of phones.
    func makeForAll(subject: DistinguishedName, profile: String) throws(Fault) -> MadeMaterial {
        let time = Date()
        do throws(MaterialError) {
            let material = try by.authority.issue(subject: subject, days: days, at: time)
            return try made(material, for: .all, named: "all phones", profile, at: time)
        } catch {
            throw Fault(error, subject: subject.description)
        }
    }

    private func made(
        _ material: KeyMaterial, for holder: IssuedCertificate.Holder, named name: String, _ profile: String,
        at time: Date
    ) throws(MaterialError) -> MadeMaterial {
        let certificate = try IssuedCertificate(
            chain: material.chain, authority: by.record.name, holder: holder, profile: profile, at: time)
        return MadeMaterial(
            material: material, certificate: certificate, origin: "certificate of \(name) from \(by.record.name)")
    }

    /// Keeps what was made with its trust profiles, and that of the authority if somebody removed it.
    func keep(_ made: [MadeMaterial]) async throws {
        try await workspace.store.saveIssued(
            made.map { ($0.certificate, SecretText(fileContent: $0.material.privateKey)) })
        let known = try await workspace.store.trustRecords()
        if !known.contains(where: { $0.name == by.record.profile }) {
            try await workspace.store.saveTrust(by.record.trust(keeping: nil))
        }
        for profile in Set(made.compactMap(\.ownProfile)).subtracting(known) {
            try await workspace.store.saveTrust(profile)
        }
    }
}

extension IssuedCertificate {
    /// The row of a chain, leaf first.
    init(
        chain: [[UInt8]], authority: String?, holder: Holder, profile: String, purpose: Purpose = .server,
        at time: Date
    ) throws(MaterialError) {
        guard let first = chain.first else { throw MaterialError(.empty, detail: "no certificate") }
        let leaf = try ParsedCertificate(der: first)
        self.init(
            fingerprint: leaf.fingerprint, keyFingerprint: leaf.publicKeyFingerprint, authority: authority,
            serial: leaf.serialNumber, subject: leaf.subject.description, notBefore: leaf.notBefore,
            notAfter: leaf.notAfter, holder: holder, chain: chain, profile: profile, issuedAt: time,
            purpose: purpose)
    }
}
