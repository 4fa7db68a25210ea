import Testing

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

    /// A good message with one to four things done to it, mostly one.
    mutating func next() -> [UInt8] {
        var bytes = generator.pick(seeds)
        for _ in 0..<generator.pick([1, 1, 1, 2, 4]) { mutate(&bytes) }
        return bytes
    }

    /// A place in the message, often one where markup begins.
    private mutating func place(in bytes: [UInt8]) -> Int {
        let place = generator.number(0...bytes.count - 1)
        guard generator.chance(40) else { return place }
        return bytes[place...].firstIndex(of: UInt8(ascii: "<")) ?? place
    }

    private mutating func mutate(_ bytes: inout [UInt8]) {
        guard !bytes.isEmpty else { return bytes = generator.pick(seeds) }
        let place = place(in: bytes)
        switch generator.number(0...11) {
        case 0: bytes[place] ^= 1 << UInt8(generator.number(0...7))
        case 1: bytes[place] = UInt8(generator.number(0...255))
        case 2: bytes.removeSubrange(place...)
        case 3: bytes.removeSubrange(place..<min(bytes.count, place + generator.number(1...40)))
        case 4, 5: bytes.insert(contentsOf: generator.pick(Self.tricks), at: place)
        case 6: splice(&bytes, at: place)
        case 7: bytes.insert(contentsOf: repeated(), at: place)
        case 8: repeatPart(of: &bytes, at: place)
        case 9: swapBytes(of: &bytes, place)
        default: repeatElement(of: &bytes, from: place)
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

    private mutating func swapBytes(of bytes: inout [UInt8], _ place: Int) {
        bytes.swapAt(place, generator.number(0...bytes.count - 1))
    }

    /// Doubles or drops what stands between two places where markup begins, for example a whole element.
    private mutating func repeatElement(of bytes: inout [UInt8], from place: Int) {
        let markup = bytes.indices.filter { bytes[$0] == UInt8(ascii: "<") && $0 >= place }
        guard let start = markup.first, let end = markup.dropFirst(generator.number(1...2)).first else { return }
        if generator.chance(50) {
            bytes.insert(contentsOf: bytes[start..<end], at: end)
        } else {
            bytes.removeSubrange(start..<end)
        }
    }
}

extension Mutator {
    /// Holds 1500 mutants of the seeds against a property of decoders; ends with the first that breaks it.
    static func check(
        seed: UInt64, seeds: [[UInt8]], violation: ([UInt8]) -> String?, isMessage: ([UInt8]) -> Bool
    ) {
        var mutator = Mutator(seed: seed, seeds: seeds)
        var messages = 0
        for round in 0..<1500 {
            let bytes = mutator.next()
            if let violation = violation(bytes) {
                Issue.record("seed \(seed) round \(round): \(violation)")
                return
            }
            if isMessage(bytes) { messages += 1 }
        }
        // A mutator so rough that nothing gets past the parser would test nothing behind it.
        #expect(messages > 60)
    }
}
