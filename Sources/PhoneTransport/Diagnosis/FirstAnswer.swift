import NIOCore
import NIOPosix

/// Asks a peer with a ClientHello of ours and reads no further than its first record.
enum FirstAnswer {
    /// - Returns: what came, or nil when nothing that tells anything came in time.
    static func ask(_ address: SocketAddress, timeouts: ContactTimeouts, on loop: any EventLoop) async -> FirstRecord? {
        let answer = loop.makePromise(of: FirstRecord?.self)
        let connected = ClientBootstrap(group: loop)
            .connectTimeout(.seconds(timeouts.connect))
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(
                        FirstAnswerHandler(answer: answer, patience: timeouts.handshake))
                }
            }
            .connect(to: address)
        connected.whenFailure { _ in answer.succeed(nil) }
        return await withTaskCancellationHandler {
            let first = try? await answer.futureResult.get()
            connected.whenSuccess { $0.close(promise: nil) }
            return first ?? nil
        } onCancel: {
            answer.succeed(nil)
        }
    }
}

private final class FirstAnswerHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let answer: EventLoopPromise<FirstRecord?>
    private let patience: Double
    private var timer: Scheduled<Void>?
    private var seen: [UInt8] = []

    init(answer: EventLoopPromise<FirstRecord?>, patience: Double) {
        self.answer = answer
        self.patience = patience
    }

    func channelActive(context: ChannelHandlerContext) {
        timer = context.eventLoop.scheduleTask(in: .seconds(patience)) { [answer] in answer.succeed(nil) }
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: ClientHello.everything())), promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard seen.count < 1024 else { return }
        seen.append(contentsOf: unwrapInboundIn(data).readableBytesView.prefix(1024 - seen.count))
        if let first = FirstRecord.read(seen) { answer.succeed(first) }
    }

    func channelInactive(context: ChannelHandlerContext) {
        timer?.cancel()
        answer.succeed(nil)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }
}
