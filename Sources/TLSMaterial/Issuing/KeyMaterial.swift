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

    /// Reads a PEM text with one private key and its certificates; as ``init(file:passPhrase:)``.
    public init(pem text: String) throws(MaterialError) {
        try self.init(file: Array(text.utf8), passPhrase: nil)
    }

    /// The private key (PKCS#8) and the chain as PEM; a secret.
    public var pemText: String {
        PEMText.block("PRIVATE KEY", privateKey) + chain.map { PEMText.block("CERTIFICATE", $0) }.joined()
    }

    /// Whether the private key belongs to the first certificate; throws when either cannot be read.
    public func keyMatchesLeaf() throws(MaterialError) -> Bool {
        guard let leaf = chain.first else { throw MaterialError(.empty, detail: "no certificate") }
        let certificate = try ParsedCertificate(der: leaf)
        return try PrivateKeyEncoding(privateKey).publicKey == certificate.content.publicKey.der
    }

    /// Whether the other means the same: the same private key, however it is encoded, and the same chain.
    ///
    /// Throws `.unsupportedKey` or `.damaged` when a key cannot be read.
    public func isSame(as other: KeyMaterial) throws(MaterialError) -> Bool {
        guard chain == other.chain else { return false }
        guard privateKey != other.privateKey else { return true }
        return try PrivateKeyEncoding(privateKey).pkcs8 == PrivateKeyEncoding(other.privateKey).pkcs8
    }

    /// SHA-256 over public key and chain, lower-case hexadecimal: the same for two files that mean the same.
    ///
    /// Says nothing about the private half, so it may be shown and stored. Throws as ``isSame(as:)``.
    public func fingerprint() throws(MaterialError) -> String {
        let key = try PrivateKeyEncoding(privateKey).publicKey
        return Fingerprint(of: DEREncoding.sequence(([key] + chain).map { DEREncoding.octetString($0) })).text
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
