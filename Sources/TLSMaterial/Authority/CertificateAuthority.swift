public import Foundation

/// An authority of the user's own: makes the key material of phones as its policy says.
///
/// A value without state; whoever uses it keeps what was issued. Issuing may go on in many tasks at one time.
public struct CertificateAuthority: Sendable {
    /// What it puts into certificates.
    public var policy: AuthorityPolicy
    private let issuer: CertificateIssuer

    /// Takes up an authority that was kept: its key and its chain, own certificate first.
    ///
    /// Throws as ``CertificateIssuer/init(material:)``, and `.authority` when the certificate is none of a CA.
    public init(material: KeyMaterial, policy: AuthorityPolicy) throws(MaterialError) {
        try self.init(issuer: CertificateIssuer(material: material), policy: policy)
    }

    private init(issuer: CertificateIssuer, policy: AuthorityPolicy) throws(MaterialError) {
        guard issuer.certificate.isCA else {
            throw MaterialError(.authority, detail: "\(issuer.certificate.subject.short) is no CA")
        }
        self.issuer = issuer
        self.policy = policy
    }

    /// Makes a new authority with a fresh key and a self-signed certificate, below which no other CA may stand.
    ///
    /// - Parameters:
    ///   - days: how long its certificate is valid, in ``AuthorityPolicy/dayRange``.
    ///   - time: now.
    public static func make(
        subject: DistinguishedName, keyType: CertificateIssuer.KeyType, days: Int, policy: AuthorityPolicy,
        at time: Date
    ) throws(MaterialError) -> CertificateAuthority {
        let template = Self.authorityTemplate(subject, keyType, days, at: time)
        return try CertificateAuthority(issuer: signing { try .selfSigned(template) }, policy: policy)
    }

    /// Its own certificate.
    public var certificate: ParsedCertificate { issuer.certificate }
    /// Its key with its chain, own certificate first; a secret, for keeping.
    public var material: KeyMaterial { issuer.material }

    /// Issues key material with a fresh key for one phone; the chain is leaf, this CA, and the CAs above it.
    ///
    /// - Parameters:
    ///   - values: what is known of the phone.
    ///   - days: instead of the policy's.
    ///   - time: now.
    /// - Throws: `.noValue` when the phone lacks a value that the policy asks for, `.authority` when the authority's own
    ///   certificate has expired.
    public func issue(
        to values: PhoneValues, days: Int? = nil, at time: Date
    ) throws(MaterialError) -> KeyMaterial {
        var names: [GeneralName] = []
        for pattern in policy.alternativeNames { names.append(try pattern.name(for: values)) }
        return try issue(subject: try policy.subject.subject(for: values), names, days: days, at: time)
    }

    /// Issues key material with a fresh key for a subject of the caller, as ``issue(to:days:at:)`` does.
    ///
    /// - Parameter purpose: at which end of TLS it is shown.
    public func issue(
        subject: DistinguishedName, _ alternativeNames: [GeneralName] = [],
        for purpose: CertificateIssuer.Purpose = .server, days: Int? = nil, at time: Date
    ) throws(MaterialError) -> KeyMaterial {
        guard time < certificate.notAfter else {
            throw MaterialError(.authority, detail: "the authority's own certificate has expired")
        }
        let (first, last) = Self.validity(days ?? policy.days, at: time)
        // A certificate that outlives its issuer is worth nothing afterwards and hides when the renewal is due.
        var template = CertificateIssuer.Template(
            subject: subject, notBefore: max(first, certificate.notBefore),
            notAfter: min(last, certificate.notAfter), keyType: policy.keyType)
        template.subjectAlternativeNames = alternativeNames
        template.purpose = purpose
        let complete = template
        return try Self.signing { try issuer.issue(complete) }
    }

    /// Runs what signs; the library's own errors have no words for people.
    private static func signing<Value>(_ work: () throws -> Value) throws(MaterialError) -> Value {
        do {
            return try work()
        } catch let error as MaterialError {
            throw error
        } catch {
            throw MaterialError(.unsupportedKey, detail: "the certificate could not be signed")
        }
    }

    /// From a little before now, for so many days in all, the last second included.
    private static func validity(_ days: Int, at time: Date) -> (first: Date, last: Date) {
        let second = (time.timeIntervalSince1970 - AuthorityPolicy.backdating).rounded(.down)
        let days = min(max(days, AuthorityPolicy.dayRange.lowerBound), AuthorityPolicy.dayRange.upperBound)
        return (
            Date(timeIntervalSince1970: second), Date(timeIntervalSince1970: second + Double(days) * 86_400 - 1)
        )
    }

    private static func authorityTemplate(
        _ subject: DistinguishedName, _ keyType: CertificateIssuer.KeyType, _ days: Int, at time: Date
    ) -> CertificateIssuer.Template {
        let (first, last) = validity(days, at: time)
        var template = CertificateIssuer.Template(
            subject: subject, notBefore: first, notAfter: last, keyType: keyType)
        template.basicConstraints = .value(.init(isCA: true, pathLength: 0))
        return template
    }
}

extension CertificateAuthority {
    /// An authority with a new certificate of its own, and what ties it to the one before.
    public struct Renewal: Sendable {
        /// What issues from now on.
        public var authority: CertificateAuthority
        /// The new key certified by the old one, for those who know the old certificate only; nil with the same key.
        public var crossCertificate: ParsedCertificate?
    }

    /// Gives the authority a new certificate under its old name.
    ///
    /// With the same key everything that was issued stays good under the new certificate too. With a new key it is good
    /// under the old certificate only, so both must be trusted until all phones are changed.
    /// - Parameters:
    ///   - keyType: the kind of a new key; nil to keep the key.
    ///   - days: how long the new certificate is valid, in ``AuthorityPolicy/dayRange``.
    ///   - time: now.
    /// - Throws: `.authority` for an authority that another one certified, which alone can renew it.
    public func renewed(
        newKey keyType: CertificateIssuer.KeyType?, days: Int, at time: Date
    ) throws(MaterialError) -> Renewal {
        guard certificate.isSelfSigned else {
            throw MaterialError(
                .authority, detail: "\(certificate.subject.short) was issued by \(certificate.issuer.short)")
        }
        let template = Self.authorityTemplate(certificate.subject, keyType ?? .p256, days, at: time)
        guard keyType != nil else {
            let issuer = try Self.signing {
                try CertificateIssuer.selfSigned(template, privateKey: material.privateKey)
            }
            return Renewal(authority: try CertificateAuthority(issuer: issuer, policy: policy))
        }
        let issuer = try Self.signing { try CertificateIssuer.selfSigned(template) }
        var cross = template
        cross.notAfter = min(template.notAfter, certificate.notAfter)
        let complete = cross
        return Renewal(
            authority: try CertificateAuthority(issuer: issuer, policy: policy),
            crossCertificate: try Self.signing { try self.issuer.crossCertify(issuer.certificate, complete) })
    }
}
