extension KeyMaterial {
    /// How many certificates may stand beside a key in a file.
    static let certificateLimit = 100

    /// Takes the key of a PKCS#12 file and the chain that belongs to it.
    ///
    /// The leaf is the certificate with the key's public half, the one with its localKeyID if there are several. The
    /// chain is put in order from leaf to root; certificates that are not on that path are left out. Throws `.empty`
    /// without key or certificate, `.severalKeys`, `.unsupportedKey`, and `.keyMismatch` when no certificate belongs to
    /// the key.
    public init(pkcs12 contents: PKCS12Contents) throws(MaterialError) {
        let candidates = contents.certificateEntries
        guard let entry = contents.keys.first else { throw MaterialError(.empty, detail: "no private key") }
        let leaves = candidates.filter { $0.localKeyID != nil && $0.localKeyID == entry.localKeyID }
        let others = candidates.filter { $0.localKeyID == nil || $0.localKeyID != entry.localKeyID }
        try self.init(
            keys: contents.keys.map(\.privateKey), certificates: (leaves + others).map(\.certificate))
    }

    /// Reads a file that a person gives: PKCS#12, or PEM with the blocks in any order.
    ///
    /// The pass phrase is for an encrypted PKCS#12 file or an `ENCRYPTED PRIVATE KEY`. Throws as
    /// ``init(pkcs12:)``, ``PKCS12/decode(_:passPhrase:)`` and ``CertificateFile/certificates(in:passPhrase:)``.
    public init(file bytes: [UInt8], passPhrase: String?) throws(MaterialError) {
        try self.init(file: bytes, passPhrase: passPhrase, budget: .standard)
    }

    /// With a limit on the work that the file may ask for.
    init(file bytes: [UInt8], passPhrase: String?, budget: RoundBudget) throws(MaterialError) {
        try CertificateFile.checkSize(bytes)
        if PEMText.isPEM(bytes) {
            let parts = EncryptedParts(passPhrase, command: EncryptedParts.keyCommand, budget: budget)
            try self.init(pem: bytes, parts)
        } else if DERFileKind(bytes) == .pkcs12 {
            let parts = EncryptedParts(passPhrase, command: EncryptedParts.pkcs12Command, budget: budget)
            try self.init(pkcs12: try PKCS12.decode(bytes, parts))
        } else {
            throw Self.unusable(bytes)
        }
    }

    /// Takes parts that were read.
    ///
    /// - Parameter certificates: the leaf is looked for in this order; may hold a certificate twice.
    init(keys: [[UInt8]], certificates: [ParsedCertificate]) throws(MaterialError) {
        guard let first = keys.first else { throw MaterialError(.empty, detail: "no private key") }
        guard Set(keys).count == 1 else {
            throw MaterialError(.severalKeys, detail: "\(keys.count) private keys; expected one")
        }
        guard !certificates.isEmpty else { throw MaterialError(.empty, detail: "no certificate") }
        // Putting many of one name in order would take many signature checks.
        guard certificates.count <= Self.certificateLimit else {
            throw MaterialError(
                .tooLarge, detail: "\(certificates.count) certificates; at most \(Self.certificateLimit)")
        }
        let key = try PrivateKeyEncoding(first)
        guard let leaf = certificates.first(where: { $0.content.publicKey.der == key.publicKey }) else {
            let seen = certificates.prefix(3).map(\.subject.short).joined(separator: ", ")
            throw MaterialError(.keyMismatch, detail: "the private key belongs to none of the certificates (\(seen))")
        }
        let chain = ChainOrder.chain(from: leaf, among: certificates)
        self.init(privateKey: key.pkcs8, chain: chain.map(\.der))
    }

    private init(pem bytes: [UInt8], _ parts: EncryptedParts) throws(MaterialError) {
        var parts = parts
        var keys: [[UInt8]] = []
        var certificates: [ParsedCertificate] = []
        for block in try PEMText.blocks(in: bytes) {
            if block.label.hasSuffix("PRIVATE KEY") {
                keys.append(try PrivateKeyFile.pkcs8(block, &parts))
            } else if CertificateFile.certificateLabels.contains(block.label) {
                certificates.append(try ParsedCertificate(der: block.bytes))
            }
        }
        try self.init(keys: keys, certificates: certificates)
    }

    private static func unusable(_ bytes: [UInt8]) -> MaterialError {
        switch DERFileKind(bytes) {
        case .privateKey:
            let hint = "put key and certificates into one PEM file: openssl pkey -in KEY -inform DER -out FILE.pem"
            return MaterialError(
                .empty, detail: "a private key without its certificates; \(hint), then append the certificates as PEM")
        case .pkcs7: return CertificateFile.pkcs7
        case .pkcs12, .other:
            guard bytes.contains(where: { $0 > 0x20 }) else {
                return MaterialError(.empty, detail: "the file is empty")
            }
            guard (try? ParsedCertificate(der: bytes)) == nil else {
                return MaterialError(.empty, detail: "a certificate without its private key")
            }
            return MaterialError(.damaged, detail: "neither a PEM nor a PKCS#12 file")
        }
    }
}
