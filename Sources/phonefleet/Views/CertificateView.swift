import Foundation
import TLSMaterial

/// A certificate as the command line shows it.
struct CertificateView: Encodable {
    var subject: String
    var issuer: String
    var notBefore: Date
    var notAfter: Date
    var key: String
    /// SHA-256 of the certificate.
    var fingerprint: String
    var isSelfSigned: Bool
    var isCA: Bool

    init(_ certificate: ParsedCertificate) {
        subject = certificate.subject.description
        issuer = certificate.issuer.description
        notBefore = certificate.notBefore
        notAfter = certificate.notAfter
        key = certificate.keyDescription
        fingerprint = certificate.fingerprint
        isSelfSigned = certificate.isSelfSigned
        isCA = certificate.isCA
    }
}
