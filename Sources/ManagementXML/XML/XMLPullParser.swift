/// A strict parser of the part of XML 1.0 that the management messages use: one element after the other, on demand.
///
/// Taken: UTF-8 (with or without a byte order mark), ISO-8859-1 where the XML declaration says so, namespaces, the
/// five entities, character references, CDATA in text, a few comments. Refused: DOCTYPE, other entities, processing
/// instructions, names outside ASCII, whatever is not well-formed, and whatever exceeds the limits.
///
/// The parser does not recurse and keeps no tree. Its caller asks for the next child (``nextChild()``), looks at
/// its name and attributes, and then either goes on with its children or takes its text (``text()``). A line
/// number is counted only when an error is made.
struct XMLPullParser {
    /// The most attributes of one element, namespace declarations counted.
    static let maximumAttributes = 16
    /// The most bytes that all comments of a message may have together.
    static let maximumCommentBytes = 8192
    /// The most namespace declarations of a message.
    static let maximumNamespaces = 64

    let bytes: [UInt8]
    let limits: DecodingLimits
    /// The namespace in which elements count as known.
    let namespace: StaticString

    var position = 0
    /// The open elements, outermost first.
    var open: [OpenElement] = []
    /// Whether the innermost open element was written `<a/>`, so that its end tag needs no reading.
    var isSelfClosed = false
    /// The attributes of the element last begun, in order, without namespace declarations.
    var attributes: [XMLAttribute] = []
    /// Whether one of them has a prefix.
    var hasPrefixedAttributes = false
    /// Where the tag of the element last begun stands.
    var tagStart = 0
    /// The local name of the element last begun.
    var name = XMLSlice()
    /// The number of the namespace of the element last begun; see ``Namespaces``.
    var namespaceNumber = 0

    var namespaces = Namespaces()
    /// Attribute values of the element last begun that are not the plain bytes of the message.
    var attributeScratch: [UInt8] = []
    /// The text last taken, when it is not the plain bytes of the message.
    var textScratch: [UInt8] = []
    var commentBytes = 0
    /// Whether references in texts, but those to the two quotes, are taken as they stand, as old firmware does.
    var keepsReferences = false

    /// An element that was begun and not ended yet.
    struct OpenElement {
        /// The name with its prefix, as written.
        var nameStart: Int
        var nameEnd: Int
        /// The declarations that held before this element.
        var outerBindings: Int
    }

    /// Checks size, encoding and characters of the whole message and reads the XML declaration.
    init(_ message: [UInt8], namespace: StaticString, limits: DecodingLimits) throws(WireError) {
        self.limits = limits
        self.namespace = namespace
        guard message.count <= limits.bytes else {
            throw WireError(.tooLarge, line: 1, reason: "the message has more than \(limits.bytes) bytes")
        }
        let prolog = try XMLProlog(message)
        bytes = prolog.isLatin1 ? XMLCharacters.utf8(fromLatin1: message) : message
        position = prolog.end
        if let illegal = bytes.withUnsafeBufferPointer(XMLCharacters.firstIllegal(in:)) {
            throw fault(.malformed, at: illegal, "a byte that is no character of XML in UTF-8")
        }
    }

    /// The error of this message at a byte position.
    func fault(_ code: WireError.Code, at place: Int, _ reason: String) -> WireError {
        WireError(code, line: XMLProlog.line(of: place, in: bytes), reason: reason)
    }

    /// The error of this message where the parser stands.
    func malformed(_ reason: String) -> WireError {
        fault(.malformed, at: position, reason)
    }

    /// The byte `offset` after the position; 0, which no message holds, behind the end.
    func peek(_ offset: Int = 0) -> UInt8 {
        position &+ offset < bytes.count ? bytes[position &+ offset] : 0
    }

    func startsWith(_ text: StaticString) -> Bool {
        holds(text, at: position, count: min(text.utf8CodeUnitCount, bytes.count - position))
    }

    /// Whether the `count` bytes at `place` are `text`.
    func holds(_ text: StaticString, at place: Int, count: Int) -> Bool {
        guard text.utf8CodeUnitCount == count else { return false }
        for offset in 0..<count where bytes[place + offset] != text.utf8Start[offset] { return false }
        return true
    }

    mutating func skipWhitespace() {
        while position < bytes.count, XMLCharacters.isWhitespace(bytes[position]) { position += 1 }
    }

    /// Begins the root element.
    mutating func root() throws(WireError) {
        try skipMiscellany()
        guard peek() == UInt8(ascii: "<") else {
            throw malformed(position == bytes.count ? "no element at all" : "text before the first element")
        }
        try beginElement()
    }

    /// Begins the next child of the innermost open element; false when that has ended, which it then has.
    ///
    /// Only white space and comments may stand between the children.
    mutating func nextChild() throws(WireError) -> Bool {
        if isSelfClosed {
            isSelfClosed = false
            endElement()
            return false
        }
        try skipMiscellany()
        guard peek() == UInt8(ascii: "<") else {
            guard position < bytes.count else { throw malformed("the message ends within an element") }
            throw fault(.unexpected, at: position, "text where only elements may stand")
        }
        switch peek(1) {
        case UInt8(ascii: "/"):
            try endTag()
            return false
        case UInt8(ascii: "!") where startsWith("<![CDATA["):
            throw fault(.unexpected, at: position, "text where only elements may stand")
        default:
            try beginElement()
            return true
        }
    }

    /// Ends the innermost open element, which must have no content.
    mutating func endEmpty() throws(WireError) {
        let place = tagStart
        guard try text().isEmpty else { throw fault(.unexpected, at: place, "text in an element that has none") }
    }

    /// Refuses whatever but white space and comments stands behind the root.
    mutating func finish() throws(WireError) {
        try skipMiscellany()
        guard position == bytes.count else { throw malformed("something stands behind the last end tag") }
    }

    /// Skips white space and comments.
    private mutating func skipMiscellany() throws(WireError) {
        while true {
            skipWhitespace()
            guard peek() == UInt8(ascii: "<"), peek(1) == UInt8(ascii: "!"), startsWith("<!--") else { return }
            try skipComment()
        }
    }

    /// Skips `<!-- ... -->`.
    mutating func skipComment() throws(WireError) {
        let start = position
        position += 4
        while true {
            guard position < bytes.count else { throw fault(.malformed, at: start, "a comment without an end") }
            if bytes[position] == UInt8(ascii: "-"), peek(1) == UInt8(ascii: "-") { break }
            position += 1
        }
        guard peek(2) == UInt8(ascii: ">") else { throw malformed("two hyphens within a comment") }
        position += 3
        commentBytes += position - start
        guard commentBytes <= Self.maximumCommentBytes else {
            throw fault(.tooLarge, at: start, "more than \(Self.maximumCommentBytes) bytes of comments")
        }
    }
}
