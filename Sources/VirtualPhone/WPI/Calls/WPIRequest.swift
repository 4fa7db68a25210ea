import ManagementXML
import NIOCore

/// One message of a phone as it goes over HTTP, by its faults spoilt.
struct WPIRequest {
    var head: ByteBuffer
    var body: ByteBuffer

    init(_ message: WPIPhoneMessage, to route: WPIRoute, cookies: [String], faults: [PhoneFault]) {
        var bytes = WPI.encode(message)
        let delivery = Delivery(faults)
        if delivery == .malformed { bytes.removeLast(min(12, bytes.count)) }
        if delivery == .oversized { bytes += Array(repeating: 10, count: max(0, Self.oversize - bytes.count)) }
        body = ByteBuffer(bytes: bytes)
        var text = "POST \(WPI.path) HTTP/1.1\r\nHost: \(route.server)\r\nContent-Type: \(WPI.contentType)\r\n"
        text += "Content-Length: \(bytes.count)\r\n"
        if !cookies.isEmpty { text += "Cookie: \(cookies.joined(separator: "; "))\r\n" }
        if faults.contains(.closesConnections) { text += "Connection: close\r\n" }
        head = ByteBuffer(string: text + "\r\n")
    }

    private static let oversize = 4 << 20

    var whole: ByteBuffer {
        var whole = head
        whole.writeImmutableBuffer(body)
        return whole
    }

    var firstHalf: ByteBuffer {
        whole.getSlice(at: 0, length: whole.readableBytes / 2) ?? ByteBuffer()
    }
}
