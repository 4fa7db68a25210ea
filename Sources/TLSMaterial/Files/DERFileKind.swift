/// What a binary file is, told from how it begins; BER's indefinite lengths are understood as well.
enum DERFileKind {
    case pkcs12, privateKey, pkcs7, other

    init(_ bytes: [UInt8]) {
        var reader = Beginning(bytes)
        guard reader.enter(0x30) else {
            self = .other
            return
        }
        switch reader.take(0x02) {
        case [3]:
            // PFX: version 3, then a ContentInfo (RFC 7292 section 4).
            self = reader.enter(0x30) && reader.isContentType() ? .pkcs12 : .other
        case [0]:
            // PKCS#8 has an algorithm next, PKCS#1 a large INTEGER.
            self = reader.isAt(0x30) || reader.isAt(0x02) ? .privateKey : .other
        case [1]:
            // RFC 5915, or RFC 5958 with a public key.
            self = reader.isAt(0x04) || reader.isAt(0x30) ? .privateKey : .other
        case nil where reader.isContentType(): self = .pkcs7
        case nil: self = reader.enter(0x30) && reader.isPasswordMethod() ? .privateKey : .other
        default: self = .other
        }
    }

    /// A position in the first bytes of a file.
    private struct Beginning {
        private let bytes: [UInt8]
        private var position = 0

        init(_ bytes: [UInt8]) { self.bytes = bytes }

        func isAt(_ tag: UInt8) -> Bool { position < bytes.count && bytes[position] == tag }

        /// 1.2.840.113549.1.7, under which data and signed data lie.
        func isContentType() -> Bool { object([0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x07]) }

        /// EncryptedPrivateKeyInfo begins with a method of PKCS#5 or PKCS#12 (RFC 5958 section 3).
        func isPasswordMethod() -> Bool {
            object([0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x05])
                || object([0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x0C, 0x01])
        }

        private func object(_ arc: [UInt8]) -> Bool {
            var copy = self
            return copy.take(0x06)?.starts(with: arc) ?? false
        }

        /// Steps over tag and length.
        mutating func enter(_ tag: UInt8) -> Bool {
            guard position + 1 < bytes.count, bytes[position] == tag else { return false }
            let length = bytes[position + 1]
            position += 2 + (length > 0x80 ? Int(length & 0x7F) : 0)
            return true
        }

        /// The content of a short primitive value, which is stepped over; nil when something else is next.
        mutating func take(_ tag: UInt8) -> [UInt8]? {
            var copy = self
            guard copy.enter(tag), copy.position <= bytes.count else { return nil }
            let length = copy.position == position + 2 ? bytes[position + 1] : bytes[copy.position - 1]
            let end = copy.position + Int(length)
            guard length < 0x80, end <= bytes.count else { return nil }
            let content = bytes[copy.position..<end]
            position = end
            return Array(content)
        }
    }
}
