/// A pattern for values that takes time in proportion to the value, whatever the pattern: it comes from files.
///
/// The dialect is a small part of the usual one: literal characters, `.`, classes `[a-z]` and `[^a-z]`, `\d`, `\` before
/// a special character, groups `( )`, alternatives `|`, and the repetitions `?`, `*`, `+`, `{2}`, `{2,}`, `{2,5}`.
/// There are no anchors: the whole value has to match. There is no backtracking, so no pattern can stall the tool.
struct ValuePattern: Hashable, Sendable {
    static let maximumStates = 2000
    static let maximumValueBytes = 1024

    enum State: Hashable, Sendable {
        case consume(ByteSet, next: Int)
        case split(Int, Int)
        case accept
    }

    private let states: [State]
    private let start: Int

    /// Nil when the pattern cannot be read, or would be larger than ``maximumStates``.
    init?(_ pattern: String) {
        var parser = PatternParser(pattern)
        guard let tree = parser.alternatives(), parser.isAtEnd else { return nil }
        var compiler = PatternCompiler()
        guard let first = compiler.add(tree, next: 0) else { return nil }
        states = compiler.states
        start = first
    }

    /// Whether the whole text matches; texts over ``maximumValueBytes`` never do.
    func matches(_ text: String) -> Bool {
        guard text.utf8.count <= Self.maximumValueBytes else { return false }
        var active: [Int] = []
        var marks = [Int](repeating: -1, count: states.count)
        var step = 0
        follow(start, into: &active, marks: &marks, step: step)
        for byte in text.utf8 {
            step += 1
            var following: [Int] = []
            for state in active {
                if case .consume(let set, let next) = states[state], set.contains(byte) {
                    follow(next, into: &following, marks: &marks, step: step)
                }
            }
            if following.isEmpty { return false }
            active = following
        }
        return active.contains { states[$0] == .accept }
    }

    private func follow(_ first: Int, into active: inout [Int], marks: inout [Int], step: Int) {
        var open = [first]
        while let state = open.popLast() {
            guard marks[state] != step else { continue }
            marks[state] = step
            if case .split(let left, let right) = states[state] {
                open.append(right)
                open.append(left)
            } else {
                active.append(state)
            }
        }
    }
}
