public import struct Foundation.Date

/// A file that a phone shall have, or shall have no longer, as one step of a phone's work.
///
/// Holds no secret: the content is named by a reference, and all else is public.
public struct WantedFile: Hashable, Sendable, Codable {
    public var kind: FileKind
    public var change: FileChange
    /// Names of the trust profiles under which the phone is authenticated once the change is made.
    ///
    /// They take the place of the phone's trust profiles, after a time in which both stand. Empty: the profiles of the
    /// phone stay, and the new chain must be good under one of them. Only for server key material.
    public var newTrust: [String]
    /// The trust profiles of the device itself before the change, to which a way back returns; nil when it has none and
    /// takes those of a group, its type or all.
    public internal(set) var ownTrust: [String]?
    /// The telephony servers whose chains were checked against the new set beforehand.
    public var telephony: [TelephonyCheck]

    public init(
        kind: FileKind, change: FileChange, newTrust: [String] = [], telephony: [TelephonyCheck] = []
    ) {
        self.kind = kind
        self.change = change
        self.newTrust = newTrust
        self.telephony = telephony
    }

    /// What is known of the wanted content; nil when the phone shall have none, or whatever it has.
    public var facts: FileFacts? {
        if case .transfer(_, let facts) = change { facts } else { nil }
    }

    mutating func replaceSecret(_ replacement: (SecretReference) throws -> SecretReference) rethrows {
        switch change {
        case .transfer(let reference, let facts): change = .transfer(try replacement(reference), facts)
        case .fetch(var fetch):
            fetch.password = try fetch.password.map(replacement)
            change = .fetch(fetch)
        case .delete, .read: break
        }
    }
}

/// What is to become of a file on a phone.
public enum FileChange: Hashable, Sendable, Codable {
    /// The phone shall have this content, an unencrypted PKCS#12 file (see ``SecretText/init(fileContent:)``).
    ///
    /// In a plan the reference is always a `sealed:` one.
    case transfer(SecretReference, FileFacts)
    /// The phone shall have none: it returns to its built-in key material, or to a telephony client that authenticates nobody.
    case delete
    /// The phone shall fetch the file by itself, or delete it; only over WPI.
    case fetch(FileFetch)
    /// Nothing is wanted: the file is read, and the result tells what the phone has.
    case read
}

/// What everybody may know of a file that a phone has or shall have.
public struct FileFacts: Hashable, Sendable, Codable {
    /// Of server key material the SHA-256 of the leaf certificate, as a handshake shows it; of a trusted set that over the
    /// set, whatever its order.
    ///
    /// Lower-case hexadecimal.
    public var fingerprint: String
    /// Subject DN of the leaf in RFC 4514 form; nil for a trusted set.
    public var subject: String?
    /// When the first of its certificates expires.
    public var notAfter: Date?
    /// Number of certificates.
    public var certificates: Int

    public init(fingerprint: String, subject: String? = nil, notAfter: Date? = nil, certificates: Int = 1) {
        self.fingerprint = fingerprint
        self.subject = subject
        self.notAfter = notAfter
        self.certificates = certificates
    }
}

/// A telephony server that a phone is configured for, and under which CA of the new set its chain is good.
public struct TelephonyCheck: Hashable, Sendable, Codable {
    /// Address and port.
    public var server: String
    /// Subject DN of the CA.
    public var authority: String

    public init(server: String, authority: String) {
        self.server = server
        self.authority = authority
    }
}
