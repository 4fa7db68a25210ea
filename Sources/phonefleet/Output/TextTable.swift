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
        var widths = titles.indices.map { column in
            rows.reduce(titles[column].count) { max($0, $1[column].count) }
        }
        if let width { shrink(&widths, to: width) }
        var text = line(titles, widths)
        for row in rows { text += line(row, widths) }
        return text
    }

    private func shrink(_ widths: inout [Int], to width: Int) {
        let total = widths.reduce(0, +) + 2 * (widths.count - 1)
        let flexible = widths.indices.filter { wraps[$0] }
        guard total > width, !flexible.isEmpty else { return }
        let room = width - (total - flexible.reduce(0) { $0 + widths[$1] })
        let share = max(16, room / flexible.count)
        for column in flexible { widths[column] = min(widths[column], share) }
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
        for word in cell.split(separator: " ", omittingEmptySubsequences: false) {
            if current.isEmpty {
                current = String(word)
            } else if current.count + 1 + word.count <= width {
                current += " " + word
            } else {
                lines.append(current)
                current = String(word)
            }
        }
        lines.append(current)
        return lines
    }
}
