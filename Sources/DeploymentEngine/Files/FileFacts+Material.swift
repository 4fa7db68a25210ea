public import DeploymentModel
public import TLSMaterial

extension FileFacts {
    /// What everybody may know of server key material.
    ///
    /// - Throws: ``MaterialError`` when its leaf is no certificate, or it has none.
    public init(_ material: KeyMaterial) throws(MaterialError) {
        var certificates: [ParsedCertificate] = []
        for der in material.chain { certificates.append(try ParsedCertificate(der: der)) }
        guard let leaf = certificates.first else { throw MaterialError(.empty, detail: "no certificate") }
        self.init(
            fingerprint: leaf.fingerprint, subject: leaf.subject.description,
            notAfter: certificates.map(\.notAfter).min(), certificates: certificates.count)
    }
}

extension FileFacts {
    /// What everybody may know of a set of trusted certificates.
    public init(_ set: TrustedCertificates) {
        self.init(
            fingerprint: set.fingerprint, notAfter: set.certificates.map(\.notAfter).min(),
            certificates: set.certificates.count)
    }
}
