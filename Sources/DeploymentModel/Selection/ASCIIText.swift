/// Small questions about ASCII text that several parsers ask.
enum ASCIIText {
    /// Without blanks, tabs and line breaks at both ends.
    static func trimmed(_ text: some StringProtocol) -> Substring {
        var rest = Substring(text)
        while let first = rest.utf8.first, isBlank(first) { rest = rest[rest.utf8.index(after: rest.startIndex)...] }
        while let last = rest.utf8.last, isBlank(last) { rest = rest[..<rest.utf8.index(before: rest.endIndex)] }
        return rest
    }

    static func isBlank(_ byte: UInt8) -> Bool { byte == 32 || (9...13).contains(byte) }

    static func isLetterOrDigit(_ scalar: Unicode.Scalar) -> Bool {
        scalar.isASCII && isLetterOrDigit(UInt8(truncatingIfNeeded: scalar.value))
    }

    static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
    }

    /// Letters, digits, hyphen, underscore and dot.
    static func isNameByte(_ byte: UInt8) -> Bool {
        isLetterOrDigit(byte) || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_") || byte == UInt8(ascii: ".")
    }

    /// A character as a message shows it: itself, or its code when it cannot be seen.
    static func shown(_ scalar: Unicode.Scalar) -> String {
        switch scalar.properties.generalCategory {
        case .control, .format, .surrogate, .unassigned, .lineSeparator, .paragraphSeparator, .spaceSeparator:
            "U+" + String(scalar.value, radix: 16, uppercase: true)
        default: String(scalar)
        }
    }

    /// User text as a fault quotes it: one line, not endless.
    static func quoted(_ text: some StringProtocol, limit: Int = 60) -> String {
        var result = ""
        for scalar in text.unicodeScalars.prefix(limit) {
            result += scalar == " " ? " " : shown(scalar)
        }
        return text.unicodeScalars.count > limit ? result + "…" : result
    }
}
