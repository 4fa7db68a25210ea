/// Puts together the bytes of a message; what is written is well-formed whatever the texts hold.
struct XMLWriter {
    private(set) var bytes: [UInt8] = []

    init(capacity: Int) {
        bytes.reserveCapacity(capacity)
    }

    /// Appends the declaration and the opened root tag with the namespace of the messages.
    mutating func beginDocument(_ root: StaticString) {
        markup("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n")
        markup(root)
        markup(" xmlns=\"")
        markup(DirectXML.wireNamespace)
        markup("\"")
    }

    /// Appends markup as it stands.
    mutating func markup(_ text: StaticString) {
        bytes.append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    /// Appends ` name="value"`; `name` comes with the space before it and the equals sign.
    mutating func attribute(_ name: StaticString, _ value: String) {
        markup(name)
        bytes.append(UInt8(ascii: "\""))
        append(value, inAttribute: true)
        bytes.append(UInt8(ascii: "\""))
    }

    mutating func attribute(_ name: StaticString, _ number: Int) {
        markup(name)
        bytes.append(UInt8(ascii: "\""))
        append(number)
        bytes.append(UInt8(ascii: "\""))
    }

    mutating func text(_ value: String) {
        append(value, inAttribute: false)
    }

    /// Appends at most `limit` characters (code points) of a text.
    mutating func shortText(_ value: String, limit: Int = DirectXML.shortTextLength) {
        text(Self.shortened(value, limit: limit))
    }

    static func shortened(_ value: String, limit: Int = DirectXML.shortTextLength) -> String {
        value.utf8.count <= limit ? value : String(String.UnicodeScalarView(value.unicodeScalars.prefix(limit)))
    }

    mutating func base64(_ content: [UInt8]) {
        Base64.append(content, to: &bytes)
    }

    private mutating func append(_ number: Int) {
        guard number >= 0, number < 10 else { return bytes.append(contentsOf: String(number).utf8) }
        bytes.append(UInt8(ascii: "0") + UInt8(number))
    }

    private mutating func append(_ value: String, inAttribute: Bool) {
        var value = value
        value.withUTF8 { source in
            var start = 0
            for index in source.indices {
                // Most bytes need nothing; U+FFFE and U+FFFF are the only illegal characters above the controls.
                let byte = source[index]
                if byte > UInt8(ascii: ">"), byte != 0xEF { continue }
                guard let (replacement, length) = Self.replacement(at: index, in: source, inAttribute) else { continue }
                bytes.append(contentsOf: UnsafeBufferPointer(rebasing: source[start..<index]))
                markup(replacement)
                start = index + length
            }
            if start < source.count { bytes.append(contentsOf: UnsafeBufferPointer(rebasing: source[start...])) }
        }
    }

    /// What is written for the character at `index`, and how many bytes it has; nil when it is written as it is.
    private static func replacement(
        at index: Int, in source: UnsafeBufferPointer<UInt8>, _ inAttribute: Bool
    ) -> (StaticString, Int)? {
        switch source[index] {
        case UInt8(ascii: "&"): return ("&amp;", 1)
        case UInt8(ascii: "<"): return ("&lt;", 1)
        // Also where it need not be, so that no ]]> comes about.
        case UInt8(ascii: ">"): return ("&gt;", 1)
        case UInt8(ascii: "\"") where inAttribute: return ("&quot;", 1)
        case 0x09: return inAttribute ? ("&#9;", 1) : nil
        case 0x0A: return inAttribute ? ("&#10;", 1) : nil
        case 0x0D: return ("&#13;", 1)
        case 0..<0x20: return ("\u{FFFD}", 1)
        case 0xEF:
            guard source[index + 1] == 0xBF, source[index + 2] >= 0xBE else { return nil }
            return ("\u{FFFD}", 3)
        default: return nil
        }
    }
}
