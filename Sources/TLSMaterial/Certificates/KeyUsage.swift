/// The bits of the key usage extension (RFC 5280 section 4.2.1.3).
public struct KeyUsage: OptionSet, Hashable, Sendable {
    /// Bit 0 of the extension is bit 0 here.
    public let rawValue: UInt16

    /// Takes the bits.
    public init(rawValue: UInt16) { self.rawValue = rawValue }

    /// The key makes signatures other than those of certificates and CRLs.
    public static let digitalSignature = KeyUsage(rawValue: 1 << 0)
    /// The key makes signatures that stand for commitment.
    public static let nonRepudiation = KeyUsage(rawValue: 1 << 1)
    /// The key enciphers other keys (RSA key exchange).
    public static let keyEncipherment = KeyUsage(rawValue: 1 << 2)
    /// The key enciphers data itself.
    public static let dataEncipherment = KeyUsage(rawValue: 1 << 3)
    /// The key agrees on keys.
    public static let keyAgreement = KeyUsage(rawValue: 1 << 4)
    /// The key signs certificates.
    public static let keyCertSign = KeyUsage(rawValue: 1 << 5)
    /// The key signs certificate revocation lists.
    public static let cRLSign = KeyUsage(rawValue: 1 << 6)

    init(bits bytes: ArraySlice<UInt8>) {
        var value: UInt16 = 0
        for (index, byte) in bytes.prefix(2).enumerated() {
            for bit in 0..<8 where byte & (0x80 >> bit) != 0 { value |= 1 << (index * 8 + bit) }
        }
        rawValue = value
    }

    /// The extension's BIT STRING, trailing zero bits left away (X.690 11.2.2).
    var der: [UInt8] {
        var bytes: [UInt8] = [0, 0]
        for bit in 0..<16 where rawValue & (1 << bit) != 0 { bytes[bit / 8] |= 0x80 >> (bit % 8) }
        while bytes.last == 0 { bytes.removeLast() }
        return DEREncoding.bitString(bytes, unused: UInt8(bytes.last?.trailingZeroBitCount ?? 0))
    }
}
