/// Finds the name that a mistyped one was probably meant to be.
public enum NearestName {
    /// The nearest candidate within a third of the text's length (at least one change); nil when none is that near.
    ///
    /// Upper and lower case are the same. Of equally near ones the first by text wins, so the answer is always the same.
    public static func of(_ text: some StringProtocol, among candidates: some Sequence<String>) -> String? {
        let wanted = Array(text.lowercased().utf8)
        guard (1...64).contains(wanted.count) else { return nil }
        var best: (distance: Int, name: String)?
        for candidate in candidates where abs(candidate.utf8.count - wanted.count) <= wanted.count {
            let name = Array(candidate.lowercased().utf8)
            let isBeginning = wanted.count >= 3 && name.starts(with: wanted)
            let distance = isBeginning ? 1 : distance(wanted, name)
            guard distance <= max(1, wanted.count / 3) else { continue }
            if let found = best, (found.distance, found.name) <= (distance, candidate) { continue }
            best = (distance, candidate)
        }
        return best?.name
    }

    /// `, did you mean NAME?` or nothing.
    public static func hint(_ text: some StringProtocol, among candidates: some Sequence<String>) -> String {
        of(text, among: candidates).map { ", did you mean \($0)?" } ?? ""
    }

    /// Number of insertions, deletions, replacements and swaps of neighbours (optimal string alignment).
    static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
        var before: [Int] = []
        var previous = Array(0...right.count)
        for (row, byte) in left.enumerated() {
            var current = [row + 1]
            for (column, other) in right.enumerated() {
                var cost = min(
                    previous[column] + (byte == other ? 0 : 1), previous[column + 1] + 1, current[column] + 1)
                if row > 0, column > 0, byte == right[column - 1], left[row - 1] == other {
                    cost = min(cost, before[column - 1] + 1)
                }
                current.append(cost)
            }
            before = previous
            previous = current
        }
        return previous[right.count]
    }
}
