/// Looks at the bytes of header lines without making strings of them, for both ends.
enum HTTPField {
    /// The number that 1 to 10 decimal digits write.
    static func number(_ digits: ArraySlice<UInt8>) -> Int? {
        guard (1...10).contains(digits.count) else { return nil }
        var number = 0
        for byte in digits {
            guard (48...57).contains(byte) else { return nil }
            number = number * 10 + Int(byte - 48)
        }
        return number
    }

    /// Whether the bytes are `word`, case folded; `word` in lower case.
    static func equal(_ bytes: some Collection<UInt8>, _ word: StaticString) -> Bool {
        guard bytes.count == word.utf8CodeUnitCount else { return false }
        var letter = word.utf8Start
        for byte in bytes {
            guard byte == letter.pointee || ((65...90).contains(byte) && byte | 32 == letter.pointee) else {
                return false
            }
            letter += 1
        }
        return true
    }

    /// The value without blanks around it.
    static func trimmed<Bytes: BidirectionalCollection>(_ bytes: Bytes) -> Bytes.SubSequence
    where Bytes.Element == UInt8 {
        var bytes = bytes.drop { $0 == 32 || $0 == 9 }
        while let last = bytes.last, last == 32 || last == 9 { bytes.removeLast() }
        return bytes
    }

    /// The size that the line before a chunk says (RFC 9112 section 7.1); extensions are passed over.
    static func chunkSize(_ line: some Collection<UInt8>) -> Int? {
        let digits = line.prefix { $0 != UInt8(ascii: ";") && $0 != 32 && $0 != 9 }
        return digits.count <= 8 ? DigestHash.number(digits).map(Int.init) : nil
    }

    /// Whether the bytes may be a field name: visible, no separators.
    static func isToken(_ bytes: ArraySlice<UInt8>) -> Bool {
        bytes.allSatisfy(HTTPSyntax.isTokenByte)
    }
}
