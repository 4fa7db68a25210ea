/// Decrypts with three-key triple DES (FIPS 46-3), which old PKCS#12 files use; nothing is ever encrypted with it.
struct TripleDES {
    static let blockSize = 8
    static let keySize = 24

    /// 48 round keys of 48 bits, in the order in which decryption needs them.
    private let roundKeys: [UInt64]

    /// - Parameter key: 24 bytes; parity bits play no part. Nil for another count.
    init?(key: [UInt8]) {
        guard key.count == Self.keySize else { return nil }
        let keys = stride(from: 0, to: Self.keySize, by: 8).map { Self.schedule(Self.word(key[$0..<$0 + 8])) }
        // The inverse of encrypt(1), decrypt(2), encrypt(3).
        roundKeys = keys[2].reversed() + keys[1] + keys[0].reversed()
    }

    /// Cipher block chaining (SP 800-38A section 6.2); the padding stays.
    ///
    /// Nil when the bytes are no whole number of blocks, or the initialisation vector is not one block.
    func decryptCBC(_ bytes: [UInt8], iv: [UInt8]) -> [UInt8]? {
        guard bytes.count.isMultiple(of: Self.blockSize), iv.count == Self.blockSize else { return nil }
        var plain: [UInt8] = []
        plain.reserveCapacity(bytes.count)
        var previous = Self.word(iv[...])
        for start in stride(from: 0, to: bytes.count, by: Self.blockSize) {
            let block = Self.word(bytes[start..<start + Self.blockSize])
            let value = decrypt(block) ^ previous
            for shift in stride(from: UInt64(56), through: 0, by: -8) {
                plain.append(UInt8(truncatingIfNeeded: value >> shift))
            }
            previous = block
        }
        return plain
    }

    private func decrypt(_ block: UInt64) -> UInt64 {
        let start = DESTables.permute(block, by: DESTables.initialPermutation, from: 64)
        var left = UInt32(truncatingIfNeeded: start >> 32)
        var right = UInt32(truncatingIfNeeded: start)
        for pass in 0..<3 {
            for round in pass * 16..<pass * 16 + 16 {
                (left, right) = (right, left ^ Self.mix(right, roundKeys[round]))
            }
            // The halves are exchanged at the end of each of the three; the permutations between them cancel out.
            (left, right) = (right, left)
        }
        return DESTables.permute(UInt64(left) << 32 | UInt64(right), by: DESTables.finalPermutation, from: 64)
    }

    private static func mix(_ half: UInt32, _ key: UInt64) -> UInt32 {
        let rotated = half >> 1 | half << 31
        var result: UInt32 = 0
        for box in 0..<8 {
            let shift = UInt32(box * 4)
            let turned = shift == 0 ? rotated : rotated << shift | rotated >> (32 - shift)
            let six = turned >> 26 ^ UInt32(truncatingIfNeeded: key >> UInt64(42 - box * 6)) & 63
            result ^= DESTables.rounds[box << 6 | Int(six)]
        }
        return result
    }

    private static func schedule(_ key: UInt64) -> [UInt64] {
        let chosen = DESTables.permute(key, by: DESTables.keyChoice1, from: 64)
        let mask: UInt64 = (1 << 28) - 1
        var (high, low) = (chosen >> 28, chosen & mask)
        return DESTables.keyShifts.map { shift in
            high = (high << shift | high >> (28 - shift)) & mask
            low = (low << shift | low >> (28 - shift)) & mask
            return DESTables.permute(high << 28 | low, by: DESTables.keyChoice2, from: 56)
        }
    }

    private static func word(_ bytes: ArraySlice<UInt8>) -> UInt64 { bytes.reduce(0) { $0 << 8 | UInt64($1) } }
}
