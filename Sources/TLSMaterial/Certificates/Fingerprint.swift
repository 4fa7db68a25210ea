import Crypto

/// A SHA-256 digest as four words: a key for tables that costs no allocation.
public struct Fingerprint: Hashable, Sendable {
    private let words: (UInt64, UInt64, UInt64, UInt64)

    /// The digest of the bytes.
    public init(of bytes: some Collection<UInt8>) {
        var hash = SHA256()
        let fed: Void? = bytes.withContiguousStorageIfAvailable {
            hash.update(bufferPointer: UnsafeRawBufferPointer($0))
        }
        if fed == nil { hash.update(data: Array(bytes)) }
        words = hash.finalize().withUnsafeBytes { raw in
            func word(_ index: Int) -> UInt64 {
                UInt64(bigEndian: raw.loadUnaligned(fromByteOffset: index * 8, as: UInt64.self))
            }
            return (word(0), word(1), word(2), word(3))
        }
    }

    public static func == (left: Self, right: Self) -> Bool { left.words == right.words }

    public func hash(into hasher: inout Hasher) { hasher.combine(words.0) }

    /// Lower-case hexadecimal, 64 characters.
    public var text: String {
        let digits = Array("0123456789abcdef".utf8)
        var characters: [UInt8] = []
        characters.reserveCapacity(64)
        for word in [words.0, words.1, words.2, words.3] {
            for shift in stride(from: 60, through: 0, by: -4) {
                characters.append(digits[Int(word >> UInt64(shift) & 15)])
            }
        }
        return String(decoding: characters, as: UTF8.self)
    }
}
