/// Makes broken messages of good ones.
struct Mutator {
    private var generator: SeededGenerator
    private let seeds: [[UInt8]]

    /// Pieces that parsers stumble over.
    private static let tricks = [
        "<", ">", "/>", "</", "&", "&amp;", "&#0;", "&#xD800;", "&#99999999999999999999;", "&lt", "&#x;", "]]>",
        "<![CDATA[", "<!--",
        "--", "-->", "<!DOCTYPE a [<!ENTITY b \"c\">]>", "&b;", "<?xml version=\"1.0\"?>", "<?pi?>", "xmlns=\"\"",
        " xmlns:a=\"urn:phonefleet:management:1\"", " xmlns=\"urn:phonefleet:management:2\"", " xmlns:a=\"\"", "a:",
        "xml:lang=\"x\"", "\"", "'", "=", "\r", "\n", "\t",
        "\u{0}", "\u{FFFE}", "\u{FFFF}", "\u{FEFF}", "\u{10FFFF}", "<Item name=\"a\">", "</Item>", "<Item/>",
        " name=\"a\"", " index=\"00\"", " value=\"absent\"",
        " value=\"empty\"", " status=\"failed\"", "<Reason>", "</Reason>", "<ItemList>", "</ItemList>",
        "encoding=\"ISO-8859-1\"",
    ].map { Array($0.utf8) }

    init(seed: UInt64, seeds: [[UInt8]]) {
        generator = SeededGenerator(seed: seed)
        self.seeds = seeds
    }

    /// A good message with one to four things done to it.
    mutating func next() -> [UInt8] {
        var bytes = generator.pick(seeds)
        for _ in 0..<generator.number(1...4) { mutate(&bytes) }
        return bytes
    }

    private mutating func mutate(_ bytes: inout [UInt8]) {
        guard !bytes.isEmpty else { return bytes = generator.pick(seeds) }
        let place = generator.number(0...bytes.count - 1)
        switch generator.number(0...9) {
        case 0: bytes[place] ^= 1 << UInt8(generator.number(0...7))
        case 1: bytes[place] = UInt8(generator.number(0...255))
        case 2: bytes.removeSubrange(place...)
        case 3: bytes.removeSubrange(place..<min(bytes.count, place + generator.number(1...40)))
        case 4, 5: bytes.insert(contentsOf: generator.pick(Self.tricks), at: place)
        case 6: splice(&bytes, at: place)
        case 7: bytes.insert(contentsOf: repeated(), at: place)
        case 8: repeatPart(of: &bytes, at: place)
        default: swapParts(of: &bytes, place)
        }
    }

    /// Goes on with the tail of another message.
    private mutating func splice(_ bytes: inout [UInt8], at place: Int) {
        let other = generator.pick(seeds)
        bytes.replaceSubrange(place..., with: other[generator.number(0...other.count - 1)...])
    }

    /// Deep nesting, huge names and attributes, many namespaces.
    private mutating func repeated() -> [UInt8] {
        let piece = generator.pick(["<a>", "<a b='c'>", "x", " a='", "&amp;", "<!-- -->", " xmlns:p='q'", "]", "\r"])
        return Array(String(repeating: piece, count: generator.pick([2, 9, 17, 70, 1100])).utf8)
    }

    private mutating func repeatPart(of bytes: inout [UInt8], at place: Int) {
        let end = min(bytes.count, place + generator.number(1...120))
        bytes.insert(contentsOf: bytes[place..<end], at: end)
    }

    private mutating func swapParts(of bytes: inout [UInt8], _ place: Int) {
        let other = generator.number(0...bytes.count - 1)
        bytes.swapAt(place, other)
    }
}
