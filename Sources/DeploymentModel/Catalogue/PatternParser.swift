/// A pattern as it was written.
indirect enum PatternTree {
    case bytes(ByteSet)
    case sequence([PatternTree])
    case either([PatternTree])
    case repeated(PatternTree, least: Int, most: Int?)
}

/// Reads the dialect of ``ValuePattern``; every function gives nil for what it cannot read.
struct PatternParser {
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
