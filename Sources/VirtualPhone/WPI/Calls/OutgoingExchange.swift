import DeploymentModel
import Foundation
import NIOCore
import NIOSSL
import NIOTLS

/// A connection that a phone opened for HTTP: it says requests one after the other and hands on the answers.
///
/// Over TLS the server is judged within the handshake, and one that is not believed never gets a byte. Lives on its
/// event loop.
final class OutgoingExchange: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    enum Event {
        /// The connection is there, and secured where it is to be.
        case ready
        case body(ByteBufferView)
        case answered(HTTPResponseReader.Head)
        /// The connection is over, or never came about; nothing follows.
        case gone(HTTPResponseProblem)
    }

    /// How TLS is spoken, and who is believed.
    struct Security {
        var context: NIOSSLContext
        /// Whether the chain (DER, leaf first) is believed.
        var believes: ([[UInt8]]) -> Bool
    }

    var onEvent: (Event) -> Void = { _ in }
    private let security: Security?
    private let bodyLimit: Int
    private let takesChunks: Bool
    private var reader: HTTPResponseReader?
    private var context: ChannelHandlerContext?
    private(set) var isReady = false
    private var isOver = false

    init(security: Security?, bodyLimit: Int, takesChunks: Bool = true) {
        self.security = security
        self.bodyLimit = bodyLimit
        self.takesChunks = takesChunks
    }

    func open(to server: WPIEndpoint, from ownAddress: String, on loop: any EventLoop) {
        let bound = NIOLoopBound(self, eventLoop: loop)
        Dial.connect(to: server.host, port: server.port, from: ownAddress, on: loop, timeout: .seconds(30)) { channel in
            try channel.pipeline.syncOperations.addHandler(bound.value)
        }.assumeIsolated().whenFailure { _ in self.finish(HTTPResponseProblem(detail: "no connection")) }
    }

    /// Sends a request; its answer comes as events.
    func send(_ request: ByteBuffer) {
        guard isReady, !isOver, let context else { return }
        reader = HTTPResponseReader(bodyLimit: bodyLimit, takesChunks: takesChunks)
        context.writeAndFlush(wrapOutboundOut(request), promise: nil)
    }

    /// Sends bytes of a request whose answer is awaited already.
    func sendMore(_ bytes: ByteBuffer) {
        guard isReady, !isOver, let context else { return }
        context.writeAndFlush(wrapOutboundOut(bytes), promise: nil)
    }

    /// Closes the connection; no event follows.
    ///
    /// - Parameter dropping: without the farewell of TLS.
    func end(dropping: Bool = false) {
        isOver = true
        onEvent = { _ in }
        guard let channel = context?.channel else { return }
        if dropping { channel.drop(resets: false) } else { channel.close(promise: nil) }
    }

    private func finish(_ problem: HTTPResponseProblem) {
        guard !isOver else { return }
        isOver = true
        onEvent(.gone(problem))
        onEvent = { _ in }
    }

    // MARK: Channel events

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }
    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    func channelActive(context: ChannelHandlerContext) {
        guard !isOver else { return context.close(promise: nil) }
        guard let security else { return becomeReady() }
        do {
            let believes = security.believes
            let handler = try NIOSSLClientHandler(context: security.context, serverHostname: nil) { chain, promise in
                let isBelieved = believes(chain.compactMap { try? $0.toDERBytes() })
                promise.succeed(isBelieved ? .certificateVerified : .failed)
            }
            try context.channel.pipeline.syncOperations.addHandler(handler, position: .first)
        } catch {
            finish(HTTPResponseProblem(detail: "no TLS for this connection"))
            context.close(promise: nil)
        }
    }

    private func becomeReady() {
        isReady = true
        onEvent(.ready)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .handshakeCompleted? = event as? TLSUserEvent, !isOver, !isReady { becomeReady() }
        context.fireUserInboundEventTriggered(event)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard isReady, !isOver, var reader else { return }
        // The only one that holds the bytes so far, so that they are not copied.
        self.reader = nil
        var bytes = unwrapInboundIn(data)
        do throws(HTTPResponseProblem) {
            let isWhole = try reader.read(&bytes) { onEvent(.body($0)) }
            self.reader = isWhole ? nil : reader
            if isWhole { onEvent(.answered(reader.head)) }
        } catch {
            finish(error)
            context.close(promise: nil)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        if !isOver, let reader, reader.mayEndHere {
            self.reader = nil
            onEvent(.answered(reader.head))
        }
        finish(HTTPResponseProblem(detail: "the server closed the connection"))
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // A server that hangs up without a farewell; the end of the channel follows.
        if case NIOSSLError.uncleanShutdown = error { return }
        finish(HTTPResponseProblem(detail: "the connection failed"))
        context.close(promise: nil)
    }
}
