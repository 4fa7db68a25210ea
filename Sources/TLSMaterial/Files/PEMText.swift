import Foundation

/// One block of a PEM text (RFC 7468).
struct PEMBlock {
    let label: String
    let bytes: [UInt8]
}

/// Finds the blocks of a PEM text; whatever stands around them is passed over.
enum PEMText {
    /// A block with 64 characters a line and a final line break.
    static func block(_ label: String, _ bytes: [UInt8]) -> String {
        var text = "-----BEGIN \(label)-----\n"
        let encoded = Array(Data(bytes).base64EncodedString().utf8)
        var start = 0
        while start < encoded.count {
            let end = min(start + 64, encoded.count)
            text += String(decoding: encoded[start..<end], as: UTF8.self) + "\n"
            start = end
        }
        return text + "-----END \(label)-----\n"
    }

    /// True when the bytes hold a line that begins a block.
    static func isPEM(_ bytes: [UInt8]) -> Bool { find(begin, in: bytes, from: 0) != nil }

    /// All blocks in their order; throws `.badPEM` for a block that does not end or is no base64.
    static func blocks(in bytes: [UInt8]) throws(MaterialError) -> [PEMBlock] {
        var blocks: [PEMBlock] = []
        var position = 0
        while let start = find(begin, in: bytes, from: position) {
            let number = blocks.count + 1
            guard let labelEnd = find(dashes, in: bytes, from: start + begin.count), labelEnd - start < 80 else {
                throw MaterialError(.badPEM, detail: "block \(number) has a malformed first line")
            }
            let label = String(decoding: bytes[start + begin.count..<labelEnd], as: UTF8.self)
            guard label.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7F }) else {
                throw MaterialError(.badPEM, detail: "block \(number) has a malformed first line")
            }
            let bodyStart = labelEnd + dashes.count
            let closing = Array("-----END \(label)-----".utf8)
            guard let end = find(dashes, in: bytes, from: bodyStart), bytes[end...].starts(with: closing) else {
                throw MaterialError(.badPEM, detail: "block \(number) (\(label)) does not end")
            }
            blocks.append(PEMBlock(label: label, bytes: try body(bytes[bodyStart..<end], label, number)))
            position = end + closing.count
        }
        return blocks
    }

    private static let begin = Array("-----BEGIN ".utf8)
    private static let dashes = Array("-----".utf8)

    private static func body(
        _ slice: ArraySlice<UInt8>, _ label: String, _ number: Int
    ) throws(MaterialError) -> [UInt8] {
        // The headers of RFC 1421 stand before an empty line and appear with private keys only.
        guard !slice.contains(UInt8(ascii: ":")) else { return [] }
        let characters = slice.filter { $0 > 0x20 }
        guard let data = Data(base64Encoded: Data(characters)), !data.isEmpty else {
            throw MaterialError(.badPEM, detail: "block \(number) (\(label)) is no base64")
        }
        return Array(data)
    }

    /// Where the pattern, which begins with a dash, stands next.
    private static func find(_ pattern: [UInt8], in bytes: [UInt8], from start: Int) -> Int? {
        bytes.withUnsafeBytes { haystack in
            pattern.withUnsafeBytes { needle in
                guard let base = haystack.baseAddress, let wanted = needle.baseAddress else { return nil }
                var position = start
                while position + needle.count <= haystack.count {
                    let rest = haystack.count - position
                    guard let dash = memchr(base + position, Int32(UInt8(ascii: "-")), rest) else { return nil }
                    position = base.distance(to: UnsafeRawPointer(dash))
                    guard position + needle.count <= haystack.count else { return nil }
                    if memcmp(base + position, wanted, needle.count) == 0 { return position }
                    position += 1
                }
                return nil
            }
        }
    }
}
