import Crypto
import CryptoExtras

/// The ciphers under which files are opened, all in cipher block chaining mode.
enum BlockCipher: Hashable {
    case aes(keySize: Int)
    case tripleDES

    var keySize: Int {
        switch self {
        case .aes(let size): size
        case .tripleDES: TripleDES.keySize
        }
    }

    var blockSize: Int {
        switch self {
        case .aes: 16
        case .tripleDES: TripleDES.blockSize
        }
    }

    /// What decrypting under a derived key gave.
    enum Outcome {
        case plain([UInt8])
        /// Nothing that makes sense: another key.
        case wrongKey
        /// The beginning makes sense and the end does not: the right key, and changed bytes.
        case damaged
    }

    /// Decrypts one DER or BER SEQUENCE; throws `.damaged` when the sizes cannot be right.
    func open(_ bytes: [UInt8], key: [UInt8], iv: [UInt8]) throws(MaterialError) -> Outcome {
        guard !bytes.isEmpty, bytes.count.isMultiple(of: blockSize), iv.count == blockSize, key.count == keySize,
            let plain = decrypt(bytes, key: key, iv: iv), let padding = plain.last
        else { throw MaterialError(.damaged, detail: "an encrypted part has an impossible size") }
        let isPadded =
            (1...blockSize).contains(Int(padding)) && plain.suffix(Int(padding)).allSatisfy { $0 == padding }
        let content = isPadded ? Array(plain.dropLast(Int(padding))) : plain
        if isPadded, content.starts(with: [0x30, 0x80]), content.suffix(2) == [0, 0] { return .plain(content) }
        guard let length = Self.sequenceLength(plain), (1...blockSize).contains(plain.count - length) else {
            return .wrongKey
        }
        return isPadded && length == content.count ? .plain(content) : .damaged
    }

    private func decrypt(_ bytes: [UInt8], key: [UInt8], iv: [UInt8]) -> [UInt8]? {
        switch self {
        case .aes:
            guard let vector = try? AES._CBC.IV(ivBytes: iv) else { return nil }
            return (try? AES._CBC.decrypt(bytes, using: SymmetricKey(data: key), iv: vector, noPadding: true))
                .map { Array($0) }
        case .tripleDES: return TripleDES(key: key)?.decryptCBC(bytes, iv: iv)
        }
    }

    /// Header and content of a SEQUENCE at the beginning together, or nil when there is none of definite length.
    private static func sequenceLength(_ bytes: [UInt8]) -> Int? {
        guard bytes.count >= 6, bytes[0] == 0x30 else { return nil }
        guard bytes[1] >= 0x80 else { return 2 + Int(bytes[1]) }
        let count = Int(bytes[1] & 0x7F)
        guard (1...4).contains(count) else { return nil }
        return 2 + count + bytes[2..<2 + count].reduce(0) { $0 << 8 | Int($1) }
    }
}
