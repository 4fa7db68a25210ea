/// One cell of a CSV text.
struct CSVCell: Hashable, Sendable {
    var text: String
    var isQuoted: Bool
}

/// One record of a CSV text, with the line (1 = first) on which it begins.
struct CSVRecord: Hashable, Sendable {
    var line: Int
    var cells: [CSVCell]

    /// Spreadsheet programs write such records below the last used row.
    var isBlank: Bool { cells.allSatisfy { !$0.isQuoted && ASCIIText.trimmed($0.text).isEmpty } }
}

/// Cuts a CSV text (RFC 4180) into records; takes comma, semicolon or tab, any line break, with or without a BOM.
struct CSVReader {
    struct Problem: Error, Hashable {
        var line: Int
        /// 1 = the first cell of the record.
        var column: Int?
        var detail: String
    }

    private let bytes: [UInt8]
    private let separator: UInt8
    private var position = 0
    private var line = 1

    static let lineFeed = UInt8(ascii: "\n")
    static let carriageReturn = UInt8(ascii: "\r")
    static let quote = UInt8(ascii: "\"")

    /// - Parameter bytes: valid UTF-8; a BOM at the beginning is skipped.
    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
        separator = Self.separator(in: bytes[position...])
    }

    /// The most frequent of semicolon, tab and comma in the first line, quoted parts left out; comma when there is none.
    private static func separator(in bytes: ArraySlice<UInt8>) -> UInt8 {
        var counts: [UInt8: Int] = [:]
        var isQuoted = false
        for byte in bytes {
            if byte == quote { isQuoted.toggle() }
            if !isQuoted, byte == lineFeed || byte == carriageReturn { break }
            if !isQuoted { counts[byte, default: 0] += 1 }
        }
        var best = UInt8(ascii: ",")
        for candidate in [UInt8(ascii: ";"), UInt8(ascii: "\t")]
        where counts[candidate, default: 0] > counts[best, default: 0] {
            best = candidate
        }
        return best
    }

    /// The next record that is not blank; nil at the end.
    mutating func record(maximumCells: Int) throws(Problem) -> CSVRecord? {
        while position < bytes.count {
            let start = line
            var cells: [CSVCell] = []
            repeat {
                guard cells.count < maximumCells else {
                    throw Problem(line: start, column: cells.count + 1, detail: "more than \(maximumCells) columns")
                }
                cells.append(try cell(column: cells.count + 1))
            } while takeSeparator()
            takeLineBreak()
            let record = CSVRecord(line: start, cells: cells)
            if !record.isBlank { return record }
        }
        return nil
    }

    private mutating func cell(column: Int) throws(Problem) -> CSVCell {
        if position < bytes.count, bytes[position] == Self.quote { return try quotedCell(column: column) }
        let start = position
        while position < bytes.count, !endsCell(bytes[position]) {
            guard bytes[position] != Self.quote else {
                throw Problem(
                    line: line, column: column, detail: "a quote stands in a cell that does not begin with one")
            }
            position += 1
        }
        return CSVCell(text: String(decoding: bytes[start..<position], as: UTF8.self), isQuoted: false)
    }

    private mutating func quotedCell(column: Int) throws(Problem) -> CSVCell {
        let start = line
        var content: [UInt8] = []
        position += 1
        while position < bytes.count {
            let byte = bytes[position]
            position += 1
            if byte == Self.quote {
                guard position < bytes.count, bytes[position] == Self.quote else {
                    guard position == bytes.count || endsCell(bytes[position]) else {
                        throw Problem(line: line, column: column, detail: "text stands after the closing quote")
                    }
                    return CSVCell(text: String(decoding: content, as: UTF8.self), isQuoted: true)
                }
                position += 1
            } else if byte == Self.lineFeed || (byte == Self.carriageReturn && !isLineFeed(at: position)) {
                line += 1
            }
            content.append(byte)
        }
        throw Problem(line: start, column: column, detail: "the quote that opens here is not closed")
    }

    private func isLineFeed(at index: Int) -> Bool { index < bytes.count && bytes[index] == Self.lineFeed }

    private func endsCell(_ byte: UInt8) -> Bool {
        byte == separator || byte == Self.lineFeed || byte == Self.carriageReturn
    }

    private mutating func takeSeparator() -> Bool {
        guard position < bytes.count, bytes[position] == separator else { return false }
        position += 1
        return true
    }

    private mutating func takeLineBreak() {
        guard position < bytes.count else { return }
        if bytes[position] == Self.carriageReturn { position += 1 }
        if isLineFeed(at: position) { position += 1 }
        line += 1
    }
}
