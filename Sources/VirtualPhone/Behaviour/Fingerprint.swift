import Crypto

/// Fingerprints as the management interface writes them.
enum Fingerprint {
    /// SHA-256 of the bytes, lower-case hexadecimal.
    static func sha256(_ bytes: [UInt8]) -> String {
        HexText.of(SHA256.hash(data: bytes))
    }
}
