import DeploymentModel
import ManagementXML
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

    private enum Phase {
        case handshaking
        /// Waits for a request or the rest of one.
        case reading
        /// The phone waits for an answer.
        case answering
        /// The last answer was sent; input is thrown away until the peer closes.
        case draining
        case closed
    }

    private let board: WPISwitchboard
    private let port: ServicePort
    private let security: ConnectionSecurity
    private var sight = PeerSight()
    private let silent: SilentConnections
    private var phase: Phase
    private var reader: RequestReader
    private var head: RequestHead?
    private var line: CallLine?
    private var context: ChannelHandlerContext?
    private var timer: DeadlineTimer?
    private var heldBytes = 0
    private var drained = 0
    private var hasSpoken = false
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

    private func write(_ buffer: ByteBuffer, closes: Bool, _ context: ChannelHandlerContext) {
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
    private func refuse(
        _ defect: WPIDefect, _ status: HTTPStatus?, _ code: StatusCode, _ detail: String,
        _ context: ChannelHandlerContext
    ) {
        note(defect, code, detail)
        guard let status, phase != .handshaking else { return context.close(promise: nil) }
        write(WPIReply.bare(status, closes: true), closes: true, context)
    }

    private func note(_ defect: WPIDefect, _ code: StatusCode, _ detail: String) {
        board.counter.note(defect, from: address, code, detail)
    }

    private var address: String { context?.remoteAddress?.ipAddress ?? "" }

    /// Makes room for another connection; nothing was heard on this one.
    func makeRoom() {
        note(.silent, .netSilent, "made room for others")
        context?.close(mode: .all, promise: nil)
    }
}

// MARK: - Events of the channel

extension WPIConnection {
    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        timer = DeadlineTimer(loop: context.eventLoop) { [weak self] in self?.timeIsUp() }
        timer?.set(phase == .handshaking ? board.limits.handshake : board.limits.request)
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
            timer?.set(board.limits.request)
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

    private func forgetSilence() {
        if let place { silent.remove(place) }
        place = nil
    }

    /// Accounts for the bytes of an unfinished request.
    private func hold(_ bytes: Int) {
        if bytes != heldBytes { silent.held.add(bytes - heldBytes) }
        heldBytes = bytes
    }
}

// MARK: - Requests

extension WPIConnection {
    private func proceed(_ context: ChannelHandlerContext) {
        do throws(RequestRefusal) {
            while phase == .reading, !reader.isEmpty, let step = try reader.next() {
                take(step, context)
            }
        } catch {
            let isSize = error.status == .tooLarge || error.status == .headTooLarge
            refuse(
                isSize ? .tooLarge : .http, error.status, isSize ? .httpTooLarge : .httpMalformed, error.reason, context
            )
        }
        reader.releaseIfEmpty()
        hold(reader.heldBytes)
        if heldBytes > 0, phase == .reading, silent.held.value > board.limits.heldBytes {
            refuse(.tooLarge, .tooLarge, .httpTooLarge, "too many unfinished requests", context)
        }
    }

    private func take(_ step: RequestReader.Step, _ context: ChannelHandlerContext) {
        switch step {
        case .wantsContinue:
            context.writeAndFlush(
                wrapOutboundOut(ByteBuffer(staticString: "HTTP/1.1 100 Continue\r\n\r\n")), promise: nil)
        case .request(let head, let body):
            hasSpoken = true
            forgetSilence()
            self.head = head
            if port == .poll { return poll(head, context) }
            guard head.method == .post else {
                return refuse(.http, .methodNotAllowed, .httpMalformed, "not a POST", context)
            }
            read(head, body, context)
        }
    }

    private func read(_ head: RequestHead, _ body: [UInt8], _ context: ChannelHandlerContext) {
        let message: WPIPhoneMessage
        do throws(WireError) {
            message = try WPI.decodePhoneMessage(body)
        } catch {
            let isSize = error.code == .tooLarge
            return refuse(
                isSize ? .tooLarge : .garbage, isSize ? .tooLarge : .badRequest, StatusCode(error.code.rawValue),
                "line \(error.line): \(error.reason)", context)
        }
        guard message.hasUsableNonce else {
            return refuse(.nonce, .badRequest, .xmlUnexpected, "a nonce that can not be repeated", context)
        }
        board.counter.change { $0.messages += 1 }
        hear(message, head, context)
    }

    private func hear(_ message: WPIPhoneMessage, _ head: RequestHead, _ context: ChannelHandlerContext) {
        phase = .answering
        timer?.clear()
        let caller = Caller(
            address: address, port: context.remoteAddress?.port ?? 0, isSecure: port == .secure, sight: sight)
        let pending = PendingMessage(
            nonce: message.nonce, connection: NIOLoopBound(self, eventLoop: context.eventLoop), loop: context.eventLoop)
        if message.reason.isOpening {
            begin(message, pending, caller)
        } else {
            let cookie = head.cookie.flatMap(SessionCookie.value(in:))
            let line = board.goOn(message, pending, from: caller, cookie: cookie, own: line)
            // A message that was answered at once may have brought the conversation to its end.
            self.line = phase == .answering ? line : nil
        }
    }

    private func begin(_ opening: WPIPhoneMessage, _ pending: PendingMessage, _ caller: Caller) {
        if let line, let mac = opening.mac, line.mac != mac {
            note(.identityChange, .phoneWrongMAC, "another MAC address on one connection")
            line.with { $0.end(Fault(.phoneWrongMAC, subject: caller.address, detail: "within a conversation")) }
            self.line = nil
            return pending.cleanUp("mac-addr changed")
        }
        let line = board.begin(opening, pending, from: caller)
        if phase == .answering { self.line = line }
    }

    /// Tells a phone behind address translation whether something waits for it (DCMP).
    private func poll(_ head: RequestHead, _ context: ChannelHandlerContext) {
        guard head.method == .get, let mac = PollTarget.mac(in: head.target) else {
            return refuse(.http, .badRequest, .httpMalformed, "not a question of a phone", context)
        }
        let isAwaited = board.waiting.isAwaited(mac)
        board.counter.change {
            $0.polls += 1
            if isAwaited { $0.pollsAnsweredYes += 1 }
        }
        let closes = !head.keepsAlive
        write(WPIReply.bare(isAwaited ? .accepted : .ok, closes: closes), closes: closes, context)
        if phase == .reading { timer?.set(board.limits.linger) }
    }
}

extension WPIPhoneMessage {
    /// Whether the nonce is one that an answer can repeat: some visible characters.
    fileprivate var hasUsableNonce: Bool {
        (1...128).contains(nonce.utf8.count) && nonce.utf8.allSatisfy { (33..<127).contains($0) }
    }
}

/// What a phone polls: `/dcmp/contact-me?device-id=00:1A:E8:12:34:56`.
enum PollTarget {
    static func mac(in target: String) -> MACAddress? {
        let parts = target.split(separator: "?", maxSplits: 1)
        guard parts.count == 2, parts[0] == "/dcmp/contact-me" else { return nil }
        for pair in parts[1].split(separator: "&") where pair.hasPrefix("device-id=") {
            let value = pair.dropFirst("device-id=".count)
            return MACAddress(value.replacing("%3A", with: ":").replacing("%3a", with: ":"))
        }
        return nil
    }
}
