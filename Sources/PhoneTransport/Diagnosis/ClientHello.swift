/// A ClientHello that offers everything a phone may ever have spoken; made by hand to learn what a peer chooses when
/// the library and it have nothing in common.
///
/// Versions up to TLS 1.2 (RFC 5246 section 7.4.1.2), every cipher suite of ``CipherSuite/known`` below TLS 1.3, no
/// server name. No key is made for it: the handshake ends with the peer's first answer.
enum ClientHello {
    static func everything(random: [UInt8] = (0..<32).map { _ in UInt8.random(in: 0...255) }) -> [UInt8] {
        let suites = CipherSuite.known.filter { $0 >> 8 != 0x13 } + [0x00FF]
        var body: [UInt8] = [3, 3] + random + [0]
        body += vector(suites.flatMap(bytes))
        body += [1, 0]
        body += vector(extensions)
        let message = [1, 0] + bytes(UInt16(body.count)) + body
        return [0x16, 3, 1] + bytes(UInt16(message.count)) + message
    }

    private static var extensions: [UInt8] {
        let groups: [UInt16] = [0x001D, 0x0017, 0x0018, 0x0019]
        let signatures: [UInt16] = [
            0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0603, 0x0806, 0x0601, 0x0203, 0x0201, 0x0202,
        ]
        return bytes(0x000A) + vector(vector(groups.flatMap(bytes)))
            + bytes(0x000B) + vector([1, 0])
            + bytes(0x000D) + vector(vector(signatures.flatMap(bytes)))
    }

    private static func bytes(_ number: UInt16) -> [UInt8] { [UInt8(number >> 8), UInt8(number & 0xFF)] }

    private static func vector(_ content: [UInt8]) -> [UInt8] { bytes(UInt16(content.count)) + content }
}
