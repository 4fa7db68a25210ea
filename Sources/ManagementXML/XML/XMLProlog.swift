/// What stands before the first element and decides how the bytes are read: byte order mark and XML declaration.
struct XMLProlog {
    /// Whether the bytes are ISO-8859-1; otherwise UTF-8.
    private(set) var isLatin1 = false
    /// Where the prolog ends.
    ///
    /// All before it is ASCII or the mark, so the place holds after a conversion, too.
    private(set) var end = 0

    private let bytes: [UInt8]

    init(_ bytes: [UInt8]) throws(WireError) {
        self.bytes = bytes
        if bytes.starts(with: [0xFE, 0xFF]) || bytes.starts(with: [0xFF, 0xFE]) {
            throw WireError(.malformed, line: 1, reason: "UTF-16 is not taken")
        }
        let hasMark = bytes.starts(with: [0xEF, 0xBB, 0xBF])
        if hasMark { end = 3 }
        guard take("<?xml"), skipWhitespace() else {
            // Another processing instruction is refused by the parser.
            end = hasMark ? 3 : 0
            return
        }
        try readDeclaration()
        if hasMark, isLatin1 { throw fault("the encoding contradicts the byte order mark") }
    }

    /// The number of the line that holds the byte at `place`; a line ends with LF, CR or both.
    static func line(of place: Int, in bytes: [UInt8]) -> Int {
        var line = 1
        for index in 0..<min(place, bytes.count) {
            let isBareReturn = bytes[index] == 0x0D && (index + 1 == bytes.count || bytes[index + 1] != 0x0A)
            if bytes[index] == 0x0A || isBareReturn { line += 1 }
        }
        return line
    }

    private func fault(_ reason: String) -> WireError {
        WireError(.malformed, line: Self.line(of: end, in: bytes), reason: reason)
    }

    /// Reads version, encoding and standalone, in this order (XML section 2.8).
    private mutating func readDeclaration() throws(WireError) {
        guard try pseudoAttribute("version") == Array("1.0".utf8) else {
            throw fault("an XML declaration without version 1.0")
        }
        var isSpaced = skipWhitespace()
        if isSpaced, let encoding = try pseudoAttribute("encoding") {
            try setEncoding(encoding)
            isSpaced = skipWhitespace()
        }
        if isSpaced, let standalone = try pseudoAttribute("standalone") {
            guard standalone == Array("yes".utf8) || standalone == Array("no".utf8) else {
                throw fault("an XML declaration that is not well-formed")
            }
            _ = skipWhitespace()
        }
        guard take("?>") else { throw fault("an XML declaration that is not well-formed") }
    }

    private mutating func setEncoding(_ name: [UInt8]) throws(WireError) {
        switch String(decoding: name, as: UTF8.self).lowercased() {
        case "utf-8": isLatin1 = false
        case "iso-8859-1": isLatin1 = true
        default: throw fault("an encoding other than UTF-8 and ISO-8859-1")
        }
    }

    /// The value of `name="..."` at the place; nil when something else stands there.
    private mutating func pseudoAttribute(_ name: StaticString) throws(WireError) -> [UInt8]? {
        guard take(name) else { return nil }
        _ = skipWhitespace()
        guard take("=") else { throw fault("an XML declaration that is not well-formed") }
        _ = skipWhitespace()
        guard let quote = bytes[end...].first, quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'"),
            let close = bytes[(end + 1)...].prefix(40).firstIndex(of: quote)
        else { throw fault("an XML declaration that is not well-formed") }
        let value = Array(bytes[(end + 1)..<close])
        end = close + 1
        return value
    }

    private mutating func take(_ text: StaticString) -> Bool {
        let count = text.utf8CodeUnitCount
        guard end + count <= bytes.count else { return false }
        for offset in 0..<count where bytes[end + offset] != text.utf8Start[offset] { return false }
        end += count
        return true
    }

    private mutating func skipWhitespace() -> Bool {
        let start = end
        while end < bytes.count, XMLCharacters.isWhitespace(bytes[end]) { end += 1 }
        return end > start
    }
}
