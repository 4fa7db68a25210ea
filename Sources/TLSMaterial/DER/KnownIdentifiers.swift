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
    static let clientAuthentication = ObjectIdentifier(1, 3, 6, 1, 5, 5, 7, 3, 2)

    // PKCS#7 content types (RFC 2315 section 14).
    static let data = ObjectIdentifier(1, 2, 840, 113549, 1, 7, 1)
    static let signedData = ObjectIdentifier(1, 2, 840, 113549, 1, 7, 2)
    static let envelopedData = ObjectIdentifier(1, 2, 840, 113549, 1, 7, 3)
    static let encryptedData = ObjectIdentifier(1, 2, 840, 113549, 1, 7, 6)

    // Bags of PKCS#12 and what stands in and beside them (RFC 7292 section 4.2, RFC 2985 section 5.5).
    static let keyBag = ObjectIdentifier(1, 2, 840, 113549, 1, 12, 10, 1, 1)
    static let shroudedKeyBag = ObjectIdentifier(1, 2, 840, 113549, 1, 12, 10, 1, 2)
    static let certificateBag = ObjectIdentifier(1, 2, 840, 113549, 1, 12, 10, 1, 3)
    static let crlBag = ObjectIdentifier(1, 2, 840, 113549, 1, 12, 10, 1, 4)
    static let secretBag = ObjectIdentifier(1, 2, 840, 113549, 1, 12, 10, 1, 5)
    static let safeContentsBag = ObjectIdentifier(1, 2, 840, 113549, 1, 12, 10, 1, 6)
    static let x509Certificate = ObjectIdentifier(1, 2, 840, 113549, 1, 9, 22, 1)
    static let friendlyName = ObjectIdentifier(1, 2, 840, 113549, 1, 9, 20)
    static let localKeyID = ObjectIdentifier(1, 2, 840, 113549, 1, 9, 21)

    // Encryption under a pass phrase (RFC 8018 appendix A, RFC 7292 appendix C).
    static let pbkdf2 = ObjectIdentifier(1, 2, 840, 113549, 1, 5, 12)
    static let pbes2 = ObjectIdentifier(1, 2, 840, 113549, 1, 5, 13)
    static let pbmac1 = ObjectIdentifier(1, 2, 840, 113549, 1, 5, 14)
    static let scrypt = ObjectIdentifier(1, 3, 6, 1, 4, 1, 11591, 4, 11)
    static let pbeTripleDES = ObjectIdentifier(1, 2, 840, 113549, 1, 12, 1, 3)
    static let pbeTwoKeyTripleDES = ObjectIdentifier(1, 2, 840, 113549, 1, 12, 1, 4)
}
