import DeploymentModel

/// Checks of the small texts of the messages; the patterns are those of the schema.
enum Vocabulary {
    /// `[A-Za-z0-9\-]{1,64}`.
    static func isID(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        (1...64).contains(bytes.count) && bytes.allSatisfy { isAlphanumeric($0) || $0 == UInt8(ascii: "-") }
    }

    /// `[A-Za-z0-9._\-]{1,128}`: the name of an item or a kind of file.
    static func isToken(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        (1...128).contains(bytes.count) && bytes.allSatisfy { XMLCharacters.isNameByte($0) }
    }

    /// `[0-9a-f]{64}`.
    static func isFingerprint(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        bytes.count == 64
            && bytes.allSatisfy { byte in byte &- 0x30 < 10 || byte &- UInt8(ascii: "a") < 6 }
    }

    /// `(ftp|https)://[A-Za-z0-9.\-:\[\]]+(/[!-~]*)?`: no user, no password, nothing but ASCII.
    static func isFetchURL(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        let scheme = bytes.starts(with: "ftp://".utf8) ? 6 : bytes.starts(with: "https://".utf8) ? 8 : nil
        guard let scheme else { return false }
        let slash = bytes[scheme...].firstIndex(of: UInt8(ascii: "/")) ?? bytes.count
        let host = bytes[scheme..<slash]
        let isHost = host.allSatisfy { byte in
            isAlphanumeric(byte) || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "-") || byte == UInt8(ascii: ":")
                || byte == UInt8(ascii: "[") || byte == UInt8(ascii: "]")
        }
        return !host.isEmpty && isHost && bytes[slash...].allSatisfy { (0x21...0x7E).contains($0) }
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        byte &- 0x30 < 10 || (byte | 0x20) &- 0x61 < 26
    }
}

/// How the decoders take what an element holds, and refuse what does not belong there.
extension XMLPullParser {
    func unexpected(_ reason: String, at place: Int? = nil) -> WireError {
        fault(.unexpected, at: place ?? tagStart, reason)
    }

    /// The error of an element that does not belong where it stands.
    func unexpectedElement() -> WireError {
        namespaceNumber == Namespaces.known
            ? unexpected("element \(shownName(name)) does not belong here")
            : unexpected("element \(shownName(name)) of another namespace")
    }

    func unexpectedAttribute(_ attribute: XMLAttribute) -> WireError {
        unexpected("attribute \(shownName(attribute.name)) does not belong here", at: attribute.name.start)
    }

    func badValue(of attribute: XMLAttribute) -> WireError {
        unexpected("attribute \(shownName(attribute.name)) has a value that is not allowed", at: attribute.name.start)
    }

    func missing(_ attribute: StaticString) -> WireError {
        unexpected("attribute \(attribute) is missing")
    }

    private func shownName(_ name: XMLSlice) -> String {
        name.count <= 40 ? string(name) : string(XMLSlice(start: name.start, end: name.start + 37)) + "..."
    }

    /// Whether the attribute has this name and no namespace.
    func isAttribute(_ attribute: XMLAttribute, _ name: StaticString) -> Bool {
        attribute.namespaceNumber == Namespaces.none && attribute.prefix.isEmpty && equals(attribute.name, name)
    }

    func noAttributes() throws(WireError) {
        if let attribute = attributes.first { throw unexpectedAttribute(attribute) }
    }

    /// The value of an attribute that must satisfy a check.
    func checked(
        _ attribute: XMLAttribute, _ check: (UnsafeBufferPointer<UInt8>) -> Bool
    ) throws(WireError) -> String {
        let isGood = try withBytes(of: attribute.value) { bytes in check(bytes) }
        guard isGood else { throw badValue(of: attribute) }
        return string(attribute.value)
    }

    func number(of attribute: XMLAttribute) throws(WireError) -> Int {
        guard let number = number(attribute.value) else { throw badValue(of: attribute) }
        return number
    }

    /// The value of an attribute that is one of the words of a type.
    func word<Word: RawRepresentable>(
        of attribute: XMLAttribute, _ type: Word.Type
    ) throws(WireError) -> Word where Word.RawValue == String {
        guard let word = Word(rawValue: string(attribute.value)) else { throw badValue(of: attribute) }
        return word
    }

    func fileKind(of attribute: XMLAttribute) throws(WireError) -> FileKind {
        FileKind(try checked(attribute, Vocabulary.isToken))
    }

    /// Takes a text of at most ``DirectXML/shortTextLength`` characters.
    mutating func shortText() throws(WireError) -> String {
        let place = tagStart
        try noAttributes()
        let slice = try text()
        let text = string(slice)
        guard text.unicodeScalars.count <= DirectXML.shortTextLength else {
            throw unexpected("a text of more than \(DirectXML.shortTextLength) characters", at: place)
        }
        return text
    }

    /// Takes base64.
    mutating func content() throws(WireError) -> [UInt8] {
        let place = tagStart
        try noAttributes()
        let text = try text()
        let content = try withBytes(of: text) { bytes in Base64.decode(bytes) }
        guard let content else { throw unexpected("a content that is not base64", at: place) }
        return content
    }

    /// Begins the root, which must have the given name in the namespace of the messages.
    mutating func root(named expected: StaticString) throws(WireError) {
        try root()
        guard namespaceNumber == Namespaces.known else {
            if let version = newerVersion() {
                throw fault(
                    .newerVersion, at: tagStart,
                    "the message is of version \(version) of the interface, this side speaks version \(DirectXML.version)"
                )
            }
            throw unexpectedElement()
        }
        guard equals(name, expected) else {
            throw unexpected("element \(shownName(name)) where \(expected) is expected")
        }
    }

    /// The version that the namespace of the element last begun names, when it is a later one of this interface.
    private func newerVersion() -> Int? {
        let stem = DirectXML.namespaceStem
        let name = String(decoding: namespaceName, as: UTF8.self)
        guard name.hasPrefix(stem) else { return nil }
        let digits = name.utf8.dropFirst(stem.utf8.count)
        guard (1...9).contains(digits.count), digits.first != UInt8(ascii: "0"),
            digits.allSatisfy({ $0 &- 0x30 < 10 }), let version = Int(String(digits) ?? ""), version > DirectXML.version
        else { return nil }
        return version
    }
}
