import DeploymentModel
import DeploymentStore
import Foundation
import TLSMaterial

/// A certificate by which phones that call meet this program, with its key.
///
/// An installation has one in use, and may have another one beside it: the one that is to come, or the one that was in use
/// before. Both are sealed in the database. The first is made when it is needed, by an authority of its own, which is kept
/// too: phones in secure mode trust that authority, so that the certificate can be renewed without a word to them. An
/// administrator's own certificate may take its place.
struct ServerIdentity: Sendable {
    /// Private key and chain, leaf first.
    var material: KeyMaterial
    var certificate: ParsedCertificate
    /// The authority of ours that made it, with its key; nil for one that the administrator brought.
    var authority: KeyMaterial?

    init(_ material: KeyMaterial, by authority: KeyMaterial? = nil) throws(MaterialError) {
        guard let leaf = material.chain.first else { throw MaterialError(.empty, detail: "no certificate") }
        certificate = try ParsedCertificate(der: leaf)
        self.material = material
        self.authority = authority
    }

    /// Made by an authority of ours, and not brought by the administrator.
    var isOurs: Bool { authority != nil }

    /// The topmost certificate of the chain, which phones in secure mode are to trust.
    var anchor: ParsedCertificate {
        material.chain.last.flatMap { try? ParsedCertificate(der: $0) } ?? certificate
    }

    /// The certificates by any of which a phone may believe it, as SHA-256.
    private var authorities: Set<String> {
        Set(material.chain.compactMap { (try? ParsedCertificate(der: $0))?.fingerprint })
    }

    /// Whether a phone that believes by some authorities believes this certificate.
    func isBelieved(by known: Set<String>) -> Bool { !authorities.isDisjoint(with: known) }

    // MARK: Making

    /// Our own certificate that ends within so many seconds is renewed when it is next used.
    private static let renewalTime = 30.0 * 86_400

    /// The certificate that is in use; made where there is none, renewed where ours ends soon.
    ///
    /// A renewal never changes the authority before that has ended, because phones in secure mode know no other.
    static func current(in store: Store, at time: Date = Date()) async throws -> ServerIdentity {
        guard let identity = try await kept(.inUse, in: store) else {
            let first = try await issue(in: store, at: time)
            try await first.keep(as: .inUse, in: store)
            return first
        }
        let isEnding = identity.certificate.notAfter < time + renewalTime
        let mayLast = identity.anchor.notAfter > identity.certificate.notAfter || identity.anchor.notAfter <= time
        guard identity.isOurs, isEnding, mayLast else { return identity }
        let renewed = try await issue(in: store, at: time)
        try await renewed.keep(as: .inUse, in: store)
        return renewed
    }

    /// Makes a certificate and keeps it nowhere.
    ///
    /// - Parameters:
    ///   - keyType: the kind of the authority's key and its own; nil for what the authority that is kept has, or RSA-2048,
    ///     because old firmware knows nothing else. Another kind than that of the authority makes a new authority.
    ///   - names: the subject alternative names; this machine's name where there are none.
    ///   - hasNewAuthority: also where the authority that is kept would do.
    static func issue(
        in store: Store, keyType: CertificateIssuer.KeyType? = nil, names: [AlternativeNamePattern] = [],
        hasNewAuthority: Bool = false, at time: Date = Date()
    ) async throws -> ServerIdentity {
        let known = try await Slot.authority.read(from: store)
        return try named { () throws(MaterialError) in
            let authority = try authority(known, keyType, isNew: hasNewAuthority, at: time)
            let host = ProcessInfo.processInfo.hostName
            var alternatives: [GeneralName] = []
            for name in names { alternatives.append(try name.name(for: PhoneValues())) }
            let material = try authority.issue(
                subject: try DistinguishedName(relativeNames: [[.init(type: "CN", text: host)]]),
                alternatives.isEmpty ? [.dns(host)] : alternatives, at: time)
            return try ServerIdentity(material, by: authority.material)
        }
    }

    /// The known authority until its end, unless another one is wanted.
    private static func authority(
        _ known: KeyMaterial?, _ keyType: CertificateIssuer.KeyType?, isNew: Bool, at time: Date
    ) throws(MaterialError) -> CertificateAuthority {
        let subject = try DistinguishedName(relativeNames: [[.init(type: "CN", text: "phonefleet server CA")]])
        var policy = AuthorityPolicy(subject: SubjectPattern(subject), keyType: keyType ?? .rsa2048)
        if let known {
            let kind: CertificateIssuer.KeyType = try known.hasRSAKey() ? .rsa2048 : .p256
            policy.keyType = keyType ?? kind
            let authority = try CertificateAuthority(material: known, policy: policy)
            if !isNew, policy.keyType == kind, authority.certificate.notAfter > time { return authority }
        }
        return try CertificateAuthority.make(
            subject: subject, keyType: policy.keyType, days: AuthorityPolicy.usualAuthorityDays, policy: policy,
            at: time)
    }

    /// A certificate and key of the administrator's.
    static func brought(_ material: KeyMaterial) throws(Fault) -> ServerIdentity {
        try named { () throws(MaterialError) in try ServerIdentity(material) }
    }

    fileprivate static func named<Value>(_ work: () throws(MaterialError) -> Value) throws(Fault) -> Value {
        do throws(MaterialError) { return try work() } catch { throw Fault(error, subject: "server certificate") }
    }
}

// Where they are kept.
extension ServerIdentity {
    enum Use: String, Encodable {
        case inUse = "in-use"
        case beside
    }

    /// Key material by its name among the sealed secrets.
    private enum Slot: String {
        case certificate = "wpi-server/certificate"
        case authority = "wpi-server/authority"
        case besideCertificate = "wpi-server/beside/certificate"
        /// Only where it is another one than that of the certificate in use.
        case besideAuthority = "wpi-server/beside/authority"

        func read(from store: Store) async throws -> KeyMaterial? {
            guard try await store.secretNames().contains(rawValue) else { return nil }
            let secret = try await store.reveal(.sealed(rawValue))
            return try named { () throws(MaterialError) in try KeyMaterial(pem: secret.reveal()) }
        }
    }

    /// The certificate that is kept for a use; nil where there is none.
    static func kept(_ use: Use, in store: Store) async throws -> ServerIdentity? {
        guard
            let material = try await (use == .inUse ? Slot.certificate : .besideCertificate).read(from: store)
        else { return nil }
        let authorities = [
            try await Slot.authority.read(from: store), try await Slot.besideAuthority.read(from: store),
        ]
        let maker = authorities.compactMap(\.self).first { $0.chain.last == material.chain.last }
        return try named { () throws(MaterialError) in try ServerIdentity(material, by: maker) }
    }

    /// Keeps it for a use, in place of what was kept for that.
    func keep(as use: Use, in store: Store) async throws {
        switch use {
        case .inUse:
            try await Self.noteTrust(in: store)
            var changes: [Slot: KeyMaterial?] = [.certificate: material]
            if let authority { changes[.authority] = .some(authority) }
            try await Self.write(changes, to: store)
        case .beside:
            let isSame = try await Slot.authority.read(from: store)?.chain == authority?.chain
            try await Self.write(
                [.besideCertificate: material, .besideAuthority: isSame ? nil : authority], to: store)
        }
    }

    /// The one beside comes into use, and the one in use beside it.
    static func changeOver(in store: Store) async throws {
        try await noteTrust(in: store)
        var changes: [Slot: KeyMaterial?] = [
            .certificate: try await Slot.besideCertificate.read(from: store),
            .besideCertificate: try await Slot.certificate.read(from: store),
        ]
        if let other = try await Slot.besideAuthority.read(from: store) {
            changes[.authority] = .some(other)
            changes[.besideAuthority] = .some(try await Slot.authority.read(from: store))
        }
        try await write(changes, to: store)
    }

    /// Forgets the one beside.
    static func dropBeside(in store: Store) async throws {
        try await write([.besideCertificate: nil, .besideAuthority: nil], to: store)
    }

    /// Phones of which nothing else is known believe the certificate that is still in use.
    private static func noteTrust(in store: Store) async throws {
        guard let identity = try await kept(.inUse, in: store) else { return }
        try await store.noteServerTrust(ofOthers: identity.anchor.fingerprint)
    }

    private static func write(_ changes: [Slot: KeyMaterial?], to store: Store) async throws {
        let secrets = changes.map { ($0.key.rawValue, $0.value.map { SecretText($0.pemText) }) }
        try await store.seal(Dictionary(uniqueKeysWithValues: secrets))
    }
}

extension KeyMaterial {
    fileprivate func hasRSAKey() throws(MaterialError) -> Bool {
        guard let own = chain.first else { throw MaterialError(.empty, detail: "no certificate") }
        return try ParsedCertificate(der: own).keyDescription.hasPrefix("RSA")
    }
}
