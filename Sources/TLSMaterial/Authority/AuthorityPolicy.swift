/// What an authority puts into the certificates that it issues.
public struct AuthorityPolicy: Hashable, Sendable {
    /// Whom the certificates are for; with placeholders each phone has its own subject.
    public var subject: SubjectPattern
    /// The extension is left away when there are none.
    public var alternativeNames: [AlternativeNamePattern]
    /// Which keys phones get.
    public var keyType: CertificateIssuer.KeyType
    /// How long a phone's certificate is valid, in days of 24 hours; see ``dayRange``.
    public var days: Int

    /// The validity of a phone's certificate where nothing else is said: below the 398 days that browsers accept.
    public static let usualDays = 397
    /// The validity of an authority's own certificate where nothing else is said.
    public static let usualAuthorityDays = 3_650
    /// What may be chosen for either.
    public static let dayRange = 1...7_300
    /// Certificates are valid from this many seconds before they are made, for clocks that are slow.
    static let backdating = 3_600.0

    /// Makes a policy with the usual values.
    public init(
        subject: SubjectPattern, alternativeNames: [AlternativeNamePattern] = [],
        keyType: CertificateIssuer.KeyType = .p256, days: Int = usualDays
    ) {
        self.subject = subject
        self.alternativeNames = alternativeNames
        self.keyType = keyType
        self.days = days
    }
}
