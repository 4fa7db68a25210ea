/// What a binary file is, told from how it begins; BER's indefinite lengths are understood as well.
enum DERFileKind {
    case pkcs12, privateKey, pkcs7, other

    init(_ bytes: [UInt8]) {
        var reader = Beginning(bytes)
        guard reader.enter(0x30) else {
            self = .other
            return
        }
        if reader.isAt([0x02, 0x01, 0x03]) {
            // PFX: version 3, then a ContentInfo (RFC 7292 section 4).
            reader.skip(3)
            self = reader.enter(0x30) && reader.isAt(Self.pkcs7Arc) ? .pkcs12 : .other
        } else if reader.isAt(Self.pkcs7Arc) {
            self = .pkcs7
        } else if reader.isAt([0x02, 0x01, 0x00]) {
            // PKCS#8 has an algorithm next, PKCS#1 a large INTEGER.
            reader.skip(3)
            self = reader.isAt([0x30]) || reader.isAt([0x02]) ? .privateKey : .other
        } else if reader.isAt([0x02, 0x01, 0x01]) {
            // RFC 5915, or RFC 5958 with a public key.
            reader.skip(3)
            self = reader.isAt([0x04]) || reader.isAt([0x30]) ? .privateKey : .other
        } else {
            self = Self.isEncryptedKey(&reader) ? .privateKey : .other
        }
    }

    /// 1.2.840.113549.1.7, under which data and signed data lie.
    private static let pkcs7Arc: [UInt8] = [0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x07]
    private static let pkcs5Arc: [UInt8] = [0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x05]

    /// EncryptedPrivateKeyInfo begins with an algorithm of PKCS#5 (RFC 5958 section 3).
    private static func isEncryptedKey(_ reader: inout Beginning) -> Bool {
        reader.enter(0x30) && reader.isAt(pkcs5Arc)
    }

    /// A position in the first bytes of a file.
    private struct Beginning {
        private let bytes: [UInt8]
        private var position = 0

        init(_ bytes: [UInt8]) { self.bytes = bytes }

        func isAt(_ pattern: [UInt8]) -> Bool { bytes[min(position, bytes.count)...].starts(with: pattern) }

        mutating func skip(_ count: Int) { position += count }

        /// Steps over tag and length.
        mutating func enter(_ tag: UInt8) -> Bool {
            guard position + 1 < bytes.count, bytes[position] == tag else { return false }
            let length = bytes[position + 1]
            position += 2 + (length > 0x80 ? Int(length & 0x7F) : 0)
            return true
        }
    }
}
