import DeploymentModel
import ManagementXML
import NIOCore
import Synchronization

/// Who is at the other end of a connection.
struct Caller: Sendable {
    var address: String
    var port: Int
    /// Whether the phone had to present a client certificate.
    var isSecure: Bool
    var sight: PeerSight

    /// Whether a message that came over another connection can be of the same phone.
    func isSamePhone(as other: Caller) -> Bool {
        address == other.address && isSecure == other.isSecure && sight.chain.first == other.sight.chain.first
    }
}

/// A phone's message that waits for its answer, and the connection that brought it.
struct PendingMessage: Sendable {
    var nonce: String
    var connection: NIOLoopBound<WPIConnection>
    var loop: any EventLoop

    /// - Parameter isLast: whether the conversation is over with this answer.
    func answer(_ body: [UInt8], cookie: String?, isLast: Bool) {
        guard !loop.inEventLoop else { return connection.value.answer(body, cookie: cookie, isLast: isLast) }
        loop.execute { connection.value.answer(body, cookie: cookie, isLast: isLast) }
    }

    /// Ends the interaction, with a reason for the phone's log.
    func cleanUp(_ reason: String? = nil, cookie: String? = nil, callsAgain: Bool = false) {
        let message = WPITranslation.cleanUp(nonce: nonce, reason: reason, asksToCallBack: callsAgain)
        answer(WPI.encode(message), cookie: cookie, isLast: true)
    }
}

/// Holds a conversation from outside its event loop, and says whose it is.
final class CallLine: Sendable {
    /// The value of the session's cookie.
    let id: String
    let mac: MACAddress
    let caller: Caller
    let loop: any EventLoop
    private let conversation: NIOLoopBoundBox<WPIConversation>
    /// The message that began it.
    let opening: WPIPhoneMessage
    /// Why the conversation has ended; from then on its loop, which may end too, is left alone.
    private let ending = Mutex<Fault?>(nil)

    /// - Parameter conversation: lives on `loop`, on which this is called.
    init(
        id: String, mac: MACAddress, caller: Caller, opening: WPIPhoneMessage, loop: any EventLoop,
        _ conversation: WPIConversation
    ) {
        self.id = id
        self.opening = opening
        self.mac = mac
        self.caller = caller
        self.loop = loop
        self.conversation = NIOLoopBoundBox(conversation, eventLoop: loop)
    }

    /// Does something with the conversation on its loop: at once for who is there, later for others.
    ///
    /// Of a conversation that has ended nothing is wanted any more.
    func with(_ body: @escaping @Sendable (WPIConversation) -> Void) {
        if loop.inEventLoop { body(conversation.value) } else { _ = enqueue(body) }
    }

    /// Does something with the conversation later, or says why it has ended.
    ///
    /// Under the lock: as long as the end is not noted, whoever ends the loops still waits for it.
    private func enqueue(_ body: @escaping @Sendable (WPIConversation) -> Void) -> Fault? {
        ending.withLock { ending in
            if ending == nil { loop.execute { body(self.conversation.value) } }
            return ending
        }
    }

    /// Ends the conversation by `body` and waits until that is done.
    func end(_ body: @escaping @Sendable (WPIConversation) -> Void) async {
        await withCheckedContinuation { continuation in
            loop.execute {
                body(self.conversation.value)
                continuation.resume()
            }
        }
    }

    /// Said by the conversation, on its loop.
    func ended(_ reason: Fault) {
        ending.withLock { $0 = reason }
    }

    /// Sends an action and waits for what the phone says to it; nil when nothing has to be said.
    ///
    /// Cancelling the task that waits breaks the conversation off: the phone's next message is answered by a clean-up.
    func ask(_ message: WPIServerMessage, expecting: Expectation) async -> Result<WPIPhoneMessage?, Fault> {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let ask: @Sendable (WPIConversation) -> Void = { conversation in
                    conversation.ask(message, expecting: expecting) { continuation.resume(returning: $0) }
                }
                if loop.inEventLoop {
                    ask(conversation.value)
                } else if let reason = enqueue(ask) {
                    continuation.resume(returning: .failure(reason))
                }
            }
        } onCancel: {
            with { $0.breakOff() }
        }
    }
}
