/// Writes text as YAML scalars that every reader, of YAML 1.1 or 1.2, reads back as just that text.
enum YAMLText {
    /// Plain where no reader can take it for anything but text, else in double quotes.
    static func scalar(_ text: String) -> String {
        isPlain(text) ? text : quoted(text)
    }

    /// Words that some reader takes for a truth value, nothing or a number.
    private static let reserved: Set<String> = [
        "y", "n", "yes", "no", "on", "off", "true", "false", "null", "nan", "inf",
    ]

    private static func isPlain(_ text: String) -> Bool {
        guard text.utf8.count <= 200, let first = text.utf8.first else { return false }
        if (48...57).contains(first) {
            if IPv4Address(text) != nil { return true }
            // A MAC address of digits only is a number to base 60 for YAML 1.1; one with `E` beside digits may be a float.
            return text.utf8.count == 17 && MACAddress(text)?.description == text && text.utf8.contains { $0 > 64 }
        }
        let isLetter = (65...90).contains(first) || (97...122).contains(first)
        let isPlainText = text.utf8.allSatisfy {
            ASCIIText.isNameByte($0) || $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: " ")
        }
        return isLetter && isPlainText && text.utf8.last != UInt8(ascii: " ") && !reserved.contains(text.lowercased())
    }

    static func quoted(_ text: String) -> String {
        var result = "\""
        // The reader's conversion from UTF-8 takes one byte order mark away.
        if text.unicodeScalars.first == "\u{FEFF}" { result += "\\uFEFF" }
        var previous: Unicode.Scalar?
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case "&", "*":
                // Where the check for anchors and aliases could take it for one; see `YAMLGuard`.
                let isHarmless = previous.map(ASCIIText.isLetterOrDigit) ?? true
                result += isHarmless ? String(scalar) : "\\x" + hexadecimal(scalar.value, width: 2)
            default:
                if isPrintable(scalar) { result.unicodeScalars.append(scalar) } else { result += escaped(scalar) }
            }
            previous = scalar
        }
        return result + "\""
    }

    private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x20...0x7E, 0xA0...0x2027, 0x202A...0xD7FF, 0xE000...0xFEFE, 0xFF00...0xFFFD: true
        case 0x10000...: true
        default: false
        }
    }

    private static func escaped(_ scalar: Unicode.Scalar) -> String {
        scalar.value <= 0xFF
            ? "\\x" + hexadecimal(scalar.value, width: 2) : "\\u" + hexadecimal(scalar.value, width: 4)
    }

    private static func hexadecimal(_ value: UInt32, width: Int) -> String {
        let digits = String(value, radix: 16, uppercase: true)
        return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
    }

    /// The lines of a text that can stand as a literal block (`|`) and come back unchanged; nil for any other text.
    static func literalLines(_ text: String) -> [Substring]? {
        guard text.utf8.last == 10, text.utf8.first != 10, text.utf8.count > 1 else { return nil }
        let isClean = text.utf8.allSatisfy { (0x20...0x7E).contains($0) || $0 == 10 }
        guard isClean, text.utf8.first != 32, !text.utf8.contains(where: { $0 == 38 || $0 == 42 }) else { return nil }
        let lines = text.dropLast().split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.allSatisfy({ !$0.isEmpty && $0.utf8.last != 32 && $0.utf8.first != 32 }) else { return nil }
        return lines
    }
}
