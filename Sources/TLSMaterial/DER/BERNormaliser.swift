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
        var normaliser = BERNormaliser(bytes: bytes, what: what)
        let der = try normaliser.value(upTo: bytes.count, depth: 0)
        guard normaliser.position == bytes.count else {
            throw MaterialError(.damaged, detail: "\(what) is followed by something else")
        }
        return der
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
