/// Who a phone must be to be believed: a subject DN under a trusted CA.
public struct TrustProfile: Hashable, Sendable {
    /// The oldest TLS version that a connection under a profile may use.
    public enum MinimumTLS: String, Hashable, Sendable, Comparable, CaseIterable {
        case v1_0 = "1.0", v1_1 = "1.1", v1_2 = "1.2", v1_3 = "1.3"
        public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
    }

    /// How people call the profile.
    public var name: String
    /// The subject that the phone's certificate must have, compared as RFC 5280 section 7.1 says.
    ///
    /// With placeholders each phone must have its own; then no chain is accepted before ``resolved(for:)`` said which
    /// phone is meant.
    public var subject: SubjectPattern
    /// The certificates under one of which the chain must end; each may be a CA or the phone's own certificate.
    public var anchors: [ParsedCertificate]
    /// The oldest TLS version.
    public var minimumTLS: MinimumTLS
    /// Accepts SHA-1 signatures and RSA keys from 1024 bits; MD5 and smaller keys are never accepted.
    public var allowsLegacy: Bool
    /// SHA-256 of the leaf's SubjectPublicKeyInfo in hexadecimal; case, colons and spaces play no part.
    public var pin: String?
    /// Accepts an anchor after its last day; what was decided to be trusted stays so, only leaf and intermediates must
    /// be fresh.
    public var allowsExpiredAnchor: Bool

    /// Makes a profile for phones that all have one subject; the defaults are the strict ones.
    public init(
        name: String, subject: DistinguishedName, anchors: [ParsedCertificate], minimumTLS: MinimumTLS = .v1_2,
        allowsLegacy: Bool = false, pin: String? = nil, allowsExpiredAnchor: Bool = false
    ) {
        self.init(
            name: name, subject: SubjectPattern(subject), anchors: anchors, minimumTLS: minimumTLS,
            allowsLegacy: allowsLegacy, pin: pin, allowsExpiredAnchor: allowsExpiredAnchor)
    }

    /// Makes a profile; the defaults are the strict ones.
    public init(
        name: String, subject: SubjectPattern, anchors: [ParsedCertificate], minimumTLS: MinimumTLS = .v1_2,
        allowsLegacy: Bool = false, pin: String? = nil, allowsExpiredAnchor: Bool = false
    ) {
        self.name = name
        self.subject = subject
        self.anchors = anchors
        self.minimumTLS = minimumTLS
        self.allowsLegacy = allowsLegacy
        self.pin = pin
        self.allowsExpiredAnchor = allowsExpiredAnchor
    }

    /// The profile as it is for one phone, with the phone's own subject in place of the pattern.
    ///
    /// Throws `.noValue` when the phone lacks a value that the pattern asks for; then this profile cannot tell whether
    /// the phone is the right one.
    public func resolved(for values: PhoneValues) throws(MaterialError) -> TrustProfile {
        guard subject.fixedSubject == nil else { return self }
        var resolved = self
        resolved.subject = SubjectPattern(try subject.subject(for: values))
        return resolved
    }

    /// Whether a connection of this TLS version (`1.0` to `1.3`) may be used; an unknown version may not.
    public func permits(tlsVersion: String?) -> Bool {
        tlsVersion.flatMap(MinimumTLS.init(rawValue:)).map { $0 >= minimumTLS } ?? false
    }
}
