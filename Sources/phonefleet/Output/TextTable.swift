/// Lays out rows in columns of equal width, separated by two spaces.
///
/// Nothing is ever cut: when the table is wider than asked for, the columns that may wrap go over several lines.
struct TextTable {
    var titles: [String]
    var rows: [[String]]
    var wraps: [Bool]
    var alignsRight: [Bool]

    /// - Parameter width: columns of the terminal; nil = as wide as it takes, one line a row (for `grep` and files).
    func text(width: Int?) -> String {
        guard let width else { return lines(titles.count, widths(rows)) }
        var shown = titles.count
        var fitted = fit(shown, width)
        while shown > 1, total(fitted) > width {
            shown -= 1
            fitted = fit(shown, width)
        }
        return lines(shown, fitted, overflow: width)
    }

    private func widths(_ rows: [[String]]) -> [Int] {
        titles.indices.map { column in rows.reduce(titles[column].count) { max($0, $1[column].count) } }
    }

    private func total(_ widths: [Int]) -> Int { widths.reduce(0, +) + 2 * (widths.count - 1) }

    /// The widths of the first columns, those that may wrap made as narrow as the width asks, but not unreadable.
    private func fit(_ shown: Int, _ width: Int) -> [Int] {
        var widths = Array(widths(rows).prefix(shown))
        while total(widths) > width {
            let flexible = widths.indices.filter { wraps[$0] && widths[$0] > Self.narrowest }
            guard let widest = flexible.max(by: { widths[$0] < widths[$1] }) else { break }
            widths[widest] -= 1
        }
        return widths
    }

    /// Columns for which there is no room stand under their row, where they have something to say.
    private func lines(_ shown: Int, _ widths: [Int], overflow width: Int = 0) -> String {
        var text = line(Array(titles.prefix(shown)), widths)
        for row in rows {
            text += line(Array(row.prefix(shown)), widths)
            let rest = zip(titles, row).dropFirst(shown).filter { $0.1 != "-" && !$0.1.isEmpty }
            let words = rest.map { "\($0.0.lowercased()): \($0.1)" }.joined(separator: ", ")
            if !words.isEmpty { text += TextBlock.wrap(words, indent: 4, width: width) }
        }
        return text
    }

    /// Columns below which a text that wraps can no longer be read.
    private static let narrowest = 14

    private func line(_ cells: [String], _ widths: [Int]) -> String {
        let wrapped = cells.indices.map { wrap(cells[$0], widths[$0]) }
        let height = wrapped.reduce(1) { max($0, $1.count) }
        var text = ""
        for row in 0..<height {
            var line = ""
            for column in cells.indices {
                let cell = row < wrapped[column].count ? wrapped[column][row] : ""
                let space = String(repeating: " ", count: max(0, widths[column] - cell.count))
                line += alignsRight[column] ? space + cell : cell + space
                if column < cells.count - 1 { line += "  " }
            }
            while line.last == " " { line.removeLast() }
            text += line + "\n"
        }
        return text
    }

    private func wrap(_ cell: String, _ width: Int) -> [String] {
        guard cell.count > width else { return [cell] }
        var lines: [String] = []
        var current = ""
        for piece in pieces(of: cell, width) {
            if current.isEmpty || current.count + piece.count <= width {
                current += piece
            } else {
                lines.append(current)
                current = piece
            }
            if current.last == " ", current.count > width { current.removeLast() }
        }
        lines.append(current)
        return lines.map { $0.last == " " ? String($0.dropLast()) : $0 }
    }

    /// The cell in pieces between which a line may break: after a blank, and where a word is too long after a hyphen,
    /// dot, comma or colon, or anywhere.
    private func pieces(of cell: String, _ width: Int) -> [String] {
        var pieces: [String] = []
        for word in cell.split(separator: " ", omittingEmptySubsequences: false) {
            var piece = ""
            for character in word {
                piece.append(character)
                guard word.count > width, "-.,:/=".contains(character) || piece.count == width else { continue }
                pieces.append(piece)
                piece = ""
            }
            pieces.append(piece + " ")
        }
        return pieces
    }
}
