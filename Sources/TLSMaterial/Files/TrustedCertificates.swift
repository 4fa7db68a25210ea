/// The certificates by which a telephony client authenticates its server: a set, never a key.
///
/// Two values are equal when they hold the same certificates, in whatever order.
public struct TrustedCertificates: Hashable, Sendable {
    /// In the order in which they were given; never empty and without duplicates.
    public let certificates: [ParsedCertificate]

    /// Takes the certificates; throws `.empty`, and `.duplicate` when one is there twice.
    public init(_ certificates: [ParsedCertificate]) throws(MaterialError) {
        guard !certificates.isEmpty else { throw MaterialError(.empty, detail: "no certificate") }
        var seen: Set<ParsedCertificate> = []
        for certificate in certificates where !seen.insert(certificate).inserted {
            throw MaterialError(.duplicate, detail: "the certificate \(certificate.subject.short) is there twice")
        }
        self.certificates = certificates
    }

    /// Takes what a PKCS#12 file holds; throws `.privateKeyInside` when it holds a key, and as ``init(_:)``.
    public init(pkcs12 contents: PKCS12Contents) throws(MaterialError) {
        guard contents.keys.isEmpty else { throw CertificateFile.privateKeyInside }
        try self.init(contents.certificates)
    }

    /// Reads a file that a person gives: PEM, one DER certificate, or PKCS#12.
    ///
    /// Throws what ``CertificateFile/certificates(in:passPhrase:)`` throws, and as ``init(_:)``.
    public init(file bytes: [UInt8], passPhrase: String?) throws(MaterialError) {
        try self.init(try CertificateFile.certificates(in: bytes, passPhrase: passPhrase))
    }

    /// SHA-256 over the set, whatever its order: the same for two files that mean the same; lower-case hexadecimal.
    public var fingerprint: String {
        let members = certificates.map { DEREncoding.octetString(Array($0.fingerprint.utf8)) }
        return Fingerprint(of: DEREncoding.set(members)).text
    }

    public static func == (left: Self, right: Self) -> Bool { Set(left.certificates) == Set(right.certificates) }

    public func hash(into hasher: inout Hasher) { hasher.combine(Set(certificates)) }
}
