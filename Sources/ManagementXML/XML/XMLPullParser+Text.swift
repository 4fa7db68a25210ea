extension XMLPullParser {
    /// Takes the text of the innermost open element and ends it; elements in it are refused.
    ///
    /// The slice is good until the next text is taken.
    mutating func text() throws(WireError) -> XMLSlice {
        if isSelfClosed {
            isSelfClosed = false
            endElement()
            return XMLSlice()
        }
        let start = position
        scanPlainText()
        if peek() == UInt8(ascii: "<"), peek(1) == UInt8(ascii: "/") {
            let slice = XMLSlice(start: start, end: position)
            try checkText(bytes: slice.count, at: start)
            try endTag()
            return slice
        }
        textScratch.removeAll(keepingCapacity: true)
        textScratch.append(contentsOf: bytes[start..<position])
        while try continueText(from: start) {}
        try endTag()
        return XMLSlice(place: .textScratch, start: 0, end: textScratch.count)
    }

    /// Moves the position to the next byte that is not simply text.
    private mutating func scanPlainText() {
        position = bytes.withUnsafeBufferPointer { [position] bytes in
            var place = position
            while place < bytes.count {
                switch bytes[place] {
                case UInt8(ascii: "<"), UInt8(ascii: "&"), UInt8(ascii: "]"), 0x0D: return place
                default: place += 1
                }
            }
            return place
        }
    }

    /// Takes one more piece of a text that is not simply bytes of the message; false at its end tag.
    mutating func continueText(from start: Int) throws(WireError) -> Bool {
        switch peek() {
        case UInt8(ascii: "<"):
            if peek(1) == UInt8(ascii: "/") { return false }
            if startsWith("<!--") {
                try skipComment()
            } else if startsWith("<![CDATA[") {
                try takeCharacterData()
            } else {
                throw misplacedElement()
            }
        case UInt8(ascii: "&"): try takeReference()
        case 0x0D: takeLineEnd()
        case UInt8(ascii: "]"):
            guard !startsWith("]]>") else { throw malformed("]]> in text") }
            textScratch.append(UInt8(ascii: "]"))
            position += 1
        default:
            guard position < bytes.count else {
                throw fault(.malformed, at: start, "the message ends within an element")
            }
            let plain = position
            scanPlainText()
            textScratch.append(contentsOf: bytes[plain..<position])
        }
        try checkText(bytes: textScratch.count, at: start)
        return true
    }

    private mutating func takeReference() throws(WireError) {
        let start = position
        let scalar = try reference()
        guard keepsReferences, scalar != 0x22, scalar != 0x27 else {
            return XMLCharacters.appendUTF8(scalar, to: &textScratch)
        }
        textScratch.append(contentsOf: bytes[start..<position])
    }

    private func misplacedElement() -> WireError {
        XMLCharacters.isNameStart(peek(1))
            ? fault(.unexpected, at: position, "an element where only text may stand")
            : malformed("markup that is not taken, or a stray <")
    }

    /// A line ends with a line feed, whatever it was written with (XML section 2.11).
    private mutating func takeLineEnd() {
        textScratch.append(0x0A)
        position += peek(1) == 0x0A ? 2 : 1
    }

    /// Takes `<![CDATA[ ... ]]>`.
    private mutating func takeCharacterData() throws(WireError) {
        let start = position
        position += 9
        while !startsWith("]]>") {
            guard position < bytes.count else { throw fault(.malformed, at: start, "a CDATA section without an end") }
            if bytes[position] == 0x0D {
                takeLineEnd()
            } else {
                textScratch.append(bytes[position])
                position += 1
            }
        }
        position += 3
    }

    private func checkText(bytes count: Int, at place: Int) throws(WireError) {
        guard count <= limits.textBytes else {
            throw fault(.tooLarge, at: place, "a text of more than \(limits.textBytes) bytes")
        }
    }

    /// Reads `&...;` and gives the code point it stands for.
    mutating func reference() throws(WireError) -> UInt32 {
        let start = position
        position += 1
        if peek() == UInt8(ascii: "#") { return try characterReference(from: start) }
        let entities: [(StaticString, UInt32)] = [
            ("amp;", 0x26), ("lt;", 0x3C), ("gt;", 0x3E), ("quot;", 0x22), ("apos;", 0x27),
        ]
        for (entity, scalar) in entities where startsWith(entity) {
            position += entity.utf8CodeUnitCount
            return scalar
        }
        throw fault(.malformed, at: start, "an entity that is none of the five, or a stray &")
    }

    /// Goes on with `&#...;` at its number sign.
    private mutating func characterReference(from start: Int) throws(WireError) -> UInt32 {
        position += 1
        let isHexadecimal = peek() == UInt8(ascii: "x")
        if isHexadecimal { position += 1 }
        var scalar: UInt32 = 0
        var digits = 0
        while let digit = Self.digit(peek(), isHexadecimal: isHexadecimal) {
            // Saturates far above every code point, so that no number of digits overflows.
            scalar = min(scalar * (isHexadecimal ? 16 : 10) + digit, 0x11_0000)
            digits += 1
            position += 1
        }
        guard digits > 0, peek() == UInt8(ascii: ";"), XMLCharacters.isLegal(scalar) else {
            throw fault(.malformed, at: start, "a character reference to no character of XML")
        }
        position += 1
        return scalar
    }

    private static func digit(_ byte: UInt8, isHexadecimal: Bool) -> UInt32? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte - 48)
        case UInt8(ascii: "a")...UInt8(ascii: "f") where isHexadecimal: UInt32(byte - 87)
        case UInt8(ascii: "A")...UInt8(ascii: "F") where isHexadecimal: UInt32(byte - 55)
        default: nil
        }
    }
}
