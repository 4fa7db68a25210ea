public import struct Foundation.Date

/// A certificate authority of the user's own as it is stored; its key is sealed apart.
public struct AuthorityRecord: Hashable, Sendable {
    /// What it puts into the certificates of phones.
    public struct Policy: Hashable, Sendable, Codable {
        /// Subject DN in RFC 4514 form; `{mac}`, `{number}`, `{type}` and `{ip}` stand for the phone's own.
        public var subject: String
        /// `dns:NAME` or `ip:ADDRESS`, with the same placeholders.
        public var alternativeNames: [String]
        /// `p256` or `rsa2048`.
        public var keyType: String
        /// Validity of a certificate, in days.
        public var days: Int
        /// Whether the sealed key of a phone is kept after the phone was seen to hold it, for sending it again.
        public var keepsKeys: Bool

        public init(
            subject: String, alternativeNames: [String] = [], keyType: String, days: Int, keepsKeys: Bool = true
        ) {
            self.subject = subject
            self.alternativeNames = alternativeNames
            self.keyType = keyType
            self.days = days
            self.keepsKeys = keepsKeys
        }
    }

    public var name: String
    /// PEM, its own certificate first, then the CAs above it.
    public var chain: [String]
    /// Own certificates of earlier times that are still trusted, PEM, latest first.
    public var former: [String]
    /// Later keys of its own certified by earlier ones, PEM, latest first.
    public var cross: [String]
    public var policy: Policy
    /// Name of the trust profile by which its phones are authenticated.
    public var profile: String
    public var createdAt: Date

    public init(
        name: String, chain: [String], former: [String] = [], cross: [String] = [], policy: Policy, profile: String,
        createdAt: Date
    ) {
        self.name = name
        self.chain = chain
        self.former = former
        self.cross = cross
        self.policy = policy
        self.profile = profile
        self.createdAt = createdAt
    }
}

/// A certificate for phones that was issued here or came back from an outside CA.
public struct IssuedCertificate: Hashable, Sendable {
    /// What has become of it, told from what the phones were seen to have.
    public enum State: String, Hashable, Sendable, CaseIterable {
        /// Not yet seen on its phone.
        case issued
        /// Its phone has it, by read-back or by handshake.
        case held
        /// Its phone has a later one or is no longer on the list, or its key is no longer kept.
        case superseded
    }

    /// What a phone proves by it.
    public enum Purpose: String, Hashable, Sendable, CaseIterable {
        /// Who answers at its web server, and in the direct interface.
        case server
        /// Who calls (WPI, secure mode).
        case client
    }

    /// For whom it is.
    public enum Holder: Hashable, Sendable {
        case device(DeviceID)
        /// One certificate for any number of phones.
        case all
        /// A phone that is no longer on the list, or is another one now.
        case nobody

        /// The phone, where it is for just one.
        public var device: DeviceID? { if case .device(let id) = self { id } else { nil } }
    }

    /// SHA-256 of the certificate, lower-case hexadecimal.
    public var fingerprint: String
    /// SHA-256 of its SubjectPublicKeyInfo, under which its private key is sealed.
    public var keyFingerprint: String
    /// Name of the authority here; nil for an outside CA.
    public var authority: String?
    /// Upper-case hexadecimal.
    public var serial: String
    /// Subject DN, RFC 4514.
    public var subject: String
    public var notBefore: Date
    public var notAfter: Date
    public var holder: Holder
    /// DER, the certificate itself first.
    public var chain: [[UInt8]]
    /// Name of the trust profile that goes with it.
    public var profile: String
    public var issuedAt: Date
    /// A later certificate supersedes those with the same purpose only.
    public var purpose: Purpose
    /// Not looked at when it is saved.
    public var state: State
    /// Whether the private key is still kept; not looked at when it is saved.
    public var hasKey: Bool

    public init(
        fingerprint: String, keyFingerprint: String, authority: String?, serial: String, subject: String,
        notBefore: Date, notAfter: Date, holder: Holder, chain: [[UInt8]], profile: String, issuedAt: Date,
        purpose: Purpose = .server, state: State = .issued, hasKey: Bool = true
    ) {
        self.fingerprint = fingerprint
        self.keyFingerprint = keyFingerprint
        self.authority = authority
        self.serial = serial
        self.subject = subject
        self.notBefore = notBefore
        self.notAfter = notAfter
        self.holder = holder
        self.chain = chain
        self.profile = profile
        self.issuedAt = issuedAt
        self.purpose = purpose
        self.state = state
        self.hasKey = hasKey
    }
}

/// A request to an outside CA whose certificate has not come back yet; its key is sealed apart.
public struct PendingRequest: Hashable, Sendable {
    /// SHA-256 of the SubjectPublicKeyInfo, by which the certificate is known again.
    public var keyFingerprint: String
    public var device: DeviceID
    /// Subject DN, RFC 4514.
    public var subject: String
    /// What the subject was made from, for the trust profile.
    public var pattern: String
    public var createdAt: Date

    public init(keyFingerprint: String, device: DeviceID, subject: String, pattern: String, createdAt: Date) {
        self.keyFingerprint = keyFingerprint
        self.device = device
        self.subject = subject
        self.pattern = pattern
        self.createdAt = createdAt
    }
}

/// What was read back from a phone of one kind of file, or shown by it as the client that calls.
public struct HeldMaterial: Hashable, Sendable {
    /// Not a file that can be fetched: the certificate with which a phone in secure mode calls.
    public static let clientCertificate = FileKind("client-certificate")

    public var device: DeviceID
    public var kind: FileKind
    /// Of server key material the SHA-256 of the leaf certificate, of a trusted set that of the set.
    public var fingerprint: String
    /// Subject DN of the leaf, RFC 4514; nil for a trusted set.
    public var subject: String?
    /// When the first of its certificates expires; nil when not known.
    public var notAfter: Date?
    /// When it was read back.
    public var seenAt: Date

    public init(
        device: DeviceID, kind: FileKind, fingerprint: String, subject: String? = nil, notAfter: Date? = nil,
        seenAt: Date
    ) {
        self.device = device
        self.kind = kind
        self.fingerprint = fingerprint
        self.subject = subject
        self.notAfter = notAfter
        self.seenAt = seenAt
    }
}
