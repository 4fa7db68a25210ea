import NIOCore

/// Stands before the TLS handler: looks at the first bytes of the peer, and can end the connection without asking the
/// TLS handler, which would wait for the peer's farewell.
///
/// A peer that is no TLS peer is named from its first bytes; the TLS handler never gets them.
final class FirstBytesGuard: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private var seen: [UInt8] = []
    private var isDecided = false
    private var context: ChannelHandlerContext?
    private let onFirstRecord: (FirstRecord) -> Void
    private static let limit = 1024

    init(onFirstRecord: @escaping (FirstRecord) -> Void) {
        self.onFirstRecord = onFirstRecord
    }

    /// Whether the peer has sent anything at all.
    var hasSeenBytes: Bool { isDecided || !seen.isEmpty }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }
    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    /// Closes the socket at once.
    func end() {
        context?.close(promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard isDecided || look(at: unwrapInboundIn(data)) else { return }
        context.fireChannelRead(data)
    }

    /// Whether the bytes may go on to the TLS handler.
    private func look(at buffer: ByteBuffer) -> Bool {
        seen.append(contentsOf: buffer.readableBytesView.prefix(Self.limit - seen.count))
        let first = FirstRecord.read(seen)
        guard let first else {
            // Bytes that may still be anything are TLS's business if they begin like TLS; an `H` waits for the rest.
            return (0x14...0x17).contains(seen[0])
        }
        isDecided = true
        seen = []
        onFirstRecord(first)
        return first != .plainHTTP && first != .notTLS
    }
}
