/// A private key with its certificate chain, as a TLS server uses it.
///
/// Its description is redacted; only ``pemText`` and ``privateKey`` give the key away.
public struct KeyMaterial: Sendable {
    /// PKCS#8, DER.
    public let privateKey: [UInt8]
    /// Leaf first, DER.
    public let chain: [[UInt8]]

    /// Takes the parts as they are; nothing is checked.
    public init(privateKey: [UInt8], chain: [[UInt8]]) {
        self.privateKey = privateKey
        self.chain = chain
    }

    /// Reads a PEM text with one private key and its certificates, the leaf before its CAs.
    ///
    /// Takes `PRIVATE KEY` (PKCS#8), `RSA PRIVATE KEY` and `EC PRIVATE KEY` blocks. Throws `.badPEM`, `.empty` when the
    /// key or the certificates are missing, `.unsupportedKey` for an encrypted key or a second one, `.tooLarge`, and
    /// what ``ParsedCertificate`` throws.
    public init(pem text: String) throws(MaterialError) {
        let bytes = Array(text.utf8)
        try CertificateFile.checkSize(bytes)
        var keys: [[UInt8]] = []
        var chain: [[UInt8]] = []
        for block in try PEMText.blocks(in: bytes) {
            if block.label.hasSuffix("PRIVATE KEY") {
                keys.append(try PrivateKeyFile.pkcs8(block))
            } else if CertificateFile.certificateLabels.contains(block.label) {
                chain.append(try ParsedCertificate(der: block.bytes).der)
            }
        }
        guard let key = keys.first else { throw MaterialError(.empty, detail: "no private key") }
        guard keys.count == 1 else {
            throw MaterialError(.unsupportedKey, detail: "\(keys.count) private keys; expected one")
        }
        guard !chain.isEmpty else { throw MaterialError(.empty, detail: "no certificate") }
        self.init(privateKey: key, chain: chain)
    }

    /// The private key (PKCS#8) and the chain as PEM; a secret.
    public var pemText: String {
        PEMText.block("PRIVATE KEY", privateKey) + chain.map { PEMText.block("CERTIFICATE", $0) }.joined()
    }

    /// Whether the private key belongs to the first certificate; throws when either cannot be read.
    public func keyMatchesLeaf() throws(MaterialError) -> Bool {
        guard let leaf = chain.first else { throw MaterialError(.empty, detail: "no certificate") }
        let certificate = try ParsedCertificate(der: leaf)
        return try PrivateKey(pkcs8: privateKey).publicKey == certificate.content.publicKey.der
    }
}

extension KeyMaterial: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// How many certificates there are; never the key.
    public var description: String { "KeyMaterial(private key redacted, \(chain.count) certificates)" }
    /// As ``description``.
    public var debugDescription: String { description }
    /// Without the key, so that no dump shows it.
    public var customMirror: Mirror { Mirror(self, children: ["certificates": chain.count]) }
}
