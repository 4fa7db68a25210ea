/// How a value stands in a cell, so that spreadsheet programs neither run it nor shorten it and it comes back unchanged.
///
/// A value that begins (after blanks) with `=`, `+`, `-` or `@`, or with a tab, a line break or an apostrophe, gets an
/// apostrophe before it; so does a terminal number that a spreadsheet would take for a number and spoil. Reading takes
/// one apostrophe away again.
enum CSVText {
    /// Written for "has none", because an empty cell means "leave as it is".
    static let none = "(none)"
    /// Written for a value that is set and empty.
    static let empty = "(empty)"
    /// Marks a reference to a secret in a column whose item is no secret by itself.
    static let secretPrefix = "secret:"

    static func guarded(_ value: String) -> String {
        guard let first = value.unicodeScalars.first else { return value }
        let visible = value.unicodeScalars.first { $0 != " " }
        let isRisky = ["=", "+", "-", "@", "\t", "\r", "\n", "'"].contains(visible ?? first)
        let isMark = value == none || value == empty || value.hasPrefix(secretPrefix)
        return isRisky || isMark ? "'" + value : value
    }

    /// A leading zero or more than eleven digits do not survive a spreadsheet that takes the cell for a number.
    static func guardedNumber(_ number: String) -> String {
        let isShortened = number.utf8.first == UInt8(ascii: "0") || number.utf8.count > 11
        return isShortened ? "'" + number : guarded(number)
    }

    static func unguarded(_ cell: String) -> String {
        cell.unicodeScalars.first == "'" ? String(cell.unicodeScalars.dropFirst()) : cell
    }

    /// The cell with quotes where RFC 4180 or our own trimming needs them.
    static func quoted(_ cell: String) -> String {
        let bytes = cell.utf8
        let needsQuotes =
            bytes.contains { $0 == 34 || $0 == 44 || $0 == 59 || $0 == 9 || $0 == 10 || $0 == 13 }
            || bytes.first.map(ASCIIText.isBlank) == true || bytes.last.map(ASCIIText.isBlank) == true
        guard needsQuotes else { return cell }
        var result = "\""
        for scalar in cell.unicodeScalars {
            if scalar == "\"" { result.unicodeScalars.append(scalar) }
            result.unicodeScalars.append(scalar)
        }
        return result + "\""
    }

    /// Group names joined by `|`; a bar or backslash inside a name is written with a backslash before it.
    static func joinedGroups(_ names: [String]) -> String {
        names.map { name in
            var escaped = ""
            for scalar in name.unicodeScalars {
                if scalar == "|" || scalar == "\\" { escaped += "\\" }
                escaped.unicodeScalars.append(scalar)
            }
            return escaped
        }.joined(separator: "|")
    }

    static func splitGroups(_ text: String) -> [String] {
        var names: [String] = []
        var current = ""
        var isEscaped = false
        for scalar in text.unicodeScalars {
            if !isEscaped, scalar == "\\" {
                isEscaped = true
            } else if !isEscaped, scalar == "|" {
                names.append(current)
                current = ""
            } else {
                current.unicodeScalars.append(scalar)
                isEscaped = false
            }
        }
        names.append(current)
        return names.map { String(ASCIIText.trimmed($0)) }.filter { !$0.isEmpty }
    }
}
