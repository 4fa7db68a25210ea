/// Which keys and digests are strong enough.
enum KeyStrength {
    /// What is wrong with the key, or nil.
    static func problem(_ certificate: ParsedCertificate, allowsLegacy: Bool) -> String? {
        switch certificate.content.publicKey.kind {
        case .p256, .p384, .p521, .ed25519: return nil
        case .other(let name): return "a \(name), which cannot be used"
        case .rsa(let bits):
            let least = allowsLegacy ? VerificationKey.smallestRSA : 2048
            if bits < least { return "an RSA key of \(bits) bits; at least \(least)" }
            return bits > VerificationKey.largestRSA
                ? "an RSA key of \(bits) bits; at most \(VerificationKey.largestRSA)" : nil
        }
    }

    /// True for a digest that the profile does not accept.
    static func isWeak(_ digest: DigestKind?, allowsLegacy: Bool) -> Bool {
        switch digest {
        case .md2, .md5: true
        case .sha1: !allowsLegacy
        case .sha256, .sha384, .sha512, nil: false
        }
    }
}
