import DeploymentModel
import DeploymentStore
import Foundation
import TLSMaterial

/// A certificate by which phones that call meet this program, with its key.
///
/// It comes from an authority of ours or from the administrator; where they are kept say ``ServerCertificates``.
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

    /// Whether a phone that believes by some authorities knows the one of this certificate.
    func isKnown(by authorities: Set<String>) -> Bool { authorities.contains(anchor.fingerprint) }

    /// Why no phone would believe it at a time, whatever it trusts; nil when phones that trust its authority do.
    func refusal(at time: Date) -> String? {
        guard let trusted = try? TrustedCertificates([anchor]) else { return "no certificate" }
        guard case .refused(let refusal) = trusted.judge(serverChain: material.chain, at: time) else { return nil }
        return refusal.failure.detail
    }

    // MARK: Making

    /// Our own certificate that ends within so many seconds is renewed when it is next used.
    private static let renewalTime = 30.0 * 86_400

    /// Ends soon, and its authority can make one that lasts longer.
    func isDue(at time: Date) -> Bool {
        isOurs && certificate.notAfter < time + Self.renewalTime
            && anchor.notAfter > max(certificate.notAfter, time)
    }

    /// Makes a certificate and keeps it nowhere.
    ///
    /// - Parameters:
    ///   - known: the authority that is kept; nil makes one.
    ///   - keyType: the kind of the authority's key and its own; nil for what the authority that is kept has, or RSA-2048,
    ///     because old firmware knows nothing else. Another kind than that of the authority makes a new authority.
    ///   - names: the subject alternative names; this machine's name where there are none.
    ///   - hasNewAuthority: also where the authority that is kept would do.
    static func issue(
        by known: KeyMaterial?, keyType: CertificateIssuer.KeyType? = nil, names: [AlternativeNamePattern] = [],
        hasNewAuthority: Bool = false, at time: Date = Date()
    ) throws(Fault) -> ServerIdentity {
        try named { () throws(MaterialError) in
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
        // Two that phones are to trust at the same time are told apart by their names.
        let name = "phonefleet server CA" + (known == nil ? "" : " " + Words.day(time))
        let subject = try DistinguishedName(relativeNames: [[.init(type: "CN", text: name)]])
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

    static func named<Value>(_ work: () throws(MaterialError) -> Value) throws(Fault) -> Value {
        do throws(MaterialError) { return try work() } catch { throw Fault(error, subject: "server certificate") }
    }
}

extension KeyMaterial {
    fileprivate func hasRSAKey() throws(MaterialError) -> Bool {
        guard let own = chain.first else { throw MaterialError(.empty, detail: "no certificate") }
        return try ParsedCertificate(der: own).keyDescription.hasPrefix("RSA")
    }
}
