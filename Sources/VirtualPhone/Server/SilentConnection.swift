import NIOCore

/// A connection that is accepted and never answered, or reset at the first bytes.
final class SilentConnection: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let resets: Bool
    private var timer: Scheduled<Void>?
    private static let longest = TimeAmount.minutes(5)

    init(resets: Bool) {
        self.resets = resets
    }

    func handlerAdded(context: ChannelHandlerContext) {
        let channel = context.channel
        timer = context.eventLoop.scheduleTask(in: Self.longest) { channel.close(promise: nil) }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if resets { context.channel.drop(resets: true) }
    }

    func channelInactive(context: ChannelHandlerContext) {
        timer?.cancel()
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }
}
