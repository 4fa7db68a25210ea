import Crypto
import Foundation

/// The key derivation of PKCS#12 (RFC 7292 appendix B.2).
struct PKCS12KeyDerivation {
    let salt: [UInt8]
    let passPhrase: [UInt8]
    let rounds: Int
    let purpose: KeyDerivation.Purpose

    func bytes<Hash: HashFunction>(_ count: Int, _: Hash.Type) -> [UInt8] {
        let width = Hash.blockByteCount
        let diversifier = [UInt8](repeating: purpose.rawValue, count: width)
        var input = Self.fill(salt, width) + Self.fill(passPhrase, width)
        var result: [UInt8] = []
        while result.count < count {
            var digest = Hash.hash(data: diversifier + input)
            for _ in 1..<max(rounds, 1) {
                var hash = Hash()
                digest.withUnsafeBytes { hash.update(bufferPointer: $0) }
                digest = hash.finalize()
            }
            let piece = Array(digest)
            result += piece
            if result.count < count { Self.add(piece, to: &input, width) }
        }
        return Array(result.prefix(count))
    }

    /// Repeats the bytes up to a whole number of blocks; nothing stays nothing.
    private static func fill(_ bytes: [UInt8], _ width: Int) -> [UInt8] {
        guard !bytes.isEmpty else { return [] }
        let count = (bytes.count + width - 1) / width * width
        return (0..<count).map { bytes[$0 % bytes.count] }
    }

    /// Adds the repeated piece and one to each block, as a number modulo 2 to the power of its size.
    private static func add(_ piece: [UInt8], to input: inout [UInt8], _ width: Int) {
        for start in stride(from: 0, to: input.count, by: width) {
            var carry = 1
            for offset in stride(from: width - 1, through: 0, by: -1) {
                carry += Int(input[start + offset]) + Int(piece[offset % piece.count])
                input[start + offset] = UInt8(carry & 0xFF)
                carry >>= 8
            }
        }
    }
}
