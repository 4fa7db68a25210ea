import DeploymentModel
import NIOCore
import NIOPosix
import NIOSSL
import NIOTLS

/// Where a connection goes and what it is borne with.
struct ContactPlan: Sendable {
    /// What the user typed; the subject of every fault.
    var subject: String
    var address: SocketAddress
    /// Nil for a plain connection.
    var trust: TrustDemand?
    var timeouts: ContactTimeouts
    var limits = HTTPLimits()
}

/// What opening a connection came to.
struct OpeningOutcome: Sendable {
    var connected = false
    var sight = PeerSight()
    /// Nil when the connection is open.
    var fault: Fault?
}

/// One connection to a phone: connects, shakes hands, then carries one request at a time.
///
/// Lives on its event loop; whoever is elsewhere holds a ``ConnectionHandle``. The first fault ends the connection at
/// once and is the answer to everything that is asked of it from then on.
final class PhoneConnection: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private enum Phase { case connecting, handshaking, open, ended }

    private let plan: ContactPlan
    private let judge: PeerJudge?
    private var phase = Phase.connecting
    private var onOpened: ((OpeningOutcome) -> Void)?
    private var onReply: ((Result<HTTPReply, Fault>) -> Void)?
    private var parser: HTTPReplyParser
    private var guardian: FirstBytesGuard?
    private var context: ChannelHandlerContext?
    private var timer: DeadlineTimer?
    private var fault: Fault?
    private var connected = false

    init(plan: ContactPlan) {
        self.plan = plan
        judge = plan.trust.map(PeerJudge.init)
        parser = HTTPReplyParser(limits: plan.limits)
    }

    /// Dials; `onOpened` is called once, on the loop, when the connection is open or has failed.
    func open(on loop: any EventLoop, onOpened: @escaping (OpeningOutcome) -> Void) {
        self.onOpened = onOpened
        // An end that came before the dialling.
        if fault != nil { return finishOpening() }
        timer = DeadlineTimer(loop: loop) { [weak self] in self?.timeIsUp() }
        timer?.set(plan.timeouts.connect)
        let bound = NIOLoopBound(self, eventLoop: loop)
        ClientBootstrap(group: loop)
            // Ours is the one that counts.
            .connectTimeout(.hours(24))
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(bound.value)
                }
            }
            .connect(to: plan.address)
            .assumeIsolated()
            .whenFailure { error in
                self.end(NetworkFault.fault(for: error, subject: self.plan.subject))
            }
    }

    /// This machine's end, while the connection is open.
    var localAddress: SocketAddress? { context?.localAddress }

    /// Sends a request; `onReply` is called once, on the loop.
    func exchange(_ request: ByteBuffer, onReply: @escaping (Result<HTTPReply, Fault>) -> Void) {
        guard phase == .open, fault == nil, let context, self.onReply == nil else {
            return onReply(.failure(fault ?? closed("the session has ended")))
        }
        self.onReply = onReply
        timer?.set(plan.timeouts.reply)
        context.writeAndFlush(wrapOutboundOut(request), promise: nil)
    }

    /// Ends the connection politely: TLS says goodbye, and the socket is closed without waiting for the phone's.
    func close() {
        if phase == .open, guardian != nil { context?.close(promise: nil) }
        end(closed("the session has ended"))
    }

    /// Ends the connection at once for a reason; the first one counts.
    func end(_ reason: Fault) {
        guard fault == nil else { return }
        fault = reason
        phase = .ended
        timer?.end()
        if let guardian { guardian.end() } else { context?.close(promise: nil) }
        finishOpening()
        finishExchange(.failure(reason))
    }

    private func closed(_ detail: String? = nil) -> Fault {
        Fault(.netClosed, subject: plan.subject, detail: detail)
    }

    private func finishOpening() {
        guard let onOpened else { return }
        self.onOpened = nil
        onOpened(OpeningOutcome(connected: connected, sight: judge?.sight ?? PeerSight(), fault: fault))
    }

    private func finishExchange(_ result: Result<HTTPReply, Fault>) {
        guard let onReply else { return }
        self.onReply = nil
        onReply(result)
    }
}

// MARK: - Events of the channel

extension PhoneConnection {
    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        // An end that came while the channel was made.
        if fault != nil { context.close(promise: nil) }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
        guardian = nil
        timer?.end()
        timer = nil
    }

    func channelActive(context: ChannelHandlerContext) {
        guard fault == nil else { return }
        connected = true
        guard let judge else { return opened() }
        phase = .handshaking
        timer?.set(plan.timeouts.handshake)
        do {
            try startTLS(judge, context: context)
        } catch {
            end(Fault(.tlsFailed, subject: plan.subject))
        }
    }

    /// TLS begins only now, so that an address where nothing answers costs no TLS state.
    private func startTLS(_ judge: PeerJudge, context: ChannelHandlerContext) throws {
        let guardian = FirstBytesGuard { [unowned self] first in
            judge.saw(first)
            switch first {
            case .plainHTTP: end(Fault(.tlsPlainHTTP, subject: plan.subject))
            case .notTLS: end(Fault(.tlsNotTLS, subject: plan.subject))
            case .serverHello, .alert, .otherTLS: break
            }
        }
        self.guardian = guardian
        let version = TLSVersionSource()
        let tls = try NIOSSLClientHandler(context: judge.demand.context, serverHostname: nil) { chain, promise in
            promise.succeed(judge.judge(chain, version: version.handler?.tlsVersion))
        }
        version.handler = tls
        try context.channel.pipeline.syncOperations.addHandlers([guardian, tls], position: .first)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .handshakeCompleted? = event as? TLSUserEvent, phase == .handshaking { opened() }
        context.fireUserInboundEventTriggered(event)
    }

    private func opened() {
        guard phase != .ended else { return }
        phase = .open
        timer?.clear()
        finishOpening()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard phase == .open else { return }
        let buffer = unwrapInboundIn(data)
        let result: Result<(HTTPReply?, Int), HTTPProblem> = buffer.withUnsafeReadableBytes { bytes in
            var rest = bytes
            do throws(HTTPProblem) {
                return .success((try parser.read(&rest), rest.count))
            } catch {
                return .failure(error)
            }
        }
        switch result {
        case .failure(let problem): end(Fault(problem.code, subject: plan.subject, detail: problem.detail))
        case .success((nil, _)): break
        case .success((let reply?, let surplus)): take(reply, surplus: surplus)
        }
    }

    private func take(_ reply: HTTPReply, surplus: Int) {
        guard onReply != nil, surplus == 0 else {
            return end(
                Fault(.httpMalformed, subject: plan.subject, detail: "the phone sent more than was asked for"))
        }
        timer?.clear()
        if !reply.keepsAlive {
            // The answer is whole and stands; whatever is asked next hears that the phone has gone.
            let answer = onReply
            onReply = nil
            close()
            answer?(.success(reply))
        } else {
            finishExchange(.success(reply))
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        switch phase {
        case .connecting, .ended: break
        case .handshaking: end(closed("in the handshake"))
        case .open where onReply == nil: end(closed("between two requests"))
        case .open: end(closed(parser.isFresh ? "before the answer" : "in the middle of the answer"))
        }
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        switch error {
        case NIOSSLError.uncleanShutdown:
            // A phone that hangs up without a farewell; the end of the channel follows and says what that means.
            break
        case is IOError where phase == .open && onReply == nil: end(closed("between two requests"))
        case is IOError: end(NetworkFault.fault(for: error, subject: plan.subject))
        default: end(tlsFault(error))
        }
    }

    private func tlsFault(_ error: any Error) -> Fault {
        guard let judge else { return closed() }
        if var verdict = judge.sight.verdict, phase == .handshaking, judge.demand.mode == .authenticate {
            verdict.subject = plan.subject
            return verdict
        }
        return HandshakeFault.fault(
            for: error, sight: judge.sight, policy: judge.demand.policy, subject: plan.subject)
    }

    private func timeIsUp() {
        switch phase {
        case .handshaking:
            let detail = guardian?.hasSeenBytes == true ? "stopped in the middle of the handshake" : nil
            end(Fault(.tlsSilent, subject: plan.subject, detail: detail))
        case .open:
            let detail = parser.isFresh ? "no answer to the request" : "the answer did not come to its end in time"
            end(Fault(.netSilent, subject: plan.subject, detail: detail))
        case .connecting: end(Fault(.netSilent, subject: plan.subject))
        case .ended: break
        }
    }
}

/// Lets the verification callback ask the TLS handler for its version, which exists only after the callback does.
private final class TLSVersionSource {
    weak var handler: NIOSSLClientHandler?
}
