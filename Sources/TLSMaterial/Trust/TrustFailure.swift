/// Why a chain was not believed.
public struct TrustFailure: Error, Hashable, Sendable {
    /// The raw value is the status code that people see.
    public enum Reason: String, Hashable, Sendable, CaseIterable {
        case noCertificate = "tls.no-certificate"
        case badCertificate = "tls.bad-certificate"
        case unknownIssuer = "tls.unknown-issuer"
        case chainIncomplete = "tls.chain-incomplete"
        case wrongSubject = "tls.wrong-subject"
        case expired = "tls.expired"
        case notYetValid = "tls.not-yet-valid"
        case anchorExpired = "tls.anchor-expired"
        case badSignature = "tls.bad-signature"
        case issuerNotCA = "tls.issuer-not-ca"
        case pathTooLong = "tls.path-too-long"
        case keyUsage = "tls.key-usage"
        case extendedKeyUsage = "tls.extended-key-usage"
        case nameConstraints = "tls.name-constraints"
        case unknownCriticalExtension = "tls.unknown-critical-extension"
        case weakKey = "tls.weak-key"
        case weakDigest = "tls.weak-digest"
        case pinMismatch = "tls.pin-mismatch"
    }

    /// The longest detail, in characters.
    public static let detailLimit = 300

    /// What is wrong.
    public var reason: Reason
    /// What was seen, for people: which certificate, what was expected and what was got; at most ``detailLimit``
    /// characters.
    public var detail: String

    /// Makes a failure; a detail that is too long is cut.
    public init(_ reason: Reason, detail: String) {
        self.reason = reason
        self.detail = Self.cut(detail, to: Self.detailLimit)
    }

    /// The text, or its beginning and an ellipsis.
    static func cut(_ text: String, to limit: Int) -> String {
        text.count <= limit ? text : text.prefix(limit - 1) + "\u{2026}"
    }
}
