import DeploymentModel
import DeploymentStore
import Foundation
import TLSMaterial

/// The certificates by which phones that call meet this program, and whom phones believe, as they were at one moment.
///
/// An installation has one in use, and may have another one beside it: the one that is to come, or the one that was in use
/// before. Both are sealed in the database. The first is made when it is needed, by an authority of its own, which is kept
/// too: phones in secure mode trust that authority, so that the certificate can be renewed without a word to them. An
/// administrator's own certificate may take its place.
///
/// They change only by ``write(_:to:)``, which does nothing once anything of this moment is no longer so: what was decided
/// by it, such as that no phone is lost, is then decided anew.
struct ServerCertificates {
    enum Use: String, Encodable {
        case inUse = "in-use"
        case beside
    }

    /// Key material by its name among the sealed secrets.
    enum Slot: String, CaseIterable {
        case certificate = "wpi-server/certificate"
        case authority = "wpi-server/authority"
        case besideCertificate = "wpi-server/beside/certificate"
        /// Only where it is another one than that of the certificate in use.
        case besideAuthority = "wpi-server/beside/authority"
    }

    typealias Changes = [Slot: KeyMaterial?]

    /// Nil where none was made yet.
    let inUse: ServerIdentity?
    let beside: ServerIdentity?
    /// The authority of ours that makes new ones.
    let authority: KeyMaterial?
    /// By whom the phones in secure mode believe.
    let trust: ServerTrust
    /// To see later whether anything changed.
    let state: ServerTrustState
    private let besideAuthority: KeyMaterial?

    init(in store: Store) async throws {
        let state = try await store.serverTrustState(of: Slot.allCases.map(\.rawValue))
        func material(_ slot: Slot) throws(Fault) -> KeyMaterial? {
            guard let secret = state.secrets[slot.rawValue] else { return nil }
            return try ServerIdentity.named { () throws(MaterialError) in try KeyMaterial(pem: secret.reveal()) }
        }
        let authorities = [try material(.authority), try material(.besideAuthority)]
        func identity(_ slot: Slot) throws(Fault) -> ServerIdentity? {
            guard let material = try material(slot) else { return nil }
            let maker = authorities.compactMap(\.self).first { $0.chain.last == material.chain.last }
            return try ServerIdentity.named { () throws(MaterialError) in try ServerIdentity(material, by: maker) }
        }
        inUse = try identity(.certificate)
        beside = try identity(.besideCertificate)
        (authority, besideAuthority) = (authorities[0], authorities[1])
        trust = ServerTrust(state.beliefs, inUse: inUse)
        self.state = state
    }

    /// As they are kept, with one in use: made where there is none, renewed where ours end soon.
    static func current(
        in store: Store, at time: Date = Date()
    ) async throws -> (inUse: ServerIdentity, kept: ServerCertificates) {
        while true {
            try Task.checkCancellation()
            let kept = try await ServerCertificates(in: store)
            let changes = try kept.renewals(at: time)
            if changes.isEmpty, let inUse = kept.inUse { return (inUse, kept) }
            // Whether written or not: another process may have made one at the same moment, and that counts.
            _ = try await kept.write(changes, to: store)
        }
    }

    /// A renewal never changes the authority, because phones in secure mode know no other.
    private func renewals(at time: Date) throws(Fault) -> Changes {
        guard let inUse else { return putting(try .issue(by: authority, at: time), as: .inUse) }
        var changes: Changes = [:]
        // Where no phone knows the authority that has ended, another one takes its place.
        let isFree = inUse.isOurs && inUse.anchor.notAfter <= time && trust.byDevice.isEmpty
        if inUse.isDue(at: time) || isFree {
            changes = putting(try .issue(by: inUse.authority, at: time), as: .inUse)
        }
        if let beside, beside.isDue(at: time) {
            changes[.besideCertificate] = try ServerIdentity.issue(by: beside.authority, at: time).material
        }
        return changes
    }

    // MARK: Changes

    /// Keeps one for a use, in place of what was kept for that.
    func putting(_ new: ServerIdentity, as use: Use) -> Changes {
        let isOther = new.isOurs && new.authority?.chain != authority?.chain
        guard use == .inUse else {
            return [.besideCertificate: new.material, .besideAuthority: isOther ? new.authority : nil]
        }
        var changes: Changes = [.certificate: new.material]
        guard isOther else { return changes }
        changes[.authority] = .some(new.authority)
        // The one beside must not lose who renews it.
        if let former = beside?.authority, former.chain == authority?.chain {
            changes[.besideAuthority] = .some(former)
        }
        return changes
    }

    /// The one beside comes into use, and the one in use beside it.
    ///
    /// - Throws: `input.not-found` without one beside.
    func exchanging() throws(Fault) -> Changes {
        let other = try requireBeside()
        var changes: Changes = [.certificate: other.material, .besideCertificate: inUse?.material]
        if let besideAuthority {
            changes[.authority] = .some(besideAuthority)
            changes[.besideAuthority] = .some(authority)
        }
        return changes
    }

    /// Forgets the one beside.
    ///
    /// - Throws: `input.not-found` without one.
    func dropping() throws(Fault) -> Changes {
        _ = try requireBeside()
        return [.besideCertificate: nil, .besideAuthority: nil]
    }

    func requireBeside() throws(Fault) -> ServerIdentity {
        guard let beside else {
            throw Fault(.inputNotFound, subject: "server certificate", detail: "none is kept beside the one in use")
        }
        return beside
    }

    /// Makes changes in one step.
    ///
    /// - Returns: false when anything is not any more as it was, and nothing was changed.
    func write(_ changes: Changes, to store: Store) async throws -> Bool {
        let secrets = changes.map { ($0.key.rawValue, $0.value.map { SecretText($0.pemText) }) }
        return try await store.seal(
            Dictionary(uniqueKeysWithValues: secrets), if: state, others: inUse?.anchor.fingerprint)
    }
}
