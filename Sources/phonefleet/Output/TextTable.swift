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
        let natural = titles.indices.map { column in
            rows.reduce(titles[column].count) { max($0, $1[column].count) }
        }
        guard let width else { return text(showing: titles.count, natural) }
        for shown in stride(from: titles.count, to: 1, by: -1) {
            var widths = Array(natural.prefix(shown))
            shrink(&widths, to: width)
            if Self.total(widths) <= width { return text(showing: shown, widths, room: width) }
        }
        return text(showing: titles.count, natural)
    }

    /// Columns for which there is no room stand under their row, where they have something to say.
    private func text(showing shown: Int, _ widths: [Int], room: Int = 80) -> String {
        var text = line(Array(titles.prefix(shown)), widths)
        for row in rows {
            text += line(Array(row.prefix(shown)), widths)
            let rest = zip(titles, row).dropFirst(shown).filter { $0.1 != "-" && !$0.1.isEmpty }
            let words = rest.map { "\($0.0.lowercased()) \($0.1)" }.joined(separator: ", ")
            if !words.isEmpty { text += TextBlock.wrap(words, indent: 4, width: room) }
        }
        return text
    }

    private static func total(_ widths: [Int]) -> Int { widths.reduce(0, +) + 2 * (widths.count - 1) }

    /// Makes the widest of the columns that may wrap narrower, as far as its longest word allows, until the table fits.
    private func shrink(_ widths: inout [Int], to width: Int) {
        var excess = Self.total(widths) - width
        let floors = widths.indices.map { column in
            rows.reduce(titles[column].count) { floor, row in
                Self.pieces(row[column]).reduce(floor) { max($0, $1.text.count) }
            }
        }
        while excess > 0 {
            let shrinkable = widths.indices.filter { wraps[$0] && widths[$0] > floors[$0] }
            guard let widest = shrinkable.max(by: { widths[$0] < widths[$1] }) else { return }
            widths[widest] -= 1
            excess -= 1
        }
    }

    /// What must stay together on a line: words, and the parts of words up to a hyphen or comma.
    private static func pieces(_ cell: String) -> [(text: Substring, followsSpace: Bool)] {
        cell.split(separator: " ", omittingEmptySubsequences: false).flatMap { word in
            var pieces: [(text: Substring, followsSpace: Bool)] = []
            var start = word.startIndex
            for index in word.indices where word[index] == "-" || word[index] == "," {
                let end = word.index(after: index)
                pieces.append((word[start..<end], start == word.startIndex))
                start = end
            }
            if start < word.endIndex || pieces.isEmpty { pieces.append((word[start...], start == word.startIndex)) }
            return pieces
        }
    }

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
        for piece in Self.pieces(cell) {
            let joint = piece.followsSpace && !current.isEmpty ? " " : ""
            if current.count + joint.count + piece.text.count <= width {
                current += joint + piece.text
            } else {
                if !current.isEmpty { lines.append(current) }
                current = String(piece.text)
            }
        }
        lines.append(current)
        return lines
    }
}
