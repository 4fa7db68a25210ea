/// Turns BER into DER where the two differ in form: lengths (X.690 section 8.1.3) and split octet strings (8.7.3).
///
/// Content is not changed otherwise, so everything behind this needs to read DER only.
struct BERNormaliser {
    /// How deep values may nest.
    static let depthLimit = 24
    /// How many values there may be, so that a small file cannot make a large tree.
    static let valueLimit = 65_536

    private let bytes: [UInt8]
    private let what: String
    private var position = 0
    private var values = 0

    /// The one value that the bytes hold; throws `.damaged` for anything else and `.tooLarge` over a limit.
    static func der(_ bytes: [UInt8], _ what: String) throws(MaterialError) -> [UInt8] {
        isNormal(bytes) ? bytes : try rebuilt(bytes, what)
    }

    /// As ``der(_:_:)``, whatever the form is already.
    static func rebuilt(_ bytes: [UInt8], _ what: String) throws(MaterialError) -> [UInt8] {
        var normaliser = BERNormaliser(bytes: bytes, what: what)
        let der = try normaliser.value(upTo: bytes.count, depth: 0)
        guard normaliser.position == bytes.count else {
            throw MaterialError(.damaged, detail: "\(what) is followed by something else")
        }
        return der
    }

    /// Whether the bytes are one value within the limits whose form is DER all through, as in nearly every file.
    ///
    /// Walks over the headers and makes nothing.
    static func isNormal(_ bytes: [UInt8]) -> Bool {
        var (position, values) = (0, 0)
        var ends: [Int] = []
        repeat {
            values += 1
            guard ends.count <= depthLimit, values <= valueLimit, position < bytes.count else { return false }
            let tag = bytes[position]
            guard tag & 0x1F != 0x1F, tag != 0, tag != 0x24,
                let content = contentInShortestForm(bytes, lengthAt: position + 1),
                content.upperBound <= ends.last ?? bytes.count
            else { return false }
            if tag & 0x20 != 0 {
                ends.append(content.upperBound)
                position = content.lowerBound
            } else {
                position = content.upperBound
            }
            while ends.last == position { ends.removeLast() }
        } while !ends.isEmpty
        return position == bytes.count
    }

    /// Where the content lies whose length stands here; nil unless it is written in the fewest bytes.
    private static func contentInShortestForm(_ bytes: [UInt8], lengthAt place: Int) -> Range<Int>? {
        guard place < bytes.count else { return nil }
        let first = Int(bytes[place])
        guard first >= 0x80 else { return place + 1..<place + 1 + first }
        let count = first & 0x7F
        guard (1...4).contains(count), place + count < bytes.count else { return nil }
        let length = bytes[place + 1...place + count].reduce(0) { $0 << 8 | Int($1) }
        guard length >= 0x80, bytes[place + 1] != 0 else { return nil }
        return place + 1 + count..<place + 1 + count + length
    }

    private init(bytes: [UInt8], what: String) {
        self.bytes = bytes
        self.what = what
    }

    private var damaged: MaterialError { MaterialError(.damaged, detail: "\(what) is no valid BER") }

    private mutating func value(upTo end: Int, depth: Int) throws(MaterialError) -> [UInt8] {
        values += 1
        guard depth <= Self.depthLimit, values <= Self.valueLimit else {
            throw MaterialError(.tooLarge, detail: "\(what) nests too deeply or has too many parts")
        }
        let tag = try byte(upTo: end)
        // Nothing that is read here has a tag number above 30.
        guard tag & 0x1F != 0x1F, tag != 0 else { throw damaged }
        let isConstructed = tag & 0x20 != 0
        let length = try length(upTo: end)
        guard isConstructed else {
            guard let length else { throw damaged }
            defer { position += length }
            return DEREncoding.value(tag, Array(bytes[position..<position + length]))
        }
        let content = try members(of: tag, upTo: length.map { position + $0 }, or: end, depth: depth)
        return DEREncoding.value(tag == 0x24 ? 0x04 : tag, content)
    }

    /// What is inside a constructed value; the pieces of a split octet string are joined.
    private mutating func members(
        of tag: UInt8, upTo stop: Int?, or end: Int, depth: Int
    ) throws(MaterialError) -> [UInt8] {
        var content: [UInt8] = []
        while true {
            if let stop {
                if position == stop { return content }
            } else if position + 2 <= end, bytes[position] == 0, bytes[position + 1] == 0 {
                position += 2
                return content
            }
            let member = try value(upTo: stop ?? end, depth: depth + 1)
            guard tag == 0x24 else {
                content += member
                continue
            }
            guard let piece = Self.octets(member) else { throw damaged }
            content += piece
        }
    }

    /// The content of a primitive octet string in DER.
    static func octets(_ der: [UInt8]) -> ArraySlice<UInt8>? {
        guard der.first == 0x04, der.count >= 2 else { return nil }
        return der.dropFirst(der[1] < 0x80 ? 2 : 2 + Int(der[1] & 0x7F))
    }

    private mutating func byte(upTo end: Int) throws(MaterialError) -> UInt8 {
        guard position < end else { throw damaged }
        defer { position += 1 }
        return bytes[position]
    }

    /// The length of what follows, which is there in full; nil for the indefinite form.
    private mutating func length(upTo end: Int) throws(MaterialError) -> Int? {
        let first = try byte(upTo: end)
        guard first != 0x80 else { return nil }
        var length = Int(first)
        if first > 0x80 {
            guard first <= 0x88 else { throw damaged }
            length = 0
            for _ in 0..<first & 0x7F {
                guard length < 1 << 32 else { throw damaged }
                length = length << 8 | Int(try byte(upTo: end))
            }
        }
        guard length <= end - position else { throw damaged }
        return length
    }
}
