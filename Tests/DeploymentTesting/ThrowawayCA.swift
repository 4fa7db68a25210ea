public import Foundation
public import TLSMaterial

/// A certificate authority that lives as long as a test.
public struct ThrowawayCA: Sendable {
    public let issuer: CertificateIssuer
    private let start: Date
    private let end: Date

    /// Valid for a day around `now`.
    public init(
        subject: String = "CN=Throw-away CA", keyType: CertificateIssuer.KeyType = .p256, now: Date = Date()
    ) throws {
        start = now.addingTimeInterval(-43200)
        end = now.addingTimeInterval(43200)
        issuer = try CertificateIssuer.selfSigned(
            CertificateIssuer.Template(
                subject: try DistinguishedName(rfc4514: subject), notBefore: start, notAfter: end, keyType: keyType))
    }

    /// Key material of a server: leaf and this CA.
    public func issue(_ subject: String, keyType: CertificateIssuer.KeyType = .p256) throws -> KeyMaterial {
        try issuer.issue(
            CertificateIssuer.Template(
                subject: try DistinguishedName(rfc4514: subject), notBefore: start, notAfter: end, keyType: keyType))
    }
    /// Server key material as phones take it: leaf and this CA in an unencrypted PKCS#12 file.
    public func keyMaterialFile(_ subject: String, keyType: CertificateIssuer.KeyType = .p256) throws -> [UInt8] {
        try PKCS12.encode(try issue(subject, keyType: keyType))
    }

    /// This CA as the only trusted certificate, in a PKCS#12 file.
    public func trustedFile() throws -> [UInt8] {
        try PKCS12.encode(try TrustedCertificates([issuer.certificate]))
    }

    /// What believes the servers of this CA with this subject.
    public func profile(_ subject: String, name: String = "throw-away") throws -> TrustProfile {
        TrustProfile(
            name: name, subject: try DistinguishedName(rfc4514: subject), anchors: [issuer.certificate])
    }
}
