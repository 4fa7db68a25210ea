import DeploymentModel

/// Reads what both messages have in common, tolerant of names, white space and things that are not known.
struct WPIReader {
    /// A message before its words are understood.
    struct Envelope {
        var nonce: String?
        var maxItems: Int?
        var fragment: String?
        /// The text of the element that says what the message is about.
        var word: String?
        /// Where that element stands.
        var wordPlace = 0
        var answeredAction: String?
        var status: String?
        var items: [Item] = []
    }

    /// Whose message it is.
    enum Form {
        case phone
        case server

        var root: StaticString { self == .phone ? "WorkpointMessage" : "DLSMessage" }
        var word: StaticString { self == .phone ? "ReasonForContact" : "Action" }
    }

    var parser: XMLPullParser
    let form: Form
    /// Whether only the described form is taken.
    let isStrict: Bool
    private var envelope = Envelope()
    private var hasMessage = false

    init(_ bytes: [UInt8], limits: DecodingLimits, form: Form, isStrict: Bool = false) throws(WireError) {
        parser = try XMLPullParser(bytes, namespace: WPI.wireNamespace, limits: limits)
        self.form = form
        self.isStrict = isStrict
    }

    /// Reads from the root, which was begun, to its end.
    mutating func read() throws(WireError) -> Envelope {
        guard isElement(form.root) else { throw parser.unexpectedElement() }
        for attribute in parser.attributes where attribute.prefix.isEmpty { try passOver(attribute) }
        while try parser.nextChild() {
            if isElement("Message") {
                try readMessage()
            } else if isElement("ItemList"), !isStrict {
                try readItems()
            } else {
                try passOver()
            }
        }
        guard hasMessage else { throw parser.unexpected("element Message is missing") }
        return envelope
    }

    /// Whether the element last begun has this name; in any namespace and any case unless strict.
    private func isElement(_ name: StaticString) -> Bool {
        isStrict ? parser.isElement(name) : parser.equalsIgnoringCase(parser.name, name)
    }

    private func isAttribute(_ attribute: XMLAttribute, _ name: StaticString) -> Bool {
        isStrict
            ? parser.isAttribute(attribute, name)
            : attribute.prefix.isEmpty && parser.equalsIgnoringCase(attribute.name, name)
    }

    /// Passes over the element last begun, which is not known.
    private mutating func passOver() throws(WireError) {
        if isStrict { throw parser.unexpectedElement() }
        try parser.skipElement()
    }

    /// Passes over an attribute that is not known.
    private func passOver(_ attribute: XMLAttribute) throws(WireError) {
        if isStrict { throw parser.unexpectedAttribute(attribute) }
    }

    private mutating func readMessage() throws(WireError) {
        guard !hasMessage else { throw parser.unexpected("a second element Message") }
        hasMessage = true
        try readMessageAttributes()
        while try parser.nextChild() {
            if isElement(form.word) {
                try readWord()
            } else if isElement("ItemList"), !isStrict || envelope.word != nil {
                try readItems()
            } else {
                try passOver()
            }
        }
    }

    private mutating func readMessageAttributes() throws(WireError) {
        for attribute in parser.attributes {
            if isAttribute(attribute, "nonce") {
                do { envelope.nonce = try parser.checked(attribute, Self.isNonce) } catch { throw error.ofNonce }
            } else if form == .phone, isAttribute(attribute, "maxItems") {
                envelope.maxItems = try mostItems(attribute)
            } else if form == .phone, isAttribute(attribute, "fragment") {
                envelope.fragment = parser.string(attribute.value)
            } else {
                try passOver(attribute)
            }
        }
        guard envelope.nonce != nil else { throw parser.missing("nonce").ofNonce }
    }

    /// Printable ASCII without spaces: phones write 32 upper-case hexadecimal digits, but others are in the guide.
    private static func isNonce(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        (1...128).contains(bytes.count) && bytes.allSatisfy { (0x21...0x7E).contains($0) }
    }

    private func mostItems(_ attribute: XMLAttribute) throws(WireError) -> Int? {
        if parser.equals(attribute.value, "-1") || attribute.value.isEmpty { return nil }
        guard let number = parser.number(attribute.value), number > 0 else { throw parser.badValue(of: attribute) }
        return number
    }

    /// Reads the element that says what the message is about; a further one that is empty is passed over.
    private mutating func readWord() throws(WireError) {
        let place = parser.tagStart
        var found = Envelope()
        for attribute in parser.attributes {
            if form == .phone, isAttribute(attribute, "action") {
                found.answeredAction = try parser.checked(attribute, Vocabulary.isToken)
            } else if form == .phone, isAttribute(attribute, "status") {
                found.status = parser.string(attribute.value)
            } else if form == .phone, isAttribute(attribute, "fragment") {
                found.fragment = parser.string(attribute.value)
            } else {
                try passOver(attribute)
            }
        }
        let word = try parser.trimmedText()
        if word.isEmpty, !isStrict { return }
        guard envelope.word == nil else { throw parser.unexpected("element \(form.word) twice", at: place) }
        envelope.word = word
        envelope.wordPlace = place
        envelope.answeredAction = found.answeredAction
        envelope.status = found.status
        envelope.fragment = envelope.fragment ?? found.fragment
    }

    /// Reads an item list, in or beside the message; a further one that is empty is passed over.
    private mutating func readItems() throws(WireError) {
        let place = parser.tagStart
        for attribute in parser.attributes { try passOver(attribute) }
        var items: [Item] = []
        while try parser.nextChild() {
            guard isElement("Item") else {
                try passOver()
                continue
            }
            guard items.count < parser.limits.items else {
                throw parser.fault(.tooLarge, at: parser.tagStart, "more than \(parser.limits.items) items")
            }
            if let item = try readItem() { items.append(item) }
        }
        if items.isEmpty, !isStrict { return }
        guard envelope.items.isEmpty else { throw parser.unexpected("element ItemList twice", at: place) }
        envelope.items = items
    }

    /// An item; nil when a phone gives it a name that is none.
    private mutating func readItem() throws(WireError) -> Item? {
        var name: XMLAttribute?
        var index: Int?
        var status: ItemStatus?
        for attribute in parser.attributes {
            if isAttribute(attribute, "name") {
                name = attribute
            } else if isAttribute(attribute, "index") {
                index = try self.index(attribute)
            } else if form == .phone, isAttribute(attribute, "status") {
                status = self.status(attribute)
            } else if !isAttribute(attribute, "type") {
                try passOver(attribute)
            }
        }
        guard let name else { throw parser.missing("name") }
        let isName = try parser.withBytes(of: name.value) { bytes in Vocabulary.isToken(bytes) }
        guard isName || form == .phone else { throw parser.badValue(of: name) }
        let key = ItemKey(parser.string(name.value), index: index)
        let text = try parser.text()
        guard isName else { return nil }
        return Item(key, value: text.isEmpty && status != nil ? nil : parser.string(text), status: status)
    }

    /// The number of an instance; an empty one counts as none, and zeros before it count for nothing.
    private func index(_ attribute: XMLAttribute) throws(WireError) -> Int? {
        if isStrict { return try parser.number(of: attribute) }
        var digits = attribute.value
        if digits.isEmpty { return nil }
        while digits.count > 1, parser.byte(0, of: digits) == UInt8(ascii: "0") { digits.start += 1 }
        guard let number = parser.number(digits) else { throw parser.badValue(of: attribute) }
        return number
    }

    private func status(_ attribute: XMLAttribute) -> ItemStatus? {
        if attribute.value.isEmpty { return nil }
        let word = parser.string(attribute.value)
        return ItemStatus(rawValue: word) ?? ItemStatus(rawValue: word.lowercased()) ?? .undefinedStatus
    }
}

/// How the messages of the WorkPoint Interface are taken apart beyond what strict ones need.
extension XMLPullParser {
    /// Whether two texts are the same but for the case of ASCII letters.
    func equalsIgnoringCase(_ slice: XMLSlice, _ text: StaticString) -> Bool {
        func lower(_ byte: UInt8) -> UInt8 { byte &- UInt8(ascii: "A") < 26 ? byte | 0x20 : byte }
        guard slice.count == text.utf8CodeUnitCount else { return false }
        for offset in 0..<slice.count where lower(byte(offset, of: slice)) != lower(text.utf8Start[offset]) {
            return false
        }
        return true
    }

    /// Takes the text of the innermost open element without the white space around it.
    ///
    /// At most 64 bytes, which is more than any word of the protocol has.
    mutating func trimmedText() throws(WireError) -> String {
        let text = try text()
        return try withBytes(of: text) { bytes in
            var rest = bytes[...]
            while let first = rest.first, XMLCharacters.isWhitespace(first) { rest.removeFirst() }
            while let last = rest.last, XMLCharacters.isWhitespace(last) { rest.removeLast() }
            return String(decoding: rest.prefix(64), as: UTF8.self)
        }
    }

    /// Passes over the innermost open element with all that is in it, texts between elements too.
    mutating func skipElement() throws(WireError) {
        let depth = open.count
        while open.count >= depth {
            if isSelfClosed {
                isSelfClosed = false
                endElement()
            } else {
                try skipPiece()
            }
        }
    }

    /// Passes over the next tag, comment or text.
    private mutating func skipPiece() throws(WireError) {
        switch (peek(), peek(1)) {
        case (UInt8(ascii: "<"), UInt8(ascii: "/")): try endTag()
        case (UInt8(ascii: "<"), let byte) where XMLCharacters.isNameStart(byte): try beginElement()
        default:
            textScratch.removeAll(keepingCapacity: true)
            _ = try continueText(from: position)
        }
    }
}

extension WireError {
    fileprivate var ofNonce: WireError {
        var error = self
        error.concernsNonce = true
        return error
    }
}
