/// Makes certificates: for virtual phones, for rehearsals, for tests, and as the ground of the certificate authority.
public struct CertificateIssuer: Sendable {
    /// The CA's own certificate.
    public let certificate: ParsedCertificate
    /// The CA's key and its chain, own certificate first; for keeping.
    public let material: KeyMaterial

    private let key: PrivateKey

    /// Takes up a CA that was kept: its private key and its chain, own certificate first.
    ///
    /// Throws `.empty` without a certificate, `.unsupportedKey`, and `.damaged` when key and certificate do not belong
    /// together.
    public init(material: KeyMaterial) throws(MaterialError) {
        guard let own = material.chain.first else { throw MaterialError(.empty, detail: "no CA certificate") }
        certificate = try ParsedCertificate(der: own)
        key = try PrivateKey(pkcs8: material.privateKey)
        guard key.publicKey == certificate.content.publicKey.der else {
            throw MaterialError(
                .damaged, detail: "the private key does not belong to the certificate \(certificate.subject.short)")
        }
        self.material = material
    }

    private init(key: PrivateKey, chain: [[UInt8]]) throws {
        self.key = key
        certificate = try ParsedCertificate(der: chain[0])
        material = KeyMaterial(privateKey: key.pkcs8, chain: chain)
    }

    /// Makes a self-signed CA with a fresh key.
    public static func selfSigned(_ template: Template) throws -> CertificateIssuer {
        try selfSigned(template, key: try PrivateKey(template.keyType))
    }

    /// Makes a self-signed CA with a key of the caller, PKCS#8 DER.
    public static func selfSigned(_ template: Template, privateKey: [UInt8]) throws -> CertificateIssuer {
        try selfSigned(template, key: try PrivateKey(pkcs8: privateKey))
    }

    private static func selfSigned(_ template: Template, key: PrivateKey) throws -> CertificateIssuer {
        let assembly = CertificateAssembly(
            template: template, isCA: true, publicKey: key.publicKey, signer: key, issuer: template.subject)
        return try CertificateIssuer(key: key, chain: [try assembly.certificate()])
    }

    /// Issues a certificate with a fresh key; the chain is leaf + this CA + the CAs above it.
    public func issue(_ template: Template) throws -> KeyMaterial {
        try issue(template, key: try PrivateKey(template.keyType))
    }

    /// Issues a certificate for a key of the caller, PKCS#8 DER.
    public func issue(_ template: Template, privateKey: [UInt8]) throws -> KeyMaterial {
        try issue(template, key: try PrivateKey(pkcs8: privateKey))
    }

    private func issue(_ template: Template, key: PrivateKey) throws -> KeyMaterial {
        let leaf = try CertificateAssembly(
            template: template, isCA: false, isRSA: key.isRSA, publicKey: key.publicKey, signer: self.key,
            issuer: certificate.subject, issuerKeyIdentifier: certificate.content.extensions.subjectKeyIdentifier
        ).certificate()
        return KeyMaterial(privateKey: key.pkcs8, chain: [leaf] + material.chain)
    }

    /// Issues a CA below this one with a fresh key.
    public func issueCA(_ template: Template) throws -> CertificateIssuer {
        let key = try PrivateKey(template.keyType)
        let own = try certifyCA(template, publicKey: key.publicKey)
        return try CertificateIssuer(key: key, chain: [own] + material.chain)
    }

    /// Certifies the key of another CA (a cross certificate): same subject, same key, signed here.
    public func crossCertify(_ other: ParsedCertificate, _ template: Template) throws -> ParsedCertificate {
        try ParsedCertificate(der: try certifyCA(template, publicKey: other.content.publicKey.der))
    }

    private func certifyCA(_ template: Template, publicKey: [UInt8]) throws -> [UInt8] {
        try CertificateAssembly(
            template: template, isCA: true, publicKey: publicKey, signer: key, issuer: certificate.subject,
            issuerKeyIdentifier: certificate.content.extensions.subjectKeyIdentifier
        ).certificate()
    }
}
