import TLSMaterial

/// The certificate with which a phone proves itself in secure mode.
enum ClientMaterial {
    /// Whether the bytes are unencrypted PKCS#12 with one private key and its certificate, which TLS can use.
    static func isUsable(_ file: [UInt8]) -> Bool {
        guard let material = try? KeyMaterial(pkcs12: PKCS12.decodeUnencrypted(file)),
            (try? material.keyMatchesLeaf()) == true
        else { return false }
        return (try? material.tlsParts()) != nil
    }
}
