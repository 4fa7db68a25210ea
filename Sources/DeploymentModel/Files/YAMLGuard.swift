/// Looks at the bytes of a YAML text before the parser does, for what would make the parser work without end.
///
/// The parser reads whole trees and has no limit for the work that aliases make (ten lines can stand for a billion
/// values). So texts with both an anchor and an alias are refused, by a rule that needs no parsing and may refuse too
/// much, never too little: an alias or anchor begins after a blank, a line break, one of `[ { , : - ?` or a non-ASCII
/// character. The nesting of flow collections is limited by the parser itself (1000).
enum YAMLGuard {
    static let maximumBytes = 10 << 20
    /// Longest run of blanks and block indicators at the beginning of a line.
    private static let maximumIndent = 100

    struct Problem: Error {
        var line: Int
        var detail: String
    }

    static func check(_ bytes: [UInt8]) throws(Problem) {
        var line = 1
        var indent: Int? = 0
        var previous = UInt8(ascii: "\n")
        var anchorLine: Int?
        var aliasLine: Int?
        for (position, byte) in bytes.enumerated() {
            if byte == 38 || byte == 42, startsToken(after: previous), isName(bytes, position + 1) {
                if byte == 38 { anchorLine = anchorLine ?? line } else { aliasLine = aliasLine ?? line }
            }
            if byte == 10 || byte == 13 {
                if byte == 10 { line += 1 }
                indent = 0
            } else if let depth = indent {
                indent = isIndent(byte) ? depth + 1 : nil
                if depth > maximumIndent { throw Problem(line: line, detail: "nested too deeply") }
            }
            previous = byte
        }
        if anchorLine != nil, let aliasLine {
            throw Problem(
                line: aliasLine,
                detail: "anchors (&) and aliases (*) are not allowed, write the value out or quote the text")
        }
    }

    private static func startsToken(after byte: UInt8) -> Bool {
        switch byte {
        case 0...32, 128...: true
        case UInt8(ascii: "["), UInt8(ascii: "]"), UInt8(ascii: "{"), UInt8(ascii: "}"), UInt8(ascii: ","),
            UInt8(ascii: ":"), UInt8(ascii: "-"), UInt8(ascii: "?"):
            true
        default: false
        }
    }

    private static func isName(_ bytes: [UInt8], _ position: Int) -> Bool {
        guard position < bytes.count else { return false }
        let byte = bytes[position]
        return ASCIIText.isNameByte(byte) || byte >= 128
    }

    private static func isIndent(_ byte: UInt8) -> Bool {
        byte == 32 || byte == 9 || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "?") || byte == UInt8(ascii: ":")
    }
}
