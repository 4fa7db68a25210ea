/// Which string types can hold which texts, and how their bytes become text.
enum NameText {
    /// The type that an issuer would choose: the usual one of the attribute if it can hold the text, else UTF8String.
    static func usualType(for text: String, kind: AttributeKind?) -> DistinguishedName.StringType {
        guard let usual = kind?.stringType, encode(text, as: usual) != nil else { return .utf8 }
        return usual
    }

    /// Content bytes of a string value, or nil when the type cannot hold the text.
    static func encode(_ text: String, as type: DistinguishedName.StringType) -> [UInt8]? {
        switch type {
        case .utf8: return Array(text.utf8)
        case .ia5: return text.utf8.allSatisfy { $0 < 0x80 } ? Array(text.utf8) : nil
        case .visible: return text.utf8.allSatisfy { (0x20..<0x7F).contains($0) } ? Array(text.utf8) : nil
        case .numeric: return text.utf8.allSatisfy { $0 == 0x20 || isDigit($0) } ? Array(text.utf8) : nil
        case .printable: return text.utf8.allSatisfy(isPrintable) ? Array(text.utf8) : nil
        case .teletex: return scalars(text, below: 0x100) { [UInt8($0 & 0xFF)] }
        case .bmp: return scalars(text, below: 0x1_0000) { [UInt8($0 >> 8 & 0xFF), UInt8($0 & 0xFF)] }
        case .universal:
            return scalars(text, below: 0x11_0000) { value in
                [0, UInt8(value >> 16 & 0xFF), UInt8(value >> 8 & 0xFF), UInt8(value & 0xFF)]
            }
        }
    }

    /// The text of a string value, or nil when its bytes are malformed.
    ///
    /// The ASCII types take any 7-bit byte, because `@`, `*` and `_` in PrintableString are common in the field.
    /// TeletexString is read as Latin-1, as everybody does.
    static func decode(_ bytes: ArraySlice<UInt8>, as type: DistinguishedName.StringType) -> String? {
        switch type {
        case .utf8: return String(validating: bytes, as: UTF8.self)
        case .ia5, .visible, .numeric, .printable:
            return bytes.allSatisfy { $0 < 0x80 } ? String(validating: bytes, as: UTF8.self) : nil
        case .teletex: return wide(bytes, width: 1)
        case .bmp: return wide(bytes, width: 2)
        case .universal: return wide(bytes, width: 4)
        }
    }

    private static func wide(_ bytes: ArraySlice<UInt8>, width: Int) -> String? {
        guard bytes.count.isMultiple(of: width) else { return nil }
        var text = String.UnicodeScalarView()
        var value: UInt32 = 0
        for (offset, byte) in bytes.enumerated() {
            value = value << 8 | UInt32(byte)
            guard offset % width == width - 1 else { continue }
            guard let scalar = Unicode.Scalar(value) else { return nil }
            text.append(scalar)
            value = 0
        }
        return String(text)
    }

    private static func scalars(_ text: String, below limit: UInt32, _ bytes: (UInt32) -> [UInt8]) -> [UInt8]? {
        guard text.unicodeScalars.allSatisfy({ $0.value < limit }) else { return nil }
        return text.unicodeScalars.flatMap { bytes($0.value) }
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

    private static func isPrintable(_ byte: UInt8) -> Bool {
        isDigit(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
            || " '()+,-./:=?".utf8.contains(byte)
    }
}
