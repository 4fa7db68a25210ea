import DeploymentModel
import DeploymentStore
import Foundation
import TLSMaterial

/// The certificate by which phones that call meet this program: one for an installation, its key sealed in the database.
///
/// Made at first use by an authority of its own, which is kept too: phones in secure mode trust that authority, so that the
/// certificate can be renewed without a word to them. An administrator's own certificate takes its place.
struct ServerIdentity: Sendable {
    /// Our own certificate that ends within so many seconds is renewed when it is next used.
    private static let renewalTime = 30.0 * 86_400

    /// Private key and chain, leaf first.
    var material: KeyMaterial
    var certificate: ParsedCertificate
    /// Made by our own authority, and not brought by the administrator.
    var isOurs: Bool

    init(_ material: KeyMaterial, isOurs: Bool) throws(MaterialError) {
        guard let leaf = material.chain.first else { throw MaterialError(.empty, detail: "no certificate") }
        certificate = try ParsedCertificate(der: leaf)
        self.material = material
        self.isOurs = isOurs
    }

    /// The topmost certificate of the chain, which phones in secure mode are to trust.
    var anchor: ParsedCertificate {
        material.chain.last.flatMap { try? ParsedCertificate(der: $0) } ?? certificate
    }

    /// The certificate of this installation; made where there is none, renewed where ours ends soon.
    static func current(in store: Store, at time: Date = Date()) async throws -> ServerIdentity {
        guard let kept = try await Slot.certificate.read(from: store) else {
            return try await make(in: store, at: time)
        }
        let authority = try await Slot.authority.read(from: store)
        let identity = try named { () throws(MaterialError) in
            try ServerIdentity(kept, isOurs: authority?.chain.last == kept.chain.last)
        }
        let isEnding = identity.certificate.notAfter < time + renewalTime
        return identity.isOurs && isEnding ? try await make(in: store, at: time) : identity
    }

    /// Makes and keeps a certificate, by the authority that is kept where there is one.
    ///
    /// - Parameters:
    ///   - keyType: the kind of a new authority's key and its own; nil for RSA-2048, because old firmware knows nothing
    ///     else, or what the authority that is kept has.
    ///   - names: the subject alternative names; this machine's name where there are none.
    static func make(
        in store: Store, keyType: CertificateIssuer.KeyType? = nil, names: [AlternativeNamePattern] = [],
        at time: Date = Date()
    ) async throws -> ServerIdentity {
        let kept = try await Slot.authority.read(from: store)
        let (identity, authority) = try named { () throws(MaterialError) in
            try issued(by: try Self.authority(kept, keyType, at: time), names, at: time)
        }
        try await Slot.authority.write(authority.material, to: store)
        try await Slot.certificate.write(identity.material, to: store)
        return identity
    }

    /// Keeps the administrator's own certificate and key.
    static func keep(_ material: KeyMaterial, in store: Store) async throws -> ServerIdentity {
        let identity = try named { () throws(MaterialError) in try ServerIdentity(material, isOurs: false) }
        try await Slot.certificate.write(material, to: store)
        return identity
    }

    private static func issued(
        by authority: CertificateAuthority, _ names: [AlternativeNamePattern], at time: Date
    ) throws(MaterialError) -> (ServerIdentity, CertificateAuthority) {
        let host = ProcessInfo.processInfo.hostName
        var alternatives: [GeneralName] = []
        for name in names { alternatives.append(try name.name(for: PhoneValues())) }
        let material = try authority.issue(
            subject: try DistinguishedName(relativeNames: [[.init(type: "CN", text: host)]]),
            alternatives.isEmpty ? [.dns(host)] : alternatives, at: time)
        return (try ServerIdentity(material, isOurs: true), authority)
    }

    /// The kept authority, unless another kind of key is wanted or it has ended; else a new one.
    private static func authority(
        _ kept: KeyMaterial?, _ keyType: CertificateIssuer.KeyType?, at time: Date
    ) throws(MaterialError) -> CertificateAuthority {
        let subject = try DistinguishedName(relativeNames: [[.init(type: "CN", text: "phonefleet server CA")]])
        var policy = AuthorityPolicy(subject: SubjectPattern(subject), keyType: keyType ?? .rsa2048)
        if let kept {
            let kind: CertificateIssuer.KeyType = try kept.hasRSAKey() ? .rsa2048 : .p256
            if keyType == nil || keyType == kind {
                policy.keyType = kind
                let authority = try CertificateAuthority(material: kept, policy: policy)
                if authority.certificate.notAfter > time + renewalTime { return authority }
            }
        }
        return try CertificateAuthority.make(
            subject: subject, keyType: policy.keyType, days: AuthorityPolicy.usualAuthorityDays, policy: policy,
            at: time)
    }

    private static func named<Value>(_ work: () throws(MaterialError) -> Value) throws(Fault) -> Value {
        do throws(MaterialError) { return try work() } catch { throw Fault(error, subject: "server certificate") }
    }

    /// Where key material is kept, sealed.
    private enum Slot: String {
        case certificate = "wpi-server/certificate"
        case authority = "wpi-server/authority"

        func read(from store: Store) async throws -> KeyMaterial? {
            guard try await store.secretNames().contains(rawValue) else { return nil }
            let secret = try await store.reveal(.sealed(rawValue))
            return try named { () throws(MaterialError) in try KeyMaterial(pem: secret.reveal()) }
        }

        func write(_ material: KeyMaterial, to store: Store) async throws {
            try await store.seal(SecretText(material.pemText), as: rawValue)
        }
    }
}

extension KeyMaterial {
    fileprivate func hasRSAKey() throws(MaterialError) -> Bool {
        guard let own = chain.first else { throw MaterialError(.empty, detail: "no certificate") }
        return try ParsedCertificate(der: own).keyDescription.hasPrefix("RSA")
    }
}
