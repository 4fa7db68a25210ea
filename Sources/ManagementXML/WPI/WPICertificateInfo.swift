/// What a virtual phone tells of its web server's certificate (item `wbm-server-certificate-info`).
///
/// The form that real phones use is not public. This one is ours: `sha-256=<64 hexadecimal digits> size=<bytes>`, of the
/// PKCS#12 file that was written last; behind a blank, more may follow.
public struct WPICertificateInfo: Hashable, Sendable, CustomStringConvertible {
    /// SHA-256 of the file, lower-case hexadecimal.
    public var fingerprint: String
    public var size: Int

    public init(fingerprint: String, size: Int) {
        self.fingerprint = fingerprint
        self.size = size
    }

    /// Nil for anything but this form.
    public init?(parsing text: String) {
        let words = text.split(separator: " ", omittingEmptySubsequences: false)
        guard words.count >= 2, words[0].hasPrefix("sha-256="), words[1].hasPrefix("size=") else { return nil }
        var fingerprint = String(words[0].dropFirst(8))
        let isFingerprint = fingerprint.withUTF8 { bytes in Vocabulary.isFingerprint(bytes) }
        guard isFingerprint, let size = Int(words[1].dropFirst(5)), size >= 0 else { return nil }
        self.init(fingerprint: fingerprint, size: size)
    }

    public var description: String { "sha-256=\(fingerprint) size=\(size)" }
}
