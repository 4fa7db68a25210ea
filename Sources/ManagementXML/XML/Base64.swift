/// Base64 (RFC 4648 section 4) as XML Schema has it: padded, canonical, white space between characters is skipped.
enum Base64 {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    private static let invalid: UInt8 = 0xFF

    /// The value of each byte; 0xFF for those outside the alphabet.
    private static let values: [UInt8] = {
        var values = [UInt8](repeating: invalid, count: 256)
        for (value, byte) in alphabet.enumerated() { values[Int(byte)] = UInt8(value) }
        return values
    }()

    /// The number of characters for so many bytes.
    static func length(of count: Int) -> Int { (count + 2) / 3 * 4 }

    static func encode(_ content: [UInt8]) -> String {
        var bytes: [UInt8] = []
        append(content, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    static func decode(_ text: String) -> [UInt8]? {
        var text = text
        return text.withUTF8 { bytes in decode(bytes) }
    }

    static func append(_ content: [UInt8], to bytes: inout [UInt8]) {
        bytes.reserveCapacity(bytes.count + length(of: content.count))
        let alphabet = alphabet
        var index = 0
        while index + 3 <= content.count {
            let group = UInt32(content[index]) << 16 | UInt32(content[index + 1]) << 8 | UInt32(content[index + 2])
            for shift in stride(from: UInt32(18), through: 0, by: -6) {
                bytes.append(alphabet[Int(group >> shift & 63)])
            }
            index += 3
        }
        let rest = content.count - index
        guard rest > 0 else { return }
        let group = UInt32(content[index]) << 16 | (rest == 2 ? UInt32(content[index + 1]) << 8 : 0)
        bytes.append(alphabet[Int(group >> 18)])
        bytes.append(alphabet[Int(group >> 12 & 63)])
        bytes.append(rest == 2 ? alphabet[Int(group >> 6 & 63)] : UInt8(ascii: "="))
        bytes.append(UInt8(ascii: "="))
    }

    /// The content; nil when the text is not base64 of anything, or not the canonical form.
    static func decode(_ text: UnsafeBufferPointer<UInt8>) -> [UInt8]? {
        var content: [UInt8] = []
        content.reserveCapacity(text.count / 4 * 3)
        let values = values
        var group: UInt32 = 0
        var digits = 0
        var padding = 0
        for byte in text where !XMLCharacters.isWhitespace(byte) {
            if byte == UInt8(ascii: "=") {
                padding += 1
                continue
            }
            let value = values[Int(byte)]
            guard value != invalid, padding == 0 else { return nil }
            group = group << 6 | UInt32(value)
            digits += 1
            guard digits == 4 else { continue }
            content.append(UInt8(group >> 16 & 0xFF))
            content.append(UInt8(group >> 8 & 0xFF))
            content.append(UInt8(group & 0xFF))
            (group, digits) = (0, 0)
        }
        return finish(&content, group, digits: digits, padding: padding) ? content : nil
    }

    /// Takes the last, incomplete group; its unused bits must be zero.
    private static func finish(_ content: inout [UInt8], _ group: UInt32, digits: Int, padding: Int) -> Bool {
        switch (digits, padding) {
        case (0, 0): return true
        case (2, 2) where group & 0x0F == 0:
            content.append(UInt8(group >> 4))
            return true
        case (3, 1) where group & 0x03 == 0:
            content.append(UInt8(group >> 10))
            content.append(UInt8(group >> 2 & 0xFF))
            return true
        default: return false
        }
    }
}
