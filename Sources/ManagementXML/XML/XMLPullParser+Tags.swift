extension XMLPullParser {
    /// Reads a start tag (or an empty-element tag) at the position.
    mutating func beginElement() throws(WireError) {
        tagStart = position
        position += 1
        guard XMLCharacters.isNameStart(peek()) else { throw misplacedMarkup() }
        guard open.count < limits.depth else {
            throw fault(.tooLarge, at: tagStart, "elements nested deeper than \(limits.depth)")
        }
        let nameStart = position
        let (prefix, local) = try qualifiedName()
        open.append(OpenElement(nameStart: nameStart, nameEnd: position, outerBindings: namespaces.bindings.count))
        name = local
        attributes.removeAll(keepingCapacity: true)
        if !attributeScratch.isEmpty { attributeScratch.removeAll(keepingCapacity: true) }
        hasPrefixedAttributes = false
        try readAttributes()
        namespaceNumber = try number(ofPrefix: prefix, at: tagStart)
        if hasPrefixedAttributes { try resolveAttributes() }
    }

    /// Why there is no start tag behind `<`.
    private func misplacedMarkup() -> WireError {
        switch peek() {
        case UInt8(ascii: "?"): malformed("a processing instruction")
        case UInt8(ascii: "!"): malformed("a document type or other markup that is not taken")
        case UInt8(ascii: "/"): malformed("an end tag without a start tag")
        case 0x80...: malformed("a name outside ASCII")
        default: malformed("a stray <")
        }
    }

    /// Reads `name` or `prefix:name`; the position is behind it.
    private mutating func qualifiedName() throws(WireError) -> (prefix: XMLSlice, local: XMLSlice) {
        let start = position
        var colon: Int?
        while true {
            let byte = peek()
            if XMLCharacters.isNameByte(byte) {
                position += 1
            } else if byte == UInt8(ascii: ":"), colon == nil, position > start,
                XMLCharacters.isNameStart(peek(1))
            {
                colon = position
                position += 1
            } else {
                break
            }
        }
        guard position - start <= limits.attributeBytes else {
            throw fault(.tooLarge, at: start, "a name of more than \(limits.attributeBytes) bytes")
        }
        guard let colon else { return (XMLSlice(), XMLSlice(start: start, end: position)) }
        return (XMLSlice(start: start, end: colon), XMLSlice(start: colon + 1, end: position))
    }

    /// Reads the attributes up to and including `>` or `/>`.
    private mutating func readAttributes() throws(WireError) {
        var count = 0
        while true {
            let before = position
            skipWhitespace()
            switch peek() {
            case UInt8(ascii: ">"):
                position += 1
                return
            case UInt8(ascii: "/"):
                guard peek(1) == UInt8(ascii: ">") else { throw malformed("a stray / in a tag") }
                position += 2
                isSelfClosed = true
                return
            case let byte where XMLCharacters.isNameStart(byte):
                guard position > before else { throw malformed("no white space before an attribute") }
                count += 1
                guard count <= Self.maximumAttributes else {
                    throw fault(.tooLarge, at: position, "more than \(Self.maximumAttributes) attributes")
                }
                try readAttribute()
            default:
                throw malformed(position < bytes.count ? "a tag that is not well-formed" : "a tag without an end")
            }
        }
    }

    /// Reads one attribute and keeps it, or makes a declaration of it.
    private mutating func readAttribute() throws(WireError) {
        let start = position
        let (prefix, local) = try qualifiedName()
        skipWhitespace()
        guard peek() == UInt8(ascii: "=") else { throw malformed("an attribute without a value") }
        position += 1
        skipWhitespace()
        let value = try attributeValue()
        if prefix.isEmpty, equals(local, "xmlns") {
            try declare(prefix: XMLSlice(), as: value, at: start)
        } else if equals(prefix, "xmlns") {
            try declare(prefix: local, as: value, at: start)
        } else {
            for other in attributes where sameBytes(other.name, local) && sameBytes(other.prefix, prefix) {
                throw fault(.malformed, at: start, "an attribute twice in one tag")
            }
            attributes.append(XMLAttribute(name: local, value: value, prefix: prefix))
            if !prefix.isEmpty { hasPrefixedAttributes = true }
        }
    }

    /// Whether two names in the message are the same.
    func sameBytes(_ left: XMLSlice, _ right: XMLSlice) -> Bool {
        guard left.count == right.count else { return false }
        for offset in 0..<left.count where bytes[left.start + offset] != bytes[right.start + offset] { return false }
        return true
    }

    /// Reads a quoted value; white space in it becomes spaces (XML section 3.3.3).
    private mutating func attributeValue() throws(WireError) -> XMLSlice {
        let quote = peek()
        guard quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'") else {
            throw malformed("an attribute value without quotes")
        }
        position += 1
        let start = position
        while true {
            guard position < bytes.count else { throw fault(.malformed, at: start, "an attribute without an end") }
            let byte = bytes[position]
            if byte == quote { break }
            if byte == UInt8(ascii: "<") { throw malformed("a < in an attribute value") }
            if byte == UInt8(ascii: "&") || byte < 0x20 { return try rewrittenValue(from: start, quote: quote) }
            position += 1
        }
        position += 1
        try checkAttribute(bytes: position - 1 - start, at: start)
        return XMLSlice(start: start, end: position - 1)
    }

    /// Goes on with a value that is not the plain bytes of the message.
    private mutating func rewrittenValue(from start: Int, quote: UInt8) throws(WireError) -> XMLSlice {
        let scratchStart = attributeScratch.count
        attributeScratch.append(contentsOf: bytes[start..<position])
        while true {
            guard position < bytes.count else { throw fault(.malformed, at: start, "an attribute without an end") }
            let byte = bytes[position]
            switch byte {
            case quote:
                position += 1
                return XMLSlice(place: .attributeScratch, start: scratchStart, end: attributeScratch.count)
            case UInt8(ascii: "<"): throw malformed("a < in an attribute value")
            case UInt8(ascii: "&"): XMLCharacters.appendUTF8(try reference(), to: &attributeScratch)
            case 0x0D where peek(1) == 0x0A: position += 1
            case 0x09, 0x0A, 0x0D:
                attributeScratch.append(0x20)
                position += 1
            default:
                attributeScratch.append(byte)
                position += 1
            }
            try checkAttribute(bytes: attributeScratch.count - scratchStart, at: start)
        }
    }

    private func checkAttribute(bytes count: Int, at place: Int) throws(WireError) {
        guard count <= limits.attributeBytes else {
            throw fault(.tooLarge, at: place, "an attribute of more than \(limits.attributeBytes) bytes")
        }
    }

    /// Reads the end tag at the position, which must be that of the innermost open element.
    mutating func endTag() throws(WireError) {
        guard let element = open.last else { throw malformed("an end tag without a start tag") }
        let start = position + 2
        let count = element.nameEnd - element.nameStart
        let opened = XMLSlice(start: element.nameStart, end: element.nameEnd)
        guard start + count <= bytes.count, sameBytes(opened, XMLSlice(start: start, end: start + count)) else {
            throw malformed("an end tag that is not that of the element")
        }
        let tag = position
        position = start + count
        skipWhitespace()
        guard peek() == UInt8(ascii: ">") else {
            throw fault(.malformed, at: tag, "an end tag that is not that of the element")
        }
        position += 1
        endElement()
    }

    /// Forgets the innermost open element and what it declared.
    mutating func endElement() {
        guard let element = open.popLast() else { return }
        if namespaces.bindings.count > element.outerBindings {
            namespaces.bindings.removeLast(namespaces.bindings.count - element.outerBindings)
        }
    }
}
