import DeploymentModel
import NIOCore
import NIOSSL
import NIOTLS

/// One connection of a phone to the server end: HTTP/1.1, one message after the other, the answer to each when the tool has
/// one.
///
/// The input is anybody's: sizes and times are limited, and whatever is no message of WPI gets an answer that says so
/// before the connection is closed. Lives on its event loop.
final class WPIConnection: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    enum Phase {
        case handshaking
        /// Waits for a request or the rest of one.
        case reading
        /// The phone waits for an answer.
        case answering
        /// The last answer was sent; input is thrown away until the peer closes.
        case draining
        case closed
    }

    let board: WPISwitchboard
    let port: ServicePort
    private let security: ConnectionSecurity
    var sight = PeerSight()
    let silent: SilentConnections
    var phase: Phase
    var reader: RequestReader
    var head: RequestHead?
    var line: CallLine?
    private var context: ChannelHandlerContext?
    var timer: DeadlineTimer?
    var heldBytes = 0
    private var drained = 0
    var hasSpoken = false
    private var place: Int?

    private static let drainLimit = 4 << 20
    private static let drainSeconds = 2.0
    /// What may wait behind a request that is not answered yet.
    private static let pipelineLimit = 64 << 10

    init(_ port: ServicePort, board: WPISwitchboard, security: ConnectionSecurity, silent: SilentConnections) {
        self.port = port
        self.board = board
        self.security = security
        self.silent = silent
        phase = port == .poll ? .reading : .handshaking
        reader = RequestReader(
            rules: RequestRules(bodyBytes: board.limits.messageBytes, takesChunks: true, needsHost: false))
    }

    // MARK: Answers

    /// Answers the phone's message.
    ///
    /// - Parameter isLast: whether the conversation is over with it.
    func answer(_ body: [UInt8], cookie: String?, isLast: Bool) {
        guard phase == .answering, let context, let head else { return }
        if isLast { line = nil }
        write(WPIReply.message(body, cookie: cookie, closes: !head.keepsAlive), closes: !head.keepsAlive, context)
        guard phase == .reading else { return }
        timer?.set(isLast ? board.limits.linger : board.limits.idle)
        proceed(context)
    }

    func write(_ buffer: ByteBuffer, closes: Bool, _ context: ChannelHandlerContext) {
        context.writeAndFlush(wrapOutboundOut(buffer), promise: nil)
        head = nil
        phase = .reading
        if closes { drain(context) }
    }

    /// Closes our side and gives the peer time to read before the rest goes; unread input would else reset the
    /// connection and take the answer with it.
    private func drain(_ context: ChannelHandlerContext) {
        phase = .draining
        reader.removeAll()
        timer?.set(Self.drainSeconds)
        context.close(mode: .output, promise: nil)
    }

    /// Ends a connection that is of no use, with an answer if the peer is one that reads answers.
    func refuse(
        _ defect: WPIDefect, _ status: HTTPStatus?, _ code: StatusCode, _ detail: String,
        _ context: ChannelHandlerContext
    ) {
        note(defect, code, detail)
        guard let status, phase != .handshaking else { return drop(context) }
        write(WPIReply.bare(status, closes: true), closes: true, context)
    }

    /// Closes a connection of which it was counted why.
    private func drop(_ context: ChannelHandlerContext) {
        if phase == .handshaking { phase = .draining }
        context.close(promise: nil)
    }

    func note(_ defect: WPIDefect, _ code: StatusCode, _ detail: String) {
        board.counter.note(defect, from: address, code, detail)
    }

    var address: String { context?.remoteAddress?.ipAddress ?? "" }

    /// Makes room for another connection; nothing was heard on this one.
    func makeRoom() {
        note(.silent, .netSilent, "made room for others")
        if let context { drop(context) }
    }
}

// MARK: - Events of the channel

extension WPIConnection {
    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        timer = DeadlineTimer(loop: context.eventLoop) { [weak self] in self?.timeIsUp() }
        timer?.set(phase == .handshaking ? board.limits.handshake : board.limits.firstRequest)
        place = silent.add(self)
        board.counter.change {
            $0.connections += 1
            $0.openConnections += 1
        }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        end()
        self.context = nil
    }

    func channelInactive(context: ChannelHandlerContext) {
        if phase == .handshaking { note(.handshake, .netClosed, "the peer closed in the handshake") }
        end()
        context.fireChannelInactive()
    }

    private func end() {
        guard phase != .closed else { return }
        let last = phase
        phase = .closed
        timer?.end()
        timer = nil
        reader.removeAll()
        hold(0)
        forgetSilence()
        board.counter.change { $0.openConnections -= 1 }
        if last == .answering || last == .reading {
            line?.with { $0.connectionLost(whileAnswering: last == .answering) }
        }
        line = nil
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .handshakeCompleted? = event as? TLSUserEvent, phase == .handshaking {
            phase = .reading
            sight = security.sight
            timer?.set(board.limits.firstRequest)
            board.counter.change { $0.handshakes += 1 }
        }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if phase == .handshaking {
            let fault = HandshakeFault.fault(
                for: error, sight: PeerSight(), policy: .everything, subject: address)
            note(.handshake, fault.code, fault.detail ?? "in the handshake")
            phase = .draining
        }
        context.close(promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = unwrapInboundIn(data)
        switch phase {
        case .closed, .handshaking: return
        case .draining:
            drained += bytes.readableBytes
            if drained > Self.drainLimit { context.close(promise: nil) }
        case .reading:
            if !reader.isInRequest { timer?.set(board.limits.request) }
            reader.append(&bytes)
            proceed(context)
        case .answering:
            reader.append(&bytes)
            if reader.heldBytes > Self.pipelineLimit {
                note(.tooLarge, .httpTooLarge, "more requests before the first was answered")
                context.close(promise: nil)
            }
        }
    }

    private func timeIsUp() {
        guard let context else { return }
        switch phase {
        case .handshaking: refuse(.silent, nil, .tlsSilent, "in the handshake", context)
        case .reading where reader.isInRequest:
            refuse(.slow, .requestTimeout, .netSilent, "the request did not come to its end", context)
        case .reading where !hasSpoken: refuse(.silent, nil, .netSilent, "no request", context)
        case .reading, .draining: context.close(promise: nil)
        case .answering, .closed: break
        }
    }

    func forgetSilence() {
        if let place { silent.remove(place) }
        place = nil
    }

    /// Accounts for the bytes of an unfinished request.
    func hold(_ bytes: Int) {
        if bytes != heldBytes { silent.held.add(bytes - heldBytes) }
        heldBytes = bytes
    }
}
