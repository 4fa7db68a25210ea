/// A trust profile as it is stored and written to deployment files; the TLS parts parse and check it before use.
public struct TrustRecord: Hashable, Sendable, Codable {
    public var name: String
    /// Expected subject DN in RFC 4514 form; `{mac}`, `{number}`, `{type}` and `{ip}` stand for the phone's own, `{{` for a
    /// brace.
    public var subject: String
    /// Trusted CA certificates, PEM, one per entry.
    public var anchors: [String]
    /// `1.0`, `1.1`, `1.2` or `1.3`.
    public var minimumTLS: String
    /// Allows TLS below 1.2, SHA-1 and RSA below 2048 bits.
    ///
    /// Off unless a person switched it on.
    public var allowsLegacy: Bool
    /// SHA-256 of the leaf's public key (SubjectPublicKeyInfo), lower-case hexadecimal; nil = any.
    public var pin: String?
    /// Accepts an anchor whose validity has ended, because old phones outlive their built-in CA.
    public var allowsExpiredAnchor: Bool

    public init(
        name: String, subject: String, anchors: [String], minimumTLS: String = "1.2", allowsLegacy: Bool = false,
        pin: String? = nil, allowsExpiredAnchor: Bool = false
    ) {
        self.name = name
        self.subject = subject
        self.anchors = anchors
        self.minimumTLS = minimumTLS
        self.allowsLegacy = allowsLegacy
        self.pin = pin
        self.allowsExpiredAnchor = allowsExpiredAnchor
    }
}

/// To which phones a trust profile applies.
///
/// A device uses the profiles of its most specific scope that has any, in the order of `position`: device, then
/// group, then type, then all.
public struct TrustBinding: Hashable, Sendable, Codable {
    public enum Scope: Hashable, Sendable, Codable {
        case all
        case type(PhoneTypeID)
        case group(String)
        case device(DeviceID)
    }

    public var profile: String
    public var scope: Scope
    public var position: Int

    public init(profile: String, scope: Scope, position: Int = 0) {
        self.profile = profile
        self.scope = scope
        self.position = position
    }
}
