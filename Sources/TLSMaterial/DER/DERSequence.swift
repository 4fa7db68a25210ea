import SwiftASN1

/// Walks the members of one constructed DER value and reports what is wrong in the errors of this module.
struct DERSequence {
    private var members: ASN1NodeCollection.Iterator
    private var ahead: ASN1Node?
    private let what: String

    /// - Parameter what: the part of the certificate, for error texts.
    init(_ node: ASN1Node, _ what: String, tagged identifier: ASN1Identifier = .sequence) throws(MaterialError) {
        guard node.identifier == identifier, case .constructed(let members) = node.content else {
            throw MaterialError(.damaged, detail: "\(what) has the wrong structure")
        }
        self.members = members.makeIterator()
        self.what = what
        ahead = self.members.next()
    }

    /// The next member whatever it is, or nil at the end.
    mutating func nextIfAny() -> ASN1Node? {
        defer { ahead = members.next() }
        return ahead
    }

    /// The next member, which must be there.
    mutating func next() throws(MaterialError) -> ASN1Node {
        guard let node = nextIfAny() else { throw MaterialError(.damaged, detail: "\(what) ends too early") }
        return node
    }

    /// The next member, which must have this tag.
    mutating func next(_ identifier: ASN1Identifier) throws(MaterialError) -> ASN1Node {
        let node = try next()
        guard node.identifier == identifier else {
            throw MaterialError(.damaged, detail: "\(what) has an unexpected member")
        }
        return node
    }

    /// The next member if it has this tag; else nothing is taken.
    mutating func optional(_ identifier: ASN1Identifier) -> ASN1Node? {
        ahead?.identifier == identifier ? nextIfAny() : nil
    }

    /// There must be nothing left.
    func finish() throws(MaterialError) {
        guard ahead == nil else { throw MaterialError(.damaged, detail: "\(what) has more members than it may") }
    }
}

extension ASN1Identifier {
    /// The context-specific tag of this number.
    static func context(_ number: UInt) -> ASN1Identifier {
        ASN1Identifier(tagWithNumber: number, tagClass: .contextSpecific)
    }
}

extension ASN1Node {
    /// Parses strict DER without anything behind it.
    static func der(_ bytes: ArraySlice<UInt8>, _ what: String) throws(MaterialError) -> ASN1Node {
        do { return try DER.parse(bytes) } catch { throw MaterialError(.damaged, detail: "\(what) is no valid DER") }
    }

    /// The content bytes of a primitive value.
    func primitive(_ what: String) throws(MaterialError) -> ArraySlice<UInt8> {
        guard case .primitive(let bytes) = content else {
            throw MaterialError(.damaged, detail: "\(what) has the wrong structure")
        }
        return bytes
    }

    /// The content bytes of a primitive value with this tag.
    func primitive(_ what: String, tagged tag: ASN1Identifier) throws(MaterialError) -> ArraySlice<UInt8> {
        guard identifier == tag else { throw MaterialError(.damaged, detail: "\(what) has the wrong type") }
        return try primitive(what)
    }

    /// An object identifier.
    func objectIdentifier(_ what: String) throws(MaterialError) -> ObjectIdentifier {
        let bytes = try primitive(what, tagged: .objectIdentifier)
        guard let identifier = ObjectIdentifier(content: bytes) else {
            throw MaterialError(.damaged, detail: "\(what) has a malformed object identifier")
        }
        return identifier
    }

    /// DER BOOLEAN: 0x00 or 0xFF and nothing else (X.690 11.1).
    func boolean(_ what: String) throws(MaterialError) -> Bool {
        let bytes = try primitive(what, tagged: .boolean)
        guard bytes.count == 1, let byte = bytes.first, byte == 0 || byte == 0xFF else {
            throw MaterialError(.damaged, detail: "\(what) has a malformed BOOLEAN")
        }
        return byte == 0xFF
    }

    /// The content of an INTEGER in minimal two's complement form (X.690 8.3.2).
    func integer(_ what: String, tagged tag: ASN1Identifier = .integer) throws(MaterialError) -> ArraySlice<UInt8> {
        let bytes = try primitive(what, tagged: tag)
        guard let first = bytes.first else { throw MaterialError(.damaged, detail: "\(what) is an empty INTEGER") }
        if bytes.count > 1 {
            let second = bytes[bytes.startIndex + 1]
            if (first == 0 && second & 0x80 == 0) || (first == 0xFF && second & 0x80 != 0) {
                throw MaterialError(.damaged, detail: "\(what) is an INTEGER that is not minimal")
            }
        }
        return bytes
    }

    /// A small non-negative INTEGER; a larger one is capped at `Int32.max`, a negative one is an error.
    func smallInteger(_ what: String, tagged tag: ASN1Identifier = .integer) throws(MaterialError) -> Int {
        let bytes = try integer(what, tagged: tag)
        guard let first = bytes.first, first & 0x80 == 0 else {
            throw MaterialError(.damaged, detail: "\(what) is negative")
        }
        guard bytes.count <= 4 else { return Int(Int32.max) }
        return bytes.reduce(0) { $0 << 8 | Int($1) }
    }

    /// The bytes of a BIT STRING and how many bits at its end are unused (they must be zero, X.690 11.2.1).
    func bitString(
        _ what: String, tagged tag: ASN1Identifier = .bitString
    ) throws(MaterialError) -> (bytes: ArraySlice<UInt8>, unused: Int) {
        let content = try primitive(what, tagged: tag)
        guard let unused = content.first, unused < 8, content.count > 1 || unused == 0 else {
            throw MaterialError(.damaged, detail: "\(what) has a malformed BIT STRING")
        }
        let bytes = content.dropFirst()
        if let last = bytes.last, last & ((1 << unused) - 1) != 0 {
            throw MaterialError(.damaged, detail: "\(what) has a malformed BIT STRING")
        }
        return (bytes, Int(unused))
    }
}
