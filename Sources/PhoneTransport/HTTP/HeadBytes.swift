/// Cuts a head into its lines; a line ends with CR LF and holds neither alone (RFC 9112 section 2.2).
struct LineReader {
    let bytes: UnsafeRawBufferPointer
    private var position = 0

    init(bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
    }

    mutating func next() -> Range<Int>? {
        guard position < bytes.count else { return nil }
        let start = position
        while position < bytes.count, bytes[position] != 13 { position += 1 }
        let line = start..<position
        position += 2
        return line
    }
}

extension UnsafeRawBufferPointer {
    func split(_ range: Range<Int>, at separator: UInt8) -> [Range<Int>] {
        var parts: [Range<Int>] = []
        var start = range.lowerBound
        for position in range where self[position] == separator {
            parts.append(start..<position)
            start = position + 1
        }
        parts.append(start..<range.upperBound)
        return parts
    }

    func equal(_ range: Range<Int>, _ text: StaticString) -> Bool {
        guard range.count == text.utf8CodeUnitCount else { return false }
        for (offset, position) in range.enumerated() where self[position] != text.utf8Start[offset] { return false }
        return true
    }

    /// - Parameter text: in lower case.
    func equalIgnoringCase(_ range: Range<Int>, _ text: StaticString) -> Bool {
        HTTPField.equal(self[range], text)
    }

    func trimmed(_ range: Range<Int>) -> Range<Int> {
        let text = HTTPField.trimmed(self[range])
        return text.startIndex..<text.endIndex
    }

    func text(_ range: Range<Int>) -> String {
        String(decoding: self[range], as: UTF8.self)
    }

    /// `application/xml` or `text/xml`, with or without parameters.
    func isXMLType(_ range: Range<Int>) -> Bool {
        let end = range.first { self[$0] == UInt8(ascii: ";") } ?? range.upperBound
        let type = trimmed(range.lowerBound..<end)
        return equalIgnoringCase(type, "application/xml") || equalIgnoringCase(type, "text/xml")
    }

    /// The position of the empty line that ends a head, searched from `start`; a CR or LF out of place ends it too.
    func endOfHead(from start: Int) -> HeadEnd {
        var position = start
        while position < count {
            let byte = self[position]
            if byte == 0 || byte == 10 { return .broken }
            guard byte == 13 else {
                position += 1
                continue
            }
            guard position + 1 < count else { return .open(position) }
            guard self[position + 1] == 10 else { return .broken }
            guard position + 3 < count else {
                return position + 2 < count && self[position + 2] != 13 ? .open(position + 2) : .open(position)
            }
            if self[position + 2] == 13, self[position + 3] == 10 { return .found(position) }
            position += 2
        }
        return .open(position)
    }
}

/// What a search for the end of a head came to.
enum HeadEnd {
    /// The last line ends here; the empty line follows.
    case found(Int)
    /// Not there yet; the next search starts here.
    case open(Int)
    case broken
}
