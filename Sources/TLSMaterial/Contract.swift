public import struct Foundation.Date

// The public face of this module; each type moves to a file of its own when it is written.

/// A certificate as it came from a handshake or a file: parsed under limits, nothing checked yet.
public struct ParsedCertificate: Hashable, Sendable {
    public let der: [UInt8]
    public var subject: DistinguishedName { fatalError("to be written") }
    public var issuer: DistinguishedName { fatalError("to be written") }
    public var notBefore: Date { fatalError("to be written") }
    public var notAfter: Date { fatalError("to be written") }
    /// SHA-256 of the DER, lower-case hexadecimal.
    public var fingerprint: String { fatalError("to be written") }
    /// SHA-256 of the SubjectPublicKeyInfo, lower-case hexadecimal.
    public var publicKeyFingerprint: String { fatalError("to be written") }
    /// Subject equals issuer and the certificate's own key signed it.
    public var isSelfSigned: Bool { fatalError("to be written") }
    public var isCA: Bool { fatalError("to be written") }
    /// For people: `RSA 2048`, `P-256`.
    public var keyDescription: String { fatalError("to be written") }
    /// PEM text with a final line break.
    public var pem: String { fatalError("to be written") }
    public init(der: [UInt8]) throws(MaterialError) { fatalError("to be written") }
}

/// A subject or issuer name, compared attribute by attribute as in RFC 5280 section 7.1.
public struct DistinguishedName: Hashable, Sendable, CustomStringConvertible {
    /// RFC 4514 form, for example `CN=optiPoint 410,O=Example`.
    public var description: String { fatalError("to be written") }
    /// Reads RFC 4514 form.
    public init(rfc4514 text: String) throws(MaterialError) { fatalError("to be written") }
}

/// A file or certificate that cannot be used, as a coded fact.
public struct MaterialError: Error, Hashable, Sendable {
    public enum Code: String, Hashable, Sendable, CaseIterable {
        case notACertificate, damaged, tooLarge, pkcs12, privateKeyInside, empty, badName, unsupportedKey, badPEM
    }
    public var code: Code
    public var detail: String
    public init(_ code: Code, detail: String) {
        self.code = code
        self.detail = detail
    }
}

/// Who a phone must be to be believed: a subject DN under a trusted CA.
public struct TrustProfile: Hashable, Sendable {
    public enum MinimumTLS: String, Hashable, Sendable, Comparable, CaseIterable {
        case v1_0 = "1.0", v1_1 = "1.1", v1_2 = "1.2", v1_3 = "1.3"
        public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
    }
    public var name: String
    public var subject: DistinguishedName
    public var anchors: [ParsedCertificate]
    public var minimumTLS: MinimumTLS
    public var allowsLegacy: Bool
    public var pin: String?
    public var allowsExpiredAnchor: Bool

    public init(
        name: String, subject: DistinguishedName, anchors: [ParsedCertificate], minimumTLS: MinimumTLS = .v1_2,
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
}

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
    public var reason: Reason
    /// What was seen, for people: which certificate, what was expected and what was got.
    public var detail: String
    public init(_ reason: Reason, detail: String) {
        self.reason = reason
        self.detail = detail
    }
}

/// A chain that a ``ChainVerifier`` accepted. Only the verifier makes one.
public struct VerifiedChain: Hashable, Sendable {
    /// Name of the profile that accepted it.
    public let profile: String
    /// Leaf first, anchor last.
    public let path: [ParsedCertificate]
    init(profile: String, path: [ParsedCertificate]) {
        self.profile = profile
        self.path = path
    }
}

/// Judges the chain that a phone presented against trust profiles.
public struct ChainVerifier: Sendable {
    public init() {}

    /// - Parameter chain: DER, the leaf first, then any order; untrusted bytes.
    public func verify(
        _ chain: [[UInt8]], against profile: TrustProfile, at time: Date
    ) throws(TrustFailure) -> VerifiedChain { fatalError("to be written") }

    /// The first profile that accepts wins; otherwise throws the failure of the profile that came furthest.
    public func verify(
        _ chain: [[UInt8]], againstAnyOf profiles: [TrustProfile], at time: Date
    ) throws(TrustFailure) -> VerifiedChain { fatalError("to be written") }
}

/// Reads the certificates of a PEM or DER file. Never traps on any input.
public enum CertificateFile {
    /// Throws `.pkcs12` (with the command that converts), `.privateKeyInside`, `.empty`, `.damaged`, `.tooLarge` (over 1 MiB).
    public static func certificates(in bytes: [UInt8]) throws(MaterialError) -> [ParsedCertificate] {
        fatalError("to be written")
    }
}

/// A private key with its certificate chain, as a TLS server uses it.
public struct KeyMaterial: Sendable {
    /// PKCS#8, DER.
    public let privateKey: [UInt8]
    /// Leaf first, DER.
    public let chain: [[UInt8]]
    public init(privateKey: [UInt8], chain: [[UInt8]]) {
        self.privateKey = privateKey
        self.chain = chain
    }
}

/// Makes certificates: for virtual phones, for rehearsals, for tests, and as the ground of the certificate authority.
public struct CertificateIssuer: Sendable {
    public enum KeyType: String, Hashable, Sendable, CaseIterable { case p256, rsa2048 }

    /// What a certificate shall say; the defaults make a sound TLS server certificate, the rest is for faulty ones.
    public struct Template: Sendable {
        public var subject: DistinguishedName
        public var notBefore: Date
        public var notAfter: Date
        public var keyType: KeyType
        public init(subject: DistinguishedName, notBefore: Date, notAfter: Date, keyType: KeyType = .p256) {
            self.subject = subject
            self.notBefore = notBefore
            self.notAfter = notAfter
            self.keyType = keyType
        }
    }

    /// The CA's own certificate.
    public var certificate: ParsedCertificate { fatalError("to be written") }
    /// Makes a self-signed CA.
    public static func selfSigned(_ template: Template) throws -> CertificateIssuer { fatalError("to be written") }
    /// Issues a server certificate with a fresh key; the chain is leaf + this CA.
    public func issue(_ template: Template) throws -> KeyMaterial { fatalError("to be written") }
}
