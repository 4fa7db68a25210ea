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

/// A pattern as it was written.
indirect enum PatternTree {
    case bytes(ByteSet)
    case sequence([PatternTree])
    case either([PatternTree])
    case repeated(PatternTree, least: Int, most: Int?)
}

/// Reads the dialect of ``ValuePattern``; every function gives nil for what it cannot read.
private struct PatternParser {
    private static let special = Array("\\.[](){}|?*+^$-".utf8)
    private let bytes: [UInt8]
    private var position = 0
    private var depth = 0

    init(_ pattern: String) { bytes = Array(pattern.utf8.prefix(1025)) }

    var isAtEnd: Bool { position == bytes.count && bytes.count <= 1024 }
    private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard next == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    mutating func alternatives() -> PatternTree? {
        guard depth < 20 else { return nil }
        depth += 1
        defer { depth -= 1 }
        var parts: [PatternTree] = []
        repeat {
            guard let part = sequence() else { return nil }
            parts.append(part)
        } while take("|")
        return parts.count == 1 ? parts[0] : .either(parts)
    }

    private mutating func sequence() -> PatternTree? {
        var parts: [PatternTree] = []
        while let byte = next, byte != UInt8(ascii: "|"), byte != UInt8(ascii: ")") {
            guard let part = atom(), let repeated = repetition(of: part) else { return nil }
            parts.append(repeated)
        }
        return .sequence(parts)
    }

    private mutating func atom() -> PatternTree? {
        guard let byte = next else { return nil }
        position += 1
        switch byte {
        case UInt8(ascii: "("):
            guard let inner = alternatives(), take(")") else { return nil }
            return inner
        case UInt8(ascii: "["): return characterClass().map(PatternTree.bytes)
        case UInt8(ascii: "."): return .bytes(.any)
        case UInt8(ascii: "\\"): return escaped().map(PatternTree.bytes)
        default: return Self.special.contains(byte) && byte != UInt8(ascii: "-") ? nil : .bytes(Self.single(byte))
        }
    }

    private static func single(_ byte: UInt8) -> ByteSet {
        var set = ByteSet()
        set.insert(byte...byte)
        return set
    }

    private mutating func escaped() -> ByteSet? {
        guard let byte = next else { return nil }
        position += 1
        if byte == UInt8(ascii: "d") { return .digits }
        return Self.special.contains(byte) ? Self.single(byte) : nil
    }

    private mutating func characterClass() -> ByteSet? {
        let isInverted = take("^")
        var set = ByteSet()
        var isEmpty = true
        while !take("]") {
            guard let first = classMember() else { return nil }
            isEmpty = false
            let hasRange =
                next == UInt8(ascii: "-") && position + 1 < bytes.count
                && bytes[position + 1] != UInt8(ascii: "]")
            guard let low = first.byte, hasRange else {
                set = set.union(first.set)
                continue
            }
            position += 1
            guard let high = classMember()?.byte, low <= high else { return nil }
            set.insert(low...high)
        }
        return isEmpty ? nil : isInverted ? set.inverted : set
    }

    private mutating func classMember() -> (set: ByteSet, byte: UInt8?)? {
        guard let byte = next else { return nil }
        position += 1
        guard byte == UInt8(ascii: "\\") else { return (Self.single(byte), byte) }
        let literal = next
        guard let set = escaped() else { return nil }
        return (set, literal == UInt8(ascii: "d") ? nil : literal)
    }

    private mutating func repetition(of part: PatternTree) -> PatternTree? {
        if take("?") { return .repeated(part, least: 0, most: 1) }
        if take("*") { return .repeated(part, least: 0, most: nil) }
        if take("+") { return .repeated(part, least: 1, most: nil) }
        guard take("{") else { return part }
        guard let least = number() else { return nil }
        var most: Int? = least
        if take(",") { most = next == UInt8(ascii: "}") ? nil : number() ?? -1 }
        guard take("}"), most.map({ $0 >= least }) ?? true else { return nil }
        return .repeated(part, least: least, most: most)
    }

    private mutating func number() -> Int? {
        var value: Int?
        while let byte = next, (48...57).contains(byte), (value ?? 0) < 1000 {
            value = (value ?? 0) * 10 + Int(byte - 48)
            position += 1
        }
        return value.flatMap { $0 <= 1000 ? $0 : nil }
    }
}
