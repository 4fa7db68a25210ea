import SwiftASN1

extension DistinguishedName {
    /// Reads RFC 4514 form, for example `CN=optiPoint 410,O=Example`.
    ///
    /// Short names (`CN`, `O`, `E`, ...; case plays no part) and dotted types are known. Spaces around `,`, `+` and `=`
    /// are passed over and quoted values are read, as RFC 2253 section 4 asked for. Throws `.badName` with the
    /// position.
    public init(rfc4514 text: String) throws(MaterialError) {
        guard text.utf8.count <= Self.sizeLimit else {
            throw MaterialError(.badName, detail: "a name of \(text.utf8.count) bytes")
        }
        var parser = NameParser(text)
        try self.init(relativeNames: try parser.relativeNames())
    }
}

/// A single pass over the bytes of an RFC 4514 text.
private struct NameParser {
    private let bytes: [UInt8]
    private var position = 0

    init(_ text: String) { bytes = Array(text.utf8) }

    private var current: UInt8? { position < bytes.count ? bytes[position] : nil }

    /// In the order of the encoding.
    mutating func relativeNames() throws(MaterialError) -> [[DistinguishedName.Attribute]] {
        skipSpaces()
        guard current != nil else { return [] }
        var names = [[try attribute()]]
        while let separator = current {
            position += 1
            let next = try attribute()
            if separator == UInt8(ascii: "+") {
                names[names.count - 1].append(next)
            } else {
                names.append([next])
            }
        }
        return names.reversed().map { $0.reversed() }
    }

    /// One `type=value`; stops at a separator or at the end.
    private mutating func attribute() throws(MaterialError) -> DistinguishedName.Attribute {
        skipSpaces()
        let typeStart = position
        while let byte = current, byte != UInt8(ascii: "=") {
            guard isTypeByte(byte) || byte == UInt8(ascii: " ") else { throw error("an attribute type") }
            position += 1
        }
        guard current != nil else { throw error("'='") }
        let type = String(decoding: bytes[typeStart..<position], as: UTF8.self)
        position += 1
        skipSpaces()
        let (identifier, kind) = try identify(type)
        if current == UInt8(ascii: "#") {
            return DistinguishedName.Attribute(identifier, try hexadecimalValue())
        }
        let text = current == UInt8(ascii: "\"") ? try quotedValue() : try plainValue()
        return DistinguishedName.Attribute(identifier, .text(text, NameText.usualType(for: text, kind: kind)))
    }

    private func identify(_ text: String) throws(MaterialError) -> (ObjectIdentifier, AttributeKind?) {
        let type = String(text.reversed().drop { $0 == " " }.reversed())
        if let kind = AttributeKind.byName[type.lowercased()] { return (kind.identifier, kind) }
        let dotted = type.lowercased().hasPrefix("oid.") ? String(type.dropFirst(4)) : type
        guard let identifier = ObjectIdentifier(dotted: dotted) else {
            throw MaterialError(.badName, detail: "unknown attribute type '\(type.prefix(40))'")
        }
        return (identifier, AttributeKind.byIdentifier[identifier])
    }

    private mutating func plainValue() throws(MaterialError) -> String {
        var value: [UInt8] = []
        var significant = 0
        while let byte = current, byte != UInt8(ascii: ","), byte != UInt8(ascii: "+") {
            if byte == UInt8(ascii: "\\") {
                value.append(try escaped())
                significant = value.count
                continue
            }
            guard byte != 0, !"\"<>;".utf8.contains(byte) else { throw error("an escaped special character") }
            value.append(byte)
            position += 1
            if byte != UInt8(ascii: " ") { significant = value.count }
        }
        return try text(value[..<significant])
    }

    private mutating func quotedValue() throws(MaterialError) -> String {
        var value: [UInt8] = []
        position += 1
        while let byte = current, byte != UInt8(ascii: "\"") {
            if byte == UInt8(ascii: "\\") {
                value.append(try escaped())
            } else {
                value.append(byte)
                position += 1
            }
        }
        guard current != nil else { throw error("a closing quotation mark") }
        position += 1
        skipSpaces()
        guard atSeparator else { throw error("',' or the end") }
        return try text(value[...])
    }

    /// `#` and the DER value in hexadecimal.
    private mutating func hexadecimalValue() throws(MaterialError) -> DistinguishedName.Value {
        position += 1
        var value: [UInt8] = []
        while let byte = current, let high = hexDigit(byte) {
            guard position + 1 < bytes.count, let low = hexDigit(bytes[position + 1]) else {
                throw error("a hex digit")
            }
            value.append(high << 4 | low)
            position += 2
        }
        skipSpaces()
        guard atSeparator, let node = try? DER.parse(value) else { throw error("a DER value in hexadecimal") }
        return try NameDER.value(node, "the value")
    }

    /// The byte that `\` stands for; leaves the position behind it.
    private mutating func escaped() throws(MaterialError) -> UInt8 {
        guard position + 1 < bytes.count else { throw error("something after '\\'") }
        let first = bytes[position + 1]
        if let high = hexDigit(first) {
            guard position + 2 < bytes.count, let low = hexDigit(bytes[position + 2]) else {
                throw error("a hex digit")
            }
            position += 3
            return high << 4 | low
        }
        guard " \"#+,;<=>\\".utf8.contains(first) else { throw error("a character that may be escaped") }
        position += 2
        return first
    }

    private var atSeparator: Bool {
        current == nil || current == UInt8(ascii: ",") || current == UInt8(ascii: "+")
    }

    private mutating func skipSpaces() {
        while current == UInt8(ascii: " ") { position += 1 }
    }

    private func text(_ value: ArraySlice<UInt8>) throws(MaterialError) -> String {
        guard let text = String(validating: value, as: UTF8.self) else { throw error("UTF-8") }
        return text
    }

    private func isTypeByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "."), UInt8(ascii: "-"): true
        default: false
        }
    }

    private func hexDigit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x41...0x46: byte - 0x37
        case 0x61...0x66: byte - 0x57
        default: nil
        }
    }

    private func error(_ expected: String) -> MaterialError {
        MaterialError(.badName, detail: "expected \(expected) at character \(position + 1)")
    }
}
