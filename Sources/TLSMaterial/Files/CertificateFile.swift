/// Reads the certificates of a PEM or DER file; never traps on any input.
public enum CertificateFile {
    /// The largest file that is read, in bytes.
    public static let sizeLimit = 1_048_576

    static let certificateLabels: Set<String> = ["CERTIFICATE", "X509 CERTIFICATE", "X.509 CERTIFICATE"]

    /// All certificates of the file in their order: PEM (any number of blocks, any text around them), one DER
    /// certificate, or PKCS#12.
    ///
    /// Throws `.empty`, `.tooLarge` (over ``sizeLimit``), `.privateKeyInside` for a file that holds a private key (a
    /// trust file must not), `.badPEM`, `.notACertificate`, `.damaged`, `.badName`, and what
    /// ``PKCS12/decode(_:passPhrase:)`` throws.
    public static func certificates(
        in bytes: [UInt8], passPhrase: String? = nil
    ) throws(MaterialError) -> [ParsedCertificate] {
        try certificates(in: bytes, EncryptedParts(passPhrase, command: EncryptedParts.pkcs12Command))
    }

    static func certificates(
        in bytes: [UInt8], _ parts: EncryptedParts
    ) throws(MaterialError) -> [ParsedCertificate] {
        try checkSize(bytes)
        guard bytes.contains(where: { $0 > 0x20 }) else { throw MaterialError(.empty, detail: "the file is empty") }
        if bytes.first != 0x30 || PEMText.isPEM(bytes) {
            guard PEMText.isPEM(bytes) else {
                throw MaterialError(.notACertificate, detail: "neither a PEM nor a DER file")
            }
            return try certificates(inPEM: bytes)
        }
        switch DERFileKind(bytes) {
        case .pkcs12:
            let contents = try PKCS12.decode(bytes, parts)
            guard contents.keys.isEmpty else { throw privateKeyInside }
            guard !contents.certificates.isEmpty else {
                throw MaterialError(.empty, detail: "no certificate in the file")
            }
            return contents.certificates
        case .privateKey: throw privateKeyInside
        case .pkcs7: throw pkcs7
        case .other: return [try ParsedCertificate(der: bytes)]
        }
    }

    static func checkSize(_ bytes: [UInt8]) throws(MaterialError) {
        guard bytes.count <= sizeLimit else {
            throw MaterialError(.tooLarge, detail: "a file of \(bytes.count) bytes; at most \(sizeLimit)")
        }
    }

    private static func certificates(inPEM bytes: [UInt8]) throws(MaterialError) -> [ParsedCertificate] {
        let blocks = try PEMText.blocks(in: bytes)
        guard !blocks.contains(where: { $0.label.hasSuffix("PRIVATE KEY") }) else { throw privateKeyInside }
        var certificates: [ParsedCertificate] = []
        for (index, block) in blocks.enumerated() {
            if block.label == "PKCS7" || block.label == "CMS" { throw pkcs7 }
            guard certificateLabels.contains(block.label) else { continue }
            do {
                certificates.append(try ParsedCertificate(der: block.bytes))
            } catch {
                throw MaterialError(error.code, detail: "block \(index + 1): \(error.detail)")
            }
        }
        guard !certificates.isEmpty else {
            let labels = blocks.prefix(3).map { $0.label.prefix(40) }.joined(separator: ", ")
            throw MaterialError(.empty, detail: "no certificate in the file, only \(labels)")
        }
        return certificates
    }

    static var pkcs7: MaterialError {
        let command = "openssl pkcs7 -in FILE -inform DER -print_certs -out FILE.pem"
        return MaterialError(
            .notACertificate, detail: "a PKCS#7 file; take the certificates out of it with: \(command)")
    }

    static var privateKeyInside: MaterialError {
        MaterialError(.privateKeyInside, detail: "the file holds a private key")
    }
}
