/// A 48-bit hardware address of a phone, the key by which a phone is known again when its address changed.
public struct MACAddress: Hashable, Sendable, Comparable {
    /// The address as a number; only the low 48 bits are used.
    public let value: UInt64

    /// Makes an address from the low 48 bits of `value`; the upper bits are dropped.
    public init(value: UInt64) {
        self.value = value & 0xFFFF_FFFF_FFFF
    }

    /// Parses `00:01:E3:12:34:56`, `00-01-e3-12-34-56`, `0001.e312.3456` or `0001E3123456`; nil for anything else.
    ///
    /// The all-zero and the broadcast address are refused: no phone has them.
    public init?(_ text: some StringProtocol) {
        var number: UInt64 = 0
        var digits = 0
        var isAfterMark = true
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): number = number << 4 | UInt64(byte - 48)
            case UInt8(ascii: "a")...UInt8(ascii: "f"): number = number << 4 | UInt64(byte - 87)
            case UInt8(ascii: "A")...UInt8(ascii: "F"): number = number << 4 | UInt64(byte - 55)
            case UInt8(ascii: ":"), UInt8(ascii: "-"), UInt8(ascii: "."):
                guard digits.isMultiple(of: 2), !isAfterMark else { return nil }
                isAfterMark = true
                continue
            default: return nil
            }
            digits += 1
            isAfterMark = false
            guard digits <= 12 else { return nil }
        }
        guard digits == 12, !isAfterMark, number != 0, number != 0xFFFF_FFFF_FFFF else { return nil }
        value = number
    }

    public static func < (left: MACAddress, right: MACAddress) -> Bool {
        left.value < right.value
    }
}

extension MACAddress: CustomStringConvertible {
    /// Upper-case hexadecimal pairs with colons, the form in which phones print their label.
    public var description: String {
        String(unsafeUninitializedCapacity: 17) { buffer in
            for position in 0..<17 {
                let (pair, place) = position.quotientAndRemainder(dividingBy: 3)
                let nibble = UInt8(truncatingIfNeeded: value >> UInt64(44 - 8 * pair - 4 * (place & 1)) & 15)
                buffer[position] = place == 2 ? UInt8(ascii: ":") : nibble < 10 ? 48 + nibble : 55 + nibble
            }
            return 17
        }
    }
}

extension MACAddress: Codable {
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let address = MACAddress(text) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not a MAC address: \(text)")
        }
        self = address
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
