import ManagementXML
import NIOCore

/// Writes the answers of the server end: always with a length, never in chunks, for old firmware takes no others.
enum WPIReply {
    /// An answer to a message, with the session's cookie when it is the first.
    static func message(_ body: [UInt8], cookie: String?, closes: Bool) -> ByteBuffer {
        var buffer = ByteBufferAllocator().buffer(capacity: body.count + 256)
        buffer.writeStaticString("HTTP/1.1 200 OK\r\nContent-Type: ")
        buffer.writeString(WPI.contentType)
        if let cookie {
            buffer.writeStaticString("\r\nSet-Cookie: JSESSIONID=")
            buffer.writeString(cookie)
            buffer.writeStaticString("; Path=/; Secure")
        }
        finish(&buffer, length: body.count, closes: closes)
        buffer.writeBytes(body)
        return buffer
    }

    /// An answer without a body.
    static func bare(_ status: HTTPStatus, closes: Bool) -> ByteBuffer {
        var buffer = ByteBufferAllocator().buffer(capacity: 128)
        buffer.writeStaticString("HTTP/1.1 ")
        buffer.writeStaticString(status.reason)
        finish(&buffer, length: 0, closes: closes)
        return buffer
    }

    private static func finish(_ buffer: inout ByteBuffer, length: Int, closes: Bool) {
        buffer.writeStaticString("\r\nContent-Length: ")
        buffer.writeString(String(length))
        buffer.writeStaticString(closes ? "\r\nConnection: close\r\n\r\n" : "\r\nConnection: keep-alive\r\n\r\n")
    }
}

/// The session's cookie among whatever a phone sends back.
///
/// Real phones echo attributes too (`JSESSIONID=...; path=/`), so everything but the one pair is passed over.
enum SessionCookie {
    static func value(in field: String) -> String? {
        for pair in field.split(whereSeparator: { $0 == ";" || $0 == "," }) {
            let parts = pair.split(separator: "=", maxSplits: 1)
            guard parts.count == 2, parts[0].trimmed == "JSESSIONID" else { continue }
            let value = parts[1].trimmed.filter { $0 != "\"" }
            return value.count <= 64 ? value : nil
        }
        return nil
    }

    /// 128 random bits as 32 upper-case hexadecimal digits.
    static func make() -> String {
        var generator = SystemRandomNumberGenerator()
        let digits = Array("0123456789ABCDEF".utf8)
        return String(unsafeUninitializedCapacity: 32) { buffer in
            for word in 0..<2 {
                var bits = generator.next()
                for place in 0..<16 {
                    buffer[word * 16 + place] = digits[Int(bits & 15)]
                    bits >>= 4
                }
            }
            return 32
        }
    }
}

extension Substring {
    fileprivate var trimmed: Substring {
        var text = drop { $0 == " " || $0 == "\t" }
        while let last = text.last, last == " " || last == "\t" { text.removeLast() }
        return text
    }
}
