/// One word of a filter, with the column (1 = first character) at which it begins.
struct FilterToken: Hashable, Sendable {
    enum Kind: Hashable, Sendable {
        case open, close, and, or, not
        case comparison(field: String, operation: FilterOperation, value: String, valueColumn: Int)
    }

    var kind: Kind
    var column: Int
}

/// How a field is compared.
enum FilterOperation: String, Hashable, Sendable, CaseIterable {
    case equal = "="
    case notEqual = "!="
    case less = "<"
    case lessOrEqual = "<="
    case greater = ">"
    case greaterOrEqual = ">="
    case matches = "~"

    var isOrder: Bool {
        switch self {
        case .less, .lessOrEqual, .greater, .greaterOrEqual: true
        case .equal, .notEqual, .matches: false
        }
    }
}

/// Cuts a filter into words.
struct FilterLexer {
    struct Problem: Error {
        var column: Int
        var detail: String
    }

    private let characters: [Unicode.Scalar]
    private var position = 0

    init(_ text: String) {
        characters = Array(text.unicodeScalars)
    }

    private var column: Int { position + 1 }
    private var next: Unicode.Scalar? { position < characters.count ? characters[position] : nil }

    /// The next word, nil at the end.
    mutating func token() throws(Problem) -> FilterToken? {
        skipBlanks()
        guard let next else { return nil }
        let start = column
        if next == "(" || next == ")" {
            position += 1
            return FilterToken(kind: next == "(" ? .open : .close, column: start)
        }
        let word = takeWord()
        guard !word.isEmpty else { throw misplaced(next, at: start) }
        switch word.lowercased() {
        case "and": return FilterToken(kind: .and, column: start)
        case "or": return FilterToken(kind: .or, column: start)
        case "not": return FilterToken(kind: .not, column: start)
        default: return try comparison(field: word, column: start)
        }
    }

    private func misplaced(_ scalar: Unicode.Scalar, at column: Int) -> Problem {
        let hint =
            switch scalar {
            case "&": ", write and"
            case "|", ",": ", write or"
            case "!": ", write not"
            case "\"", "'": ", a quoted text can only be a value: field = \"text\""
            default: ", a field is expected, for example type or group"
            }
        return Problem(column: column, detail: "\(ASCIIText.shown(scalar)) is not understood here\(hint)")
    }

    private mutating func comparison(field: String, column start: Int) throws(Problem) -> FilterToken {
        skipBlanks()
        guard let operation = takeOperation() else {
            throw Problem(
                column: start,
                detail: "\(ASCIIText.quoted(field)) has no comparison, write it with one of = != < <= > >= ~")
        }
        skipBlanks()
        let valueColumn = column
        let value = try takeValue()
        return FilterToken(
            kind: .comparison(field: field, operation: operation, value: value, valueColumn: valueColumn), column: start
        )
    }

    private mutating func skipBlanks() {
        while let next, next == " " || next == "\t" || next == "\n" || next == "\r" { position += 1 }
    }

    private mutating func takeWord() -> String {
        var word = ""
        while let next, next.isASCII, ASCIIText.isNameByte(UInt8(truncatingIfNeeded: next.value)) {
            word.unicodeScalars.append(next)
            position += 1
        }
        return word
    }

    private mutating func takeOperation() -> FilterOperation? {
        guard let first = next else { return nil }
        if position + 1 < characters.count, let long = FilterOperation(rawValue: "\(first)\(characters[position + 1])")
        {
            position += 2
            return long
        }
        guard let short = FilterOperation(rawValue: String(first)) else { return nil }
        position += 1
        // `==` is what programmers type.
        if short == .equal, next == "=" { position += 1 }
        return short
    }

    private mutating func takeValue() throws(Problem) -> String {
        guard let first = next, first != ")" else {
            throw Problem(column: column, detail: "a value is missing, write \"\" for an empty one")
        }
        if first == "\"" || first == "'" { return try takeQuoted(first) }
        var value = ""
        while let next, !["(", ")", " ", "\t", "\n", "\r", "\"", "'"].contains(next) {
            value.unicodeScalars.append(next)
            position += 1
        }
        guard !value.isEmpty else { throw Problem(column: column, detail: "a value is missing") }
        return value
    }

    private mutating func takeQuoted(_ quote: Unicode.Scalar) throws(Problem) -> String {
        let start = column
        var value = ""
        position += 1
        while let next {
            position += 1
            if next == quote { return value }
            // A backslash takes the character after it as it is.
            if next == "\\", let escaped = self.next {
                value.unicodeScalars.append(escaped)
                position += 1
            } else {
                value.unicodeScalars.append(next)
            }
        }
        throw Problem(column: start, detail: "the quote that opens here is not closed")
    }
}
