import Synchronization

/// Remembers what certificates were read lately, since the same bytes always give the same fields.
///
/// All phones of a site present the same CAs, and a phone's own certificate comes by several times: when it is made, when
/// it is checked, in its file, and in a handshake. Nothing that depends on the time or on trust is kept.
final class CertificateMemory: Sendable {
    /// One for the process: pure facts may be shared by everybody.
    static let shared = CertificateMemory()

    /// Larger certificates are read each time, so that a stranger cannot fill the memory.
    private static let largestRemembered = 8_192

    /// The whole encoding: a table whose keys are the bytes themselves cannot mistake one certificate for another.
    private struct Encoding: Hashable {
        let bytes: [UInt8]

        func hash(into hasher: inout Hasher) {
            // All at once; an array feeds them one by one.
            bytes.withUnsafeBytes { hasher.combine(bytes: $0) }
        }
    }

    private let contents: Mutex<BoundedMemory<Encoding, CertificateContent>>

    /// - Parameter limit: how many certificates are kept at most.
    init(limit: Int = 2_048) { contents = Mutex(BoundedMemory(limit: limit)) }

    /// What the certificate holds; throws what ``CertificateContent`` throws.
    func content(of der: [UInt8]) throws(MaterialError) -> CertificateContent {
        guard der.count <= Self.largestRemembered else { return try CertificateContent(der: der) }
        let encoding = Encoding(bytes: der)
        if let known = contents.withLock({ $0.value(for: encoding) }) { return known }
        let content = try CertificateContent(der: der)
        contents.withLock { $0.insert(content, for: encoding) }
        return content
    }
}
