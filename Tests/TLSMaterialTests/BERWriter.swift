import SwiftASN1
import Testing

@testable import TLSMaterial

/// Writes DER anew in the freer forms of BER: indefinite and long lengths, octet strings in pieces.
struct BERWriter {
    private var generator: SeededGenerator

    init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

    /// A PKCS#12 file with all its three levels in BER; a MAC is left away, since it would no longer be right.
    mutating func file(_ der: [UInt8]) throws -> [UInt8] {
        let safe = try PKCS12File(der).authenticatedSafe
        var list = try DERSequence(try .der(safe[...], "test"), "test")
        var contents: [[UInt8]] = []
        while let node = list.nextIfAny() {
            let info = try ContentInfo(node, "test")
            guard info.kind == .data else {
                contents.append(Array(node.encodedBytes))
                continue
            }
            contents.append(Self.data(try value(.der(try info.octets("test")[...], "test"))))
        }
        let inner = try value(.der(DEREncoding.sequence(contents)[...], "test"))
        let outer = DEREncoding.sequence([DEREncoding.integer(3), Self.data(inner)])
        return try value(.der(outer[...], "test"))
    }

    private static func data(_ content: [UInt8]) -> [UInt8] {
        DEREncoding.sequence([
            DEREncoding.objectIdentifier(.data), DEREncoding.explicit(0, DEREncoding.octetString(content)),
        ])
    }

    private mutating func value(_ node: ASN1Node) throws -> [UInt8] {
        let tag = try #require(node.encodedBytes.first)
        switch node.content {
        case .constructed(let members):
            var content: [UInt8] = []
            for member in members { content += try value(member) }
            return wrap(tag, content)
        case .primitive(let bytes):
            guard tag == 0x04 || tag == 0x80, Bool.random(using: &generator) else {
                return [tag] + length(bytes.count) + bytes
            }
            return wrap(tag | 0x20, pieces(bytes[...], depth: 0))
        }
    }

    private mutating func pieces(_ bytes: ArraySlice<UInt8>, depth: Int) -> [UInt8] {
        var rest = bytes
        var result: [UInt8] = []
        repeat {
            let count = Int.random(in: 0...rest.count, using: &generator)
            let piece = rest.prefix(count)
            rest = rest.dropFirst(count)
            if depth < 2, Int.random(in: 0..<8, using: &generator) == 0 {
                result += wrap(0x24, pieces(piece, depth: depth + 1))
            } else {
                result += [0x04] + length(piece.count) + piece
            }
        } while !rest.isEmpty
        return result
    }

    private mutating func wrap(_ tag: UInt8, _ content: [UInt8]) -> [UInt8] {
        if Bool.random(using: &generator) { return [tag, 0x80] + content + [0, 0] }
        return [tag] + length(content.count) + content
    }

    /// The shortest form, or one with leading zeros.
    private mutating func length(_ count: Int) -> [UInt8] {
        if count < 0x80, Bool.random(using: &generator) { return [UInt8(count)] }
        let bytes = withUnsafeBytes(of: UInt32(count).bigEndian) { Array($0) }
        return [0x84] + bytes
    }
}
