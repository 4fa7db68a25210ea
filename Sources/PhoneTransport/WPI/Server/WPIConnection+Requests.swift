import DeploymentModel
import ManagementXML
import NIOCore

// What a connection does with whole requests.
extension WPIConnection {
    func proceed(_ context: ChannelHandlerContext) {
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
                isSize ? .tooLarge : error.concernsNonce ? .nonce : .garbage, isSize ? .tooLarge : .badRequest,
                StatusCode(error.code.rawValue),
                "line \(error.line): \(error.reason)", context)
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
