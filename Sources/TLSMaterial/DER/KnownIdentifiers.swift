extension ObjectIdentifier {
    // Public keys and their curves (RFC 3279, RFC 5480, RFC 8410).
    static let rsaEncryption = ObjectIdentifier(1, 2, 840, 113549, 1, 1, 1)
    static let rsaPSS = ObjectIdentifier(1, 2, 840, 113549, 1, 1, 10)
    static let ecPublicKey = ObjectIdentifier(1, 2, 840, 10045, 2, 1)
    static let p256 = ObjectIdentifier(1, 2, 840, 10045, 3, 1, 7)
    static let p384 = ObjectIdentifier(1, 3, 132, 0, 34)
    static let p521 = ObjectIdentifier(1, 3, 132, 0, 35)
    static let ed25519 = ObjectIdentifier(1, 3, 101, 112)
    static let mgf1 = ObjectIdentifier(1, 2, 840, 113549, 1, 1, 8)

    // Extensions (RFC 5280 section 4.2.1).
    static let subjectKeyIdentifier = ObjectIdentifier(2, 5, 29, 14)
    static let keyUsage = ObjectIdentifier(2, 5, 29, 15)
    static let subjectAlternativeName = ObjectIdentifier(2, 5, 29, 17)
    static let issuerAlternativeName = ObjectIdentifier(2, 5, 29, 18)
    static let basicConstraints = ObjectIdentifier(2, 5, 29, 19)
    static let nameConstraints = ObjectIdentifier(2, 5, 29, 30)
    static let certificatePolicies = ObjectIdentifier(2, 5, 29, 32)
    static let authorityKeyIdentifier = ObjectIdentifier(2, 5, 29, 35)
    static let extendedKeyUsage = ObjectIdentifier(2, 5, 29, 37)

    // Attributes of requests (RFC 2985).
    static let extensionRequest = ObjectIdentifier(1, 2, 840, 113549, 1, 9, 14)

    // Extended key usages (RFC 5280 section 4.2.1.12).
    static let anyExtendedKeyUsage = ObjectIdentifier(2, 5, 29, 37, 0)
    static let serverAuthentication = ObjectIdentifier(1, 3, 6, 1, 5, 5, 7, 3, 1)
}
