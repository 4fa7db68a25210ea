import ManagementXML
import NIOCore
import NIOSSL
import NIOTLS
import PhoneTransport

/// One connection to a virtual phone: HTTP/1.1 with its own small parser, one request after the other.
///
/// The input is anybody's: sizes and times are limited, nothing is read while an answer waits to leave, and whatever
/// is no request gets an answer that says so before the connection is closed.
final class PhoneConnection: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private enum Phase {
        /// Waits for a request or the rest of one.
        case reading
        /// An answer is on its way; further input waits.
        case answering
        /// The last answer was sent; input is thrown away until the peer closes.
        case draining
        case closed
    }

    private let phone: LivePhone
    private let door: PhoneDoor
    private let delivery: Delivery
    private var phase = Phase.reading
    private var reader = RequestReader()
    private var conversation = PhoneConversation()
    private var drained = 0
    private var isReadHeldBack = false
    private var deadline = NIODeadline.now()
    private var timer: Scheduled<Void>?

    private static let drainLimit = 4 << 20
    private static let drainTime = TimeAmount.seconds(2)

    init(phone: LivePhone, door: PhoneDoor) {
        self.phone = phone
        self.door = door
        delivery = Delivery(phone.faults)
    }

    // MARK: Channel events

    func handlerAdded(context: ChannelHandlerContext) {
        deadline = .now() + .phone(phone.fleet.limits.request)
        watchDeadline(context)
    }

    func channelInactive(context: ChannelHandlerContext) {
        phase = .closed
        timer?.cancel()
        timer = nil
        reader.removeAll()
        context.fireChannelInactive()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if let event = event as? TLSUserEvent, case .handshakeCompleted = event {
            phone.noteHandshake()
            deadline = .now() + .phone(phone.fleet.limits.idle)
        }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = unwrapInboundIn(data)
        switch phase {
        case .closed: return
        case .draining:
            drained += bytes.readableBytes
            if drained > Self.drainLimit { context.close(promise: nil) }
        case .reading, .answering:
            if !reader.isInRequest { deadline = .now() + .phone(phone.fleet.limits.request) }
            reader.append(&bytes)
            proceed(context)
        }
    }

    func read(context: ChannelHandlerContext) {
        if phase == .answering || !context.channel.isWritable {
            isReadHeldBack = true
        } else {
            context.read()
        }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable { proceed(context) }
        context.fireChannelWritabilityChanged()
    }

    // MARK: Requests

    private func proceed(_ context: ChannelHandlerContext) {
        do {
            while phase == .reading, !reader.isEmpty, context.channel.isWritable, let step = try reader.next() {
                take(step, context)
            }
        } catch {
            refuse(error, context)
        }
        reader.releaseIfEmpty()
        if isReadHeldBack, phase != .answering, context.channel.isWritable {
            isReadHeldBack = false
            context.read()
        }
    }

    private func take(_ step: RequestReader.Step, _ context: ChannelHandlerContext) {
        switch step {
        case .wantsContinue:
            context.writeAndFlush(
                wrapOutboundOut(ByteBuffer(staticString: "HTTP/1.1 100 Continue\r\n\r\n")), promise: nil)
        case .request(let head, let body):
            let limits = phone.fleet.limits
            deadline = .now() + .phone(reader.isEmpty ? limits.idle : limits.request)
            respond(phone.answer(head, body: body, at: door, in: &conversation), to: head, context)
        }
    }

    // MARK: Answers

    private func respond(_ answer: HTTPAnswer, to head: RequestHead, _ context: ChannelHandlerContext) {
        var answer = answer
        if !head.keepsAlive { answer.closes = true }
        if answer.effects.contains(.save), let saved = phone.save(on: context.eventLoop) {
            phase = .answering
            let loopBound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
            saved.assumeIsolated().whenComplete { result in
                let (handler, context) = loopBound.value
                guard handler.phase == .answering else { return }
                handler.phase = .reading
                if case .failure = result { return context.close(promise: nil) }
                handler.send(answer, context)
                handler.proceed(context)
            }
        } else {
            send(answer, context)
        }
    }

    private func send(_ answer: HTTPAnswer, _ context: ChannelHandlerContext) {
        if answer.effects.contains(.telephonyChanged) { phone.telephonyChanged() }
        if answer.effects.contains(.loseAnswer) {
            phase = .closed
            if answer.effects.contains(.restart) { phone.leave(seconds: phone.fleet.restartSeconds) }
            context.channel.drop(resets: true)
            return
        }
        var buffer = context.channel.allocator.buffer(capacity: 0)
        let isFaulty = delivery != .sound && answer.content == .xml
        let sent = isFaulty ? delivery.distorted(answer) : answer
        sent.write(into: &buffer, date: phone.date)
        if isFaulty {
            switch delivery {
            case .half: return sendHalf(buffer, context)
            case .slow(let pause): return trickle(buffer, pause: pause, then: answer, context)
            case .sound, .malformed, .oversized: break
            }
        }
        finish(
            answer, context.writeAndFlushAfterAll(wrapOutboundOut(buffer), needsPromise: answer.needsPromise), context)
    }

    /// What comes after an answer: nothing, the end of the connection, or a restart.
    private func finish(_ answer: HTTPAnswer, _ written: EventLoopFuture<Void>?, _ context: ChannelHandlerContext) {
        guard let written else { return }
        phase = .answering
        let loopBound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        let phone = phone
        written.assumeIsolated().whenComplete { _ in
            let (handler, context) = loopBound.value
            if answer.effects.contains(.restart) { phone.leave(seconds: phone.fleet.restartSeconds) }
            if handler.phase == .answering { handler.drain(context) }
        }
    }

    private func refuse(_ refusal: RequestRefusal, _ context: ChannelHandlerContext) {
        phone.noteBadRequest()
        send(HTTPAnswer(refusal), context)
    }

    /// Closes our side and gives the peer time to read before the rest goes; unread input would else reset the
    /// connection and take the answer with it.
    private func drain(_ context: ChannelHandlerContext) {
        phase = .draining
        reader.removeAll()
        deadline = .now() + Self.drainTime
        timer?.cancel()
        watchDeadline(context)
        context.close(mode: .output, promise: nil)
        context.read()
    }

    // MARK: Faults

    private func sendHalf(_ buffer: ByteBuffer, _ context: ChannelHandlerContext) {
        phase = .closed
        let half = buffer.getSlice(at: buffer.readerIndex, length: buffer.readableBytes / 2) ?? ByteBuffer()
        let loopBound = NIOLoopBound(context, eventLoop: context.eventLoop)
        context.writeAndFlush(wrapOutboundOut(half)).assumeIsolated().whenComplete { _ in
            loopBound.value.close(promise: nil)
        }
    }

    private func trickle(
        _ buffer: ByteBuffer, pause: TimeAmount, then answer: HTTPAnswer, _ context: ChannelHandlerContext
    ) {
        phase = .answering
        deadline = .now() + .hours(1)
        var rest = buffer
        guard let byte = rest.readSlice(length: 1) else {
            phase = .reading
            deadline = .now() + .phone(phone.fleet.limits.idle)
            let isLast = answer.needsPromise
            finish(answer, isLast ? context.eventLoop.makeSucceededVoidFuture() : nil, context)
            return proceed(context)
        }
        context.writeAndFlush(wrapOutboundOut(byte), promise: nil)
        let loopBound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        context.eventLoop.assumeIsolated().scheduleTask(in: pause) { [rest] in
            let (handler, context) = loopBound.value
            guard handler.phase == .answering else { return }
            handler.trickle(rest, pause: pause, then: answer, context)
        }
    }

    // MARK: Time

    /// One timer a connection: it looks at the deadline as it stands when it fires.
    private func watchDeadline(_ context: ChannelHandlerContext) {
        let loopBound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        timer = context.eventLoop.assumeIsolated().scheduleTask(deadline: deadline) {
            let (handler, context) = loopBound.value
            guard handler.phase != .closed else { return }
            if NIODeadline.now() < handler.deadline {
                handler.watchDeadline(context)
            } else {
                handler.expire(context)
            }
        }
    }

    private func expire(_ context: ChannelHandlerContext) {
        guard phase == .reading, reader.isInRequest else { return context.close(promise: nil) }
        refuse(RequestRefusal(status: .requestTimeout, reason: "the request did not come to its end"), context)
    }
}

extension ChannelHandlerContext {
    fileprivate func writeAndFlushAfterAll(_ data: NIOAny, needsPromise: Bool) -> EventLoopFuture<Void>? {
        guard needsPromise else {
            writeAndFlush(data, promise: nil)
            return nil
        }
        return writeAndFlush(data)
    }
}

extension HTTPAnswer {
    /// Whether something comes after the answer has left.
    fileprivate var needsPromise: Bool { closes || effects.contains(.restart) }
}

extension TimeAmount {
    static func phone(_ seconds: Double) -> TimeAmount {
        .nanoseconds(Int64((min(max(0, seconds), 1e9) * 1e9).rounded()))
    }
}
