import ManagementXML
import NIOCore

/// Writes requests of the management interface: one POST, head and body in one buffer, so that it leaves in one piece.
struct HTTPRequestWriter: Sendable {
    private let beginning: [UInt8]

    /// - Parameter address: IP address or host name as it stands in the `Host` field; an IPv6 address without brackets.
    init(address: String, port: Int) {
        let host = address.utf8.contains(UInt8(ascii: ":")) ? "[\(address)]" : address
        beginning = Array(
            """
            POST \(DirectXML.path) HTTP/1.1\r
            Host: \(host):\(port)\r
            Content-Type: \(DirectXML.contentType)\r

            """.utf8)
    }

    func request(_ body: [UInt8], authorization: String?) -> ByteBuffer {
        var buffer = ByteBufferAllocator().buffer(capacity: beginning.count + body.count + 512)
        buffer.writeBytes(beginning)
        if let authorization {
            buffer.writeStaticString("Authorization: ")
            buffer.writeString(authorization)
            buffer.writeStaticString("\r\n")
        }
        buffer.writeStaticString("Content-Length: ")
        buffer.writeString(String(body.count))
        buffer.writeStaticString("\r\n\r\n")
        buffer.writeBytes(body)
        return buffer
    }
}
