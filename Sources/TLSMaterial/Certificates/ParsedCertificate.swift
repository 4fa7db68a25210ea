public import struct Foundation.Date

/// A certificate as it came from a handshake or a file: parsed under limits, nothing checked yet.
///
/// Copies share what was read, so a certificate is cheap to pass around, and so do certificates of the same bytes that
/// were read lately. Equality is that of the DER bytes.
public struct ParsedCertificate: Hashable, Sendable {
    /// The largest certificate that is read, in bytes.
    public static let sizeLimit = 65_536

    let content: CertificateContent

    /// Reads one X.509 certificate (RFC 5280 section 4.1) of version 1, 2 or 3.
    ///
    /// Throws `.tooLarge` above ``sizeLimit``, `.empty`, `.notACertificate` when it does not look like one at all,
    /// `.badName` and `.damaged`. Keys and signature algorithms of any kind are read; whether they will do is the
    /// verifier's matter.
    public init(der: [UInt8]) throws(MaterialError) {
        guard !der.isEmpty else { throw MaterialError(.empty, detail: "no bytes") }
        guard der.count <= Self.sizeLimit else {
            throw MaterialError(.tooLarge, detail: "a certificate of \(der.count) bytes; at most \(Self.sizeLimit)")
        }
        guard der.first == 0x30 else {
            throw MaterialError(.notACertificate, detail: "does not begin like a certificate")
        }
        content = try CertificateMemory.shared.content(of: der)
    }

    /// The bytes that were read.
    public var der: [UInt8] { content.der }
    /// Whom the certificate is for.
    public var subject: DistinguishedName { content.subject }
    /// Who is said to have signed it.
    public var issuer: DistinguishedName { content.issuer }
    /// The first moment at which it is valid.
    public var notBefore: Date { content.notBefore }
    /// The last moment at which it is valid.
    public var notAfter: Date { content.notAfter }
    /// The X.509 version: 1, 2 or 3.
    public var version: Int { content.version }
    /// The serial number in upper-case hexadecimal, as OpenSSL prints it.
    public var serialNumber: String { NameEscapes.hexadecimal(content.serialNumber) }
    /// SHA-256 of the DER, lower-case hexadecimal.
    public var fingerprint: String { content.digest.text }
    /// SHA-256 of the SubjectPublicKeyInfo, lower-case hexadecimal.
    public var publicKeyFingerprint: String { content.keyDigest.text }
    /// Subject equals issuer and the certificate's own key signed it.
    public var isSelfSigned: Bool {
        content.isSelfIssued && SignatureMemory.shared.isSigned(self, by: self)
    }
    /// The basic constraints say that it is a CA.
    public var isCA: Bool { content.extensions.basicConstraints?.isCA ?? false }
    /// For people: `RSA 2048`, `P-256`.
    public var keyDescription: String { content.publicKey.kind.description }
    /// For people: `ECDSA with SHA-256`.
    public var signatureDescription: String { content.signatureAlgorithm.description }

    /// PEM text with a final line break.
    public var pem: String { PEMText.block("CERTIFICATE", der) }

    public static func == (left: Self, right: Self) -> Bool {
        left.content === right.content || left.content.digest == right.content.digest
    }

    public func hash(into hasher: inout Hasher) { hasher.combine(content.digest) }
}
