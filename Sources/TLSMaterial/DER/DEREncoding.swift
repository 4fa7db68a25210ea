/// Builds DER from the inside out; the results are plain bytes that nest by concatenation.
enum DEREncoding {
    /// One value: tag, minimal length, content.
    static func value(_ tag: UInt8, _ content: [UInt8]) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(content.count + 10)
        bytes.append(tag)
        if content.count < 0x80 {
            bytes.append(UInt8(content.count))
        } else {
            let length = bigEndian(UInt64(content.count))
            bytes.append(0x80 | UInt8(length.count))
            bytes += length
        }
        bytes += content
        return bytes
    }

    static func sequence(_ members: [[UInt8]]) -> [UInt8] { value(0x30, joined(members)) }

    /// SET OF, its members in the order that X.690 11.6 asks for.
    static func set(_ members: [[UInt8]]) -> [UInt8] {
        value(0x31, joined(members.sorted { $0.lexicographicallyPrecedes($1) }))
    }

    static func objectIdentifier(_ identifier: ObjectIdentifier) -> [UInt8] { value(0x06, identifier.bytes) }

    /// INTEGER from an unsigned magnitude, most significant byte first.
    static func integer(magnitude: [UInt8]) -> [UInt8] {
        var bytes = Array(magnitude.drop { $0 == 0 })
        if (bytes.first ?? 0x80) & 0x80 != 0 { bytes.insert(0, at: 0) }
        return value(0x02, bytes)
    }

    static func integer(_ number: Int) -> [UInt8] { integer(magnitude: bigEndian(UInt64(max(0, number)))) }

    static func boolean(_ flag: Bool) -> [UInt8] { value(0x01, [flag ? 0xFF : 0]) }

    static func octetString(_ bytes: [UInt8]) -> [UInt8] { value(0x04, bytes) }

    static func bitString(_ bytes: [UInt8], unused: UInt8 = 0) -> [UInt8] { value(0x03, [unused] + bytes) }

    static let null: [UInt8] = [0x05, 0x00]

    /// A context-specific tag around complete values.
    static func explicit(_ number: UInt8, _ content: [UInt8]) -> [UInt8] { value(0xA0 | number, content) }

    private static func joined(_ members: [[UInt8]]) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(members.reduce(0) { $0 + $1.count })
        for member in members { bytes += member }
        return bytes
    }

    private static func bigEndian(_ number: UInt64) -> [UInt8] {
        let bytes = withUnsafeBytes(of: number.bigEndian) { Array($0) }
        return Array(bytes.drop { $0 == 0 })
    }
}
