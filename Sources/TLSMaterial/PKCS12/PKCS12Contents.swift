/// What a PKCS#12 file holds, in the order of the file; nothing is checked but the form.
public struct PKCS12Contents: Sendable {
    /// A private key with what the file says about it.
    ///
    /// Its description is redacted.
    public struct PrivateKeyEntry: Sendable {
        /// PKCS#8, DER; a secret.
        public let privateKey: [UInt8]
        /// Joins the key to its certificate (RFC 2985 section 5.5.2).
        public let localKeyID: [UInt8]?
        /// A name for people.
        public let friendlyName: String?
    }

    /// A certificate with what the file says about it.
    public struct CertificateEntry: Sendable {
        /// The certificate.
        public let certificate: ParsedCertificate
        /// Joins the certificate to its key.
        public let localKeyID: [UInt8]?
        /// A name for people.
        public let friendlyName: String?
    }

    /// What the check value over the file (its MAC) said.
    public enum Integrity: Hashable, Sendable {
        /// The file has none.
        case none
        /// It was there and not looked at, for want of a pass phrase.
        case unchecked
        /// It was there and is right.
        case verified
    }

    /// The private keys.
    public var keys: [PrivateKeyEntry] = []
    /// The certificates.
    public var certificateEntries: [CertificateEntry] = []
    /// What the check value said; a wrong one is an error.
    public var integrity: Integrity = .none
    /// A part of the file was encrypted.
    public var wasEncrypted = false

    /// The certificates alone.
    public var certificates: [ParsedCertificate] { certificateEntries.map(\.certificate) }

    init() {}
}

extension PKCS12Contents.PrivateKeyEntry: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Never the key.
    public var description: String { "PrivateKeyEntry(private key redacted)" }
    /// As ``description``.
    public var debugDescription: String { description }
    /// Without the key, so that no dump shows it.
    public var customMirror: Mirror { Mirror(self, children: ["friendlyName": friendlyName as Any]) }
}
