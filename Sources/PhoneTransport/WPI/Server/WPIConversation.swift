import DeploymentModel
import ManagementXML
import NIOCore

/// What has to come after an action.
enum Expectation: Hashable, Sendable {
    /// The phone's reply to it.
    case reply
    /// Nothing: the conversation ends with the action.
    case nothing
    /// Nothing when the phone takes the order; a reply when it does not.
    case refusal
}

/// One interaction with one phone, from its opening message to the clean-up: the phone speaks, and is answered, in turn.
///
/// Lives on the event loop of the connection that began it; later messages may come over others. Whoever is elsewhere
/// holds a ``CallLine``.
final class WPIConversation {
    private enum Phase {
        /// Waits for its turn among the conversations.
        case queued
        /// The phone waits for our answer.
        case answering
        /// We wait for the phone's reply.
        case listening
        case ended
    }

    private let board: WPISwitchboard
    private let mac: MACAddress
    private let caller: Caller
    private var phase = Phase.answering
    private var pending: PendingMessage?
    private var cookie: String?
    private var asked: WPIAction?
    private var expectation = Expectation.reply
    private var onReply: ((Result<WPIPhoneMessage?, Fault>) -> Void)?
    private var nonces: NonceMemory
    private var wasBusy = false
    private var isBrokenOff = false
    private var fault: Fault?
    private var timer: DeadlineTimer?
    private let limit: NIODeadline
    private let openingNonce: String
    /// Set once the conversation has its line.
    weak var line: CallLine?
    /// Seconds that the phone may take for a reply.
    var replySeconds: Double

    init(_ opening: PendingMessage, mac: MACAddress, caller: Caller, cookie: String, board: WPISwitchboard) {
        self.board = board
        self.mac = mac
        self.caller = caller
        self.cookie = cookie
        pending = opening
        nonces = NonceMemory(opening.nonce)
        openingNonce = opening.nonce
        replySeconds = board.limits.reply
        limit = .now() + .seconds(board.limits.conversation)
        timer = DeadlineTimer(loop: opening.loop) { [weak self] in self?.timeIsUp() }
        setTimer(board.limits.thinking)
    }

    private func setTimer(_ seconds: Double) {
        let rest = Double((limit - .now()).nanoseconds) / 1e9
        timer?.set(max(0.001, min(seconds, rest)))
    }

    // MARK: Waiting for a turn

    func queue() {
        phase = .queued
        setTimer(board.limits.queueing)
    }

    /// Its turn has come; whether the phone is still there.
    func begin() -> Bool {
        guard phase == .queued else { return phase != .ended }
        phase = .answering
        setTimer(board.limits.thinking)
        return true
    }

    // MARK: What the tool says

    /// Answers the phone with an action; `onReply` is called once, on the loop.
    func ask(
        _ message: WPIServerMessage, expecting expectation: Expectation,
        onReply: @escaping (Result<WPIPhoneMessage?, Fault>) -> Void
    ) {
        guard phase == .answering, !isBrokenOff, let pending else {
            return onReply(.failure(fault ?? closed("the conversation has ended")))
        }
        var message = message
        message.nonce = pending.nonce
        let cookie = cookie
        (self.pending, self.cookie, asked, self.expectation) = (nil, nil, message.action, expectation)
        let body = WPI.encode(message)
        guard expectation != .nothing else {
            pending.answer(body, cookie: cookie, isLast: true)
            board.closed(mac, nonce: openingNonce)
            finish(Fault(.netClosed, subject: caller.address, detail: "the conversation ended with the order"))
            return onReply(.success(nil))
        }
        phase = .listening
        self.onReply = onReply
        setTimer(expectation == .refusal ? board.limits.refusal : replySeconds)
        pending.answer(body, cookie: cookie, isLast: false)
    }

    /// Ends the interaction: with a clean-up now, or as soon as the phone has said what it is about to say.
    func close() {
        switch phase {
        case .answering, .queued: cleanUp()
        case .listening: breakOff()
        case .ended: break
        }
    }

    /// Ends the interaction with a reason for the phone.
    func refuse(_ reason: String, _ fault: Fault) {
        guard phase != .ended else { return }
        let (pending, cookie) = (pending, cookie)
        self.pending = nil
        finish(fault)
        pending?.cleanUp(reason, cookie: cookie)
    }

    private func cleanUp() {
        let (pending, cookie) = (pending, cookie)
        self.pending = nil
        board.closed(mac, nonce: openingNonce)
        finish(closed("the conversation has ended"))
        pending?.cleanUp(cookie: cookie, callsAgain: wasBusy)
    }

    /// Nobody waits for the phone's reply any more, nor asks for another.
    func breakOff() {
        guard !isBrokenOff else { return }
        isBrokenOff = true
        reply(.failure(closed("cancelled")))
    }

    // MARK: What the phone says

    /// Takes a message that is no opening.
    func hear(_ message: WPIPhoneMessage, _ pending: PendingMessage, over connectionIsOwn: Bool) {
        if nonces.isReplay(message.nonce) {
            board.counter.note(.replay, from: caller.address, .xmlUnexpected, "a nonce was used before")
            pending.cleanUp("message was heard before")
            if connectionIsOwn {
                end(Fault(.xmlUnexpected, subject: caller.address, detail: "a nonce was used before"))
            }
            return
        }
        guard message.mac.map({ $0 == mac }) ?? true else {
            board.counter.note(.identityChange, from: caller.address, .phoneWrongMAC, "another MAC address")
            pending.cleanUp("mac-addr changed")
            return end(Fault(.phoneWrongMAC, subject: caller.address, detail: "within a conversation"))
        }
        guard phase == .listening else {
            board.counter.note(.noConversation, from: caller.address, .xmlUnexpected, "it was not the phone's turn")
            return pending.cleanUp("no such conversation")
        }
        if isBrokenOff {
            self.pending = pending
            return cleanUp()
        }
        switch message.reason {
        case .replyTo(_, let status): take(message, status, pending)
        default:
            pending.cleanUp()
            let words = message.text(of: WPIItem.cleanUpReason)
            end(
                Fault(
                    .phoneActionFailed, subject: caller.address,
                    detail: "the phone ended the conversation" + (words.map { ": \($0)" } ?? "")))
        }
    }

    private func take(_ message: WPIPhoneMessage, _ status: ManagementReply.Status, _ pending: PendingMessage) {
        wasBusy = status == .busy
        self.pending = pending
        phase = .answering
        setTimer(board.limits.thinking)
        reply(.success(message))
    }

    private func reply(_ result: Result<WPIPhoneMessage?, Fault>) {
        guard let onReply else { return }
        self.onReply = nil
        onReply(result)
    }

    // MARK: Ends

    /// The phone has closed a connection of the conversation.
    ///
    /// - Parameter whileAnswering: whether it waited there for an answer; otherwise it may call over another one.
    func connectionLost(whileAnswering: Bool) {
        switch (phase, whileAnswering) {
        case (.answering, true), (.queued, true):
            end(Fault(.netClosed, subject: caller.address, detail: "before it was answered"))
        case (.listening, false): if expectation == .refusal { orderTaken() }
        default: break
        }
    }

    /// The phone began another conversation.
    func supersede() {
        if phase == .listening, expectation == .refusal { return orderTaken() }
        end(Fault(.netClosed, subject: caller.address, detail: "the phone began anew"))
    }

    /// Ends at once for a reason; a phone that waits is not answered any more.
    func end(_ reason: Fault) {
        guard phase != .ended else { return }
        let pending = pending
        self.pending = nil
        finish(reason)
        pending?.cleanUp()
    }

    private func orderTaken() {
        let onReply = onReply
        self.onReply = nil
        board.closed(mac, nonce: openingNonce)
        finish(closed("the conversation ended with the order"))
        onReply?(.success(nil))
    }

    private func finish(_ reason: Fault) {
        fault = reason
        phase = .ended
        timer?.end()
        timer = nil
        if let line {
            line.ended(reason)
            board.ended(line)
        }
        reply(.failure(reason))
    }

    private func timeIsUp() {
        switch phase {
        case .queued:
            board.counter.note(.overload, from: caller.address, .netSilent, "its turn did not come in time")
            refuse(
                WPITranslation.overload, Fault(.netSilent, subject: caller.address, detail: "the server was overloaded")
            )
        case .listening where expectation == .refusal && !isBrokenOff: orderTaken()
        case .listening:
            board.counter.note(.stalled, from: caller.address, .netSilent, "no reply to \(asked?.rawValue ?? "")")
            end(Fault(.netSilent, subject: caller.address, detail: "no reply of the phone"))
        case .answering:
            board.counter.note(.stalled, from: caller.address, .netSilent, "no action was ready in time")
            refuse("timeout", Fault(.netSilent, subject: caller.address, detail: "the conversation took too long"))
        case .ended: break
        }
    }

    private func closed(_ detail: String) -> Fault {
        Fault(.netClosed, subject: caller.address, detail: detail)
    }
}

/// The nonces of one conversation.
///
/// The guide says that a phone keeps its nonce through one flow, and its traces show a fresh one in each message. So a
/// nonce that comes again is a replay only from a phone that has used more than one.
struct NonceMemory {
    private var seen: [String]
    private static let most = 128

    init(_ first: String) {
        seen = [first]
    }

    mutating func isReplay(_ nonce: String) -> Bool {
        if seen.contains(nonce) { return seen.count > 1 }
        if seen.count == Self.most { seen.removeFirst() }
        seen.append(nonce)
        return false
    }
}

extension WPIPhoneMessage {
    /// Whose message it says to be.
    var mac: MACAddress? { items.value(of: WPIItem.macAddress).flatMap { MACAddress($0) } }

    /// An item's value as it may be shown: printable ASCII, at most 120 characters.
    func text(of name: String) -> String? {
        items.value(of: name).map { value in
            String(decoding: value.utf8.prefix(120).map { (32..<127).contains($0) ? $0 : 63 }, as: UTF8.self)
        }
    }
}
