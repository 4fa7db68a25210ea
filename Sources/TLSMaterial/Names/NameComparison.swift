import Foundation

/// Makes the bytes by which names are compared (RFC 5280 section 7.1, string preparation of RFC 4518).
enum NameComparison {
    /// Equal keys mean equal names, and a name below a subtree has a key that starts with the subtree's key.
    static func key(_ relativeNames: [[DistinguishedName.Attribute]]) -> [UInt8] {
        var key: [UInt8] = []
        for attributes in relativeNames {
            if attributes.count == 1, let only = attributes.first {
                append(framed(attribute(only)), to: &key)
            } else {
                let members = attributes.map { framed(attribute($0)) }
                append(Array(members.sorted { $0.lexicographicallyPrecedes($1) }.joined()), to: &key)
            }
        }
        return key
    }

    private static func append(_ relativeName: [UInt8], to key: inout [UInt8]) {
        key += framed(relativeName)
    }

    /// A length of four bytes in front, so that no two different lists give the same bytes.
    private static func framed(_ bytes: [UInt8]) -> [UInt8] {
        withUnsafeBytes(of: UInt32(truncatingIfNeeded: bytes.count).bigEndian) { Array($0) } + bytes
    }

    private static func attribute(_ attribute: DistinguishedName.Attribute) -> [UInt8] {
        var bytes = framed(attribute.identifier.bytes)
        switch attribute.value {
        case .text(let text, _):
            bytes.append(1)
            bytes += fold(text)
        case .other(let der):
            bytes.append(0)
            bytes += der
        }
        return bytes
    }

    /// Case and white space folded.
    static func fold(_ text: String) -> [UInt8] {
        if text.utf8.allSatisfy({ $0 < 0x80 }) { return squeeze(text.utf8.map(lowerCase)) }
        // RFC 4518 asks for compatibility normalisation and for full case folding, which upper then lower case gives.
        let normal = text.precomposedStringWithCompatibilityMapping.uppercased().lowercased()
        let visible = normal.unicodeScalars.filter { !isMappedToNothing($0) }
        let spaced = visible.map { $0.properties.isWhitespace ? " " : $0 }
        return squeeze(Array(String(String.UnicodeScalarView(spaced)).precomposedStringWithCompatibilityMapping.utf8))
    }

    private static func lowerCase(_ byte: UInt8) -> UInt8 {
        switch byte {
        case 0x41...0x5A: byte | 0x20
        case 0x09...0x0D: 0x20
        default: byte
        }
    }

    /// Soft hyphen, zero-width and format characters (RFC 4518 section 2.2).
    private static func isMappedToNothing(_ scalar: Unicode.Scalar) -> Bool {
        scalar.properties.generalCategory == .format
    }

    private static func squeeze(_ bytes: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
        for byte in bytes where byte != 0x20 || (result.last ?? 0x20) != 0x20 { result.append(byte) }
        if result.last == 0x20 { result.removeLast() }
        return result
    }
}
