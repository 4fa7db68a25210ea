import Foundation

/// A request for a certificate with the key that it is for (PKCS#10, RFC 2986): what an outside CA gets of a phone.
///
/// The phone's key is made here and stays here; the request holds its public half only.
public struct CertificateRequest: Sendable {
    /// Whom the certificate shall be for.
    public let subject: DistinguishedName
    /// The request, DER.
    public let der: [UInt8]
    /// PKCS#8, DER; a secret.
    public let privateKey: [UInt8]
    /// SHA-256 of the SubjectPublicKeyInfo, lower-case hexadecimal, by which the certificate is known again.
    public let publicKeyFingerprint: String

    /// Makes a fresh key and a request for it that asks for a TLS server certificate.
    ///
    /// - Parameter values: what is known of the phone.
    /// - Throws: `.noValue` when the phone lacks a value that the policy asks for.
    public init(for values: PhoneValues, policy: AuthorityPolicy) throws(MaterialError) {
        subject = try policy.subject.subject(for: values)
        var names: [GeneralName] = []
        for pattern in policy.alternativeNames { names.append(try pattern.name(for: values)) }
        let key = try PrivateKey(policy.keyType)
        var template = CertificateIssuer.Template(
            subject: subject, notBefore: .distantPast, notAfter: .distantFuture, keyType: policy.keyType)
        template.subjectAlternativeNames = names
        template.hasKeyIdentifiers = false
        let assembly = CertificateAssembly(
            template: template, isCA: false, isRSA: key.isRSA, publicKey: key.publicKey, signer: key, issuer: subject)
        guard let der = try? assembly.request() else {
            throw MaterialError(.unsupportedKey, detail: "the request could not be signed")
        }
        self.der = der
        privateKey = key.pkcs8
        publicKeyFingerprint = Fingerprint(of: key.publicKey).text
    }

    /// PEM text with a final line break.
    public var pem: String { PEMText.block("CERTIFICATE REQUEST", der) }
}

extension CertificateRequest: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// For whom it is; never the key.
    public var description: String { "CertificateRequest(\(subject), private key redacted)" }
    /// As ``description``.
    public var debugDescription: String { description }
    /// Without the key, so that no dump shows it.
    public var customMirror: Mirror { Mirror(self, children: ["subject": subject.description]) }
}
