import Synchronization

/// A private key in the form in which it is kept and sent, with its public half: what holds of the bytes alone.
///
/// Loading a key into the cryptographic library is dear beside everything else that is done with a file, and the same
/// key comes by several times on its way to a phone. What is remembered gives no key away: of the private half just
/// its SHA-256.
struct PrivateKeyEncoding {
    /// PKCS#8 as this program writes it; the same key has the same bytes.
    let pkcs8: [UInt8]
    /// SubjectPublicKeyInfo.
    let publicKey: [UInt8]

    private static let publicHalves = Mutex(BoundedMemory<Fingerprint, [UInt8]>(limit: 2_048))

    /// Reads PKCS#8 in whatever form; throws as ``PrivateKey/init(pkcs8:)``.
    init(_ der: [UInt8]) throws(MaterialError) {
        let digest = Fingerprint(of: der)
        if let known = Self.publicHalves.withLock({ $0.value(for: digest) }) {
            pkcs8 = der
            publicKey = known
            return
        }
        let key = try PrivateKey(pkcs8: der)
        let (usual, publicHalf) = (key.pkcs8, key.publicKey)
        pkcs8 = usual
        publicKey = publicHalf
        // In any other form it would not be its own usual one.
        guard usual == der else { return }
        Self.publicHalves.withLock { $0.insert(publicHalf, for: digest) }
    }
}
