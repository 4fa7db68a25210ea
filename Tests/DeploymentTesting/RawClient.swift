import Foundation

/// A bare TCP client for tests that say what no sound client says.
public enum RawClient {
    /// How a conversation ended.
    public enum End: Hashable, Sendable {
        case refused
        case reset
        /// The peer closed in order.
        case closed
        /// Nothing more came for the given time.
        case silent
    }

    /// What was received, and how it ended.
    public struct Exchange: Sendable {
        public var bytes: [UInt8]
        public var end: End
        public var text: String { String(decoding: bytes, as: UTF8.self) }
    }

    /// Connects, sends the pieces one after the other, and reads to the end.
    ///
    /// - Parameter patience: seconds of silence after which it gives up.
    public static func exchange(
        _ address: String, _ port: Int, _ pieces: [[UInt8]], patience: Double = 20
    ) async -> Exchange {
        await withCheckedContinuation { continuation in
            Thread.detachNewThread {
                continuation.resume(returning: talk(address, port, pieces, patience: patience))
            }
        }
    }

    public static func exchange(
        _ address: String, _ port: Int, _ text: String, patience: Double = 20
    ) async -> Exchange {
        await exchange(address, port, [Array(text.utf8)], patience: patience)
    }

    /// Sends without ever reading, until the peer takes no more for the given time; then closes.
    public static func flood(_ address: String, _ port: Int, _ bytes: [UInt8], patience: Double) async {
        await withCheckedContinuation { continuation in
            Thread.detachNewThread {
                _ = talk(address, port, [bytes], patience: patience, reads: false)
                continuation.resume()
            }
        }
    }

    private static func talk(
        _ address: String, _ port: Int, _ pieces: [[UInt8]], patience: Double, reads: Bool = true
    ) -> Exchange {
        let socket = Foundation.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard socket >= 0 else { return Exchange(bytes: [], end: .refused) }
        defer { close(socket) }
        var wait = timeval(tv_sec: Int(patience), tv_usec: Int(patience.truncatingRemainder(dividingBy: 1) * 1e6))
        setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &wait, socklen_t(MemoryLayout<timeval>.size))
        setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &wait, socklen_t(MemoryLayout<timeval>.size))
        guard connect(socket, address, port) else {
            return Exchange(bytes: [], end: errno == ECONNRESET || errno == ECONNABORTED ? .reset : .refused)
        }
        var wasReset = false
        for piece in pieces where !piece.isEmpty && !wasReset {
            let sent = send(socket, piece, piece.count, Int32(MSG_NOSIGNAL))
            wasReset = sent < 0 && (errno == ECONNRESET || errno == EPIPE)
        }
        guard reads else { return Exchange(bytes: [], end: .silent) }
        var exchange = read(socket)
        // Whoever hears of a reset hears of it once.
        if wasReset, exchange.end == .closed { exchange.end = .reset }
        return exchange
    }

    private static func connect(_ socket: Int32, _ address: String, _ port: Int) -> Bool {
        var target = sockaddr_in()
        target.sin_family = sa_family_t(AF_INET)
        target.sin_port = UInt16(port).bigEndian
        inet_pton(AF_INET, address, &target.sin_addr)
        return withUnsafePointer(to: &target) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                Foundation.connect(socket, pointer, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }

    private static func read(_ socket: Int32) -> Exchange {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = recv(socket, &buffer, buffer.count, 0)
            if count > 0 {
                bytes += buffer[..<count]
            } else if count == 0 {
                return Exchange(bytes: bytes, end: .closed)
            } else if errno != EINTR {
                return Exchange(bytes: bytes, end: errno == ECONNRESET ? .reset : .silent)
            }
        }
    }
}
