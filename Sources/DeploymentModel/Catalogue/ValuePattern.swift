/// A pattern for values that takes time in proportion to the value, whatever the pattern: it comes from files.
///
/// The dialect is a small part of the usual one: literal characters, `.`, classes `[a-z]` and `[^a-z]`, `\d`, `\` before
/// a special character, groups `( )`, alternatives `|`, and the repetitions `?`, `*`, `+`, `{2}`, `{2,}`, `{2,5}`.
/// There are no anchors: the whole value has to match. There is no backtracking, so no pattern can stall the tool.
struct ValuePattern: Hashable, Sendable {
    static let maximumStates = 2000
    static let maximumValueBytes = 1024

    private enum State: Hashable, Sendable {
        case consume(ByteSet, next: Int)
        case split(Int, Int)
        case accept
    }

    private var states: [State] = []
    private var start = 0

    /// Nil when the pattern cannot be read, or would be larger than ``maximumStates``.
    init?(_ pattern: String) {
        var parser = PatternParser(pattern)
        guard let tree = parser.alternatives(), parser.isAtEnd else { return nil }
        states.append(.accept)
        guard let first = add(tree, next: 0) else { return nil }
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

    /// Adds the states of a part whose match goes on at `next`; returns where the part begins.
    private mutating func add(_ tree: PatternTree, next: Int) -> Int? {
        switch tree {
        case .bytes(let set):
            return append(.consume(set, next: next))
        case .sequence(let parts):
            return parts.reversed().reduce(next as Int?) { next, part in next.flatMap { add(part, next: $0) } }
        case .either(let parts):
            var entry: Int?
            for part in parts.reversed() {
                guard let this = add(part, next: next) else { return nil }
                entry = if let other = entry { append(.split(this, other)) } else { this }
                guard entry != nil else { return nil }
            }
            return entry
        case .repeated(let part, let least, let most):
            return add(part, least: least, most: most, next: next)
        }
    }

    private mutating func add(_ part: PatternTree, least: Int, most: Int?, next: Int) -> Int? {
        var entry = next
        if let most {
            for _ in least..<most {
                guard let this = add(part, next: entry), let fork = append(.split(this, next)) else { return nil }
                entry = fork
            }
        } else {
            guard let loop = append(.split(0, next)), let body = add(part, next: loop) else { return nil }
            states[loop] = .split(body, next)
            entry = loop
        }
        for _ in 0..<least {
            guard let this = add(part, next: entry) else { return nil }
            entry = this
        }
        return entry
    }

    private mutating func append(_ state: State) -> Int? {
        guard states.count < Self.maximumStates else { return nil }
        states.append(state)
        return states.count - 1
    }
}

/// A set of byte values.
struct ByteSet: Hashable, Sendable {
    private var words: SIMD4<UInt64> = .zero

    static let any = ByteSet().inverted
    static let digits: ByteSet = {
        var set = ByteSet()
        set.insert(48...57)
        return set
    }()

    mutating func insert(_ range: ClosedRange<UInt8>) {
        for byte in range { words[Int(byte >> 6)] |= 1 << UInt64(byte & 63) }
    }

    func contains(_ byte: UInt8) -> Bool { words[Int(byte >> 6)] >> UInt64(byte & 63) & 1 == 1 }

    func union(_ other: ByteSet) -> ByteSet {
        var set = self
        set.words |= other.words
        return set
    }

    var inverted: ByteSet {
        var set = self
        set.words = ~words
        return set
    }
}
