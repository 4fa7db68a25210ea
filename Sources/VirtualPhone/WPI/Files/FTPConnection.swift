import NIOCore

/// A plain TCP connection of the FTP client: lines on the control connection, bytes on the data connection.
///
/// Lives on its event loop.
final class FTPConnection: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    enum Event {
        case line(String)
        case bytes(ByteBufferView)
        /// In order, or not.
        case closed(inOrder: Bool)
    }

    var onEvent: (Event) -> Void = { _ in }
    private let isData: Bool
    private var input = ByteBuffer()
    private var context: ChannelHandlerContext?
    private var isOver = false
    private static let lineLimit = 4096

    init(isData: Bool) {
        self.isData = isData
    }

    func open(to server: WPIEndpoint, from ownAddress: String, on loop: any EventLoop) {
        let bound = NIOLoopBound(self, eventLoop: loop)
        Dial.connect(to: server.host, port: server.port, from: ownAddress, on: loop, timeout: .seconds(30)) { channel in
            try channel.pipeline.syncOperations.addHandler(bound.value)
        }.assumeIsolated().whenFailure { _ in self.finish(inOrder: false) }
    }

    func send(_ line: String) {
        guard let context, !isOver else { return }
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: line + "\r\n")), promise: nil)
    }

    func end() {
        isOver = true
        onEvent = { _ in }
        context?.close(promise: nil)
    }

    private func finish(inOrder: Bool) {
        guard !isOver else { return }
        isOver = true
        onEvent(.closed(inOrder: inOrder))
        onEvent = { _ in }
    }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }
    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    func channelActive(context: ChannelHandlerContext) {
        if isOver { context.close(promise: nil) }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isOver else { return }
        var bytes = unwrapInboundIn(data)
        guard !isData else { return onEvent(.bytes(bytes.readableBytesView)) }
        input.writeBuffer(&bytes)
        while !isOver, let end = input.readableBytesView.firstIndex(of: 10) {
            let length = end - input.readerIndex
            let line = input.readString(length: length) ?? ""
            input.moveReaderIndex(forwardBy: 1)
            onEvent(.line(line.hasSuffix("\r") ? String(line.dropLast()) : line))
        }
        if input.readableBytes > Self.lineLimit {
            finish(inOrder: false)
            context.close(promise: nil)
        }
        if input.readableBytes == 0 { input.clear() }
    }

    func channelInactive(context: ChannelHandlerContext) {
        finish(inOrder: true)
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        finish(inOrder: false)
        context.close(promise: nil)
    }
}
