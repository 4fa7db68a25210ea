/// Which bytes and code points may stand in XML 1.0 (section 2.2), in forms that cost little per byte.
enum XMLCharacters {
    private static let highBits: UInt64 = 0x8080_8080_8080_8080
    private static let spaces: UInt64 = 0x2020_2020_2020_2020

    static func isWhitespace(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x0A || byte == 0x09 || byte == 0x0D
    }

    static func isNameStart(_ byte: UInt8) -> Bool {
        (byte | 0x20) &- 0x61 < 26 || byte == 0x5F
    }

    static func isNameByte(_ byte: UInt8) -> Bool {
        isNameStart(byte) || byte &- 0x30 < 10 || byte == 0x2D || byte == 0x2E
    }

    /// The production `Char`.
    static func isLegal(_ scalar: UInt32) -> Bool {
        switch scalar {
        case 0x20...0xD7FF, 0x09, 0x0A, 0x0D, 0xE000...0xFFFD, 0x1_0000...0x10_FFFF: true
        default: false
        }
    }

    static func allLegal(_ text: String) -> Bool {
        var text = text
        return text.withUTF8 { bytes in firstIllegal(in: bytes) == nil }
    }

    /// Where the first byte stands that begins no legal character in UTF-8; nil when all of it is well-formed.
    static func firstIllegal(in bytes: UnsafeBufferPointer<UInt8>) -> Int? {
        guard let base = UnsafeRawPointer(bytes.baseAddress) else { return nil }
        var position = 0
        while position < bytes.count {
            if position + 8 <= bytes.count {
                let word = base.loadUnaligned(fromByteOffset: position, as: UInt64.self)
                // Eight bytes of printable ASCII at once: no high bit, and no borrow below a space.
                if (word | (word &- spaces)) & highBits == 0 {
                    position += 8
                    continue
                }
            }
            let length = lengthOfLegal(at: position, in: bytes)
            guard length > 0 else { return position }
            position += length
        }
        return nil
    }

    /// The bytes of the legal character at `position`; 0 when there is none (RFC 3629 section 4).
    private static func lengthOfLegal(at position: Int, in bytes: UnsafeBufferPointer<UInt8>) -> Int {
        let first = bytes[position]
        if first < 0x80 { return first >= 0x20 || isWhitespace(first) ? 1 : 0 }
        func tail(_ offset: Int) -> UInt32? {
            guard position + offset < bytes.count, bytes[position + offset] & 0xC0 == 0x80 else { return nil }
            return UInt32(bytes[position + offset] & 0x3F)
        }
        switch first {
        case 0xC2...0xDF: return tail(1) == nil ? 0 : 2
        case 0xE0...0xEF:
            guard let second = tail(1), let third = tail(2) else { return 0 }
            let scalar = UInt32(first & 0x0F) << 12 | second << 6 | third
            return scalar >= 0x800 && isLegal(scalar) ? 3 : 0
        case 0xF0...0xF4:
            guard let second = tail(1), let third = tail(2), let fourth = tail(3) else { return 0 }
            let scalar = UInt32(first & 0x07) << 18 | second << 12 | third << 6 | fourth
            return scalar >= 0x1_0000 && isLegal(scalar) ? 4 : 0
        default: return 0
        }
    }

    /// Converts ISO-8859-1 to UTF-8.
    static func utf8(fromLatin1 bytes: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count + bytes.count / 8)
        for byte in bytes {
            if byte < 0x80 {
                result.append(byte)
            } else {
                result.append(0xC0 | byte >> 6)
                result.append(0x80 | byte & 0x3F)
            }
        }
        return result
    }

    static func appendUTF8(_ scalar: UInt32, to bytes: inout [UInt8]) {
        guard let scalar = Unicode.Scalar(scalar) else { return }
        bytes.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
    }
}
