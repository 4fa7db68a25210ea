import DeploymentModel
import ManagementXML

/// Registers at one registrar and stays registered, as a state machine without input, output or clock (RFC 3261
/// section 10).
///
/// Its owner hands in what happened with the time, carries out the orders that come back, and calls
/// ``timePassed(at:)`` at ``deadline``. Times are seconds of any clock that never goes back.
struct RegistrationMachine: Sendable {
    /// What the owner has to do.
    enum Order: Hashable, Sendable {
        case connect
        case send([UInt8])
        case disconnect
    }

    /// How long a silent server is borne with, in seconds.
    struct Limits: Hashable, Sendable {
        var connect = 10.0
        var handshake = 10.0
        /// For taking the registration back.
        var leave = 2.0
    }

    enum Phase: Hashable, Sendable {
        case waiting, connecting, handshaking, asking, registered, leaving, ended
    }

    private(set) var phase = Phase.ended
    private(set) var status = TelephonyState(.registering)
    /// When ``timePassed(at:)`` is to be called; nil = never.
    private(set) var deadline: Double?
    let account: SIPAccount
    private let limits: Limits
    private var backOff: BackOff
    private var dialogue: RegisterDialogue
    private var isKnownToServer = false

    init(account: SIPAccount, limits: Limits = Limits(), seed: UInt64) {
        self.account = account
        self.limits = limits
        backOff = BackOff(base: account.backOff, seed: seed)
        dialogue = RegisterDialogue(account: account)
    }

    // MARK: What happens

    /// Begins after a pause.
    mutating func start(after pause: Double, at now: Double) -> [Order] {
        phase = .waiting
        deadline = now + pause
        return pause > 0 ? [] : timePassed(at: now)
    }

    /// The connection stands; the handshake begins.
    mutating func connected(at now: Double) -> [Order] {
        guard phase == .connecting else { return [] }
        phase = .handshaking
        deadline = now + limits.handshake
        return []
    }

    /// The handshake is complete and the server is who it must be: the first moment at which SIP may be spoken.
    mutating func secured(at now: Double) -> [Order] {
        guard phase == .connecting || phase == .handshaking else { return [] }
        dialogue.begin()
        return ask(at: now)
    }

    /// The connection could not be made, was refused, or is gone.
    mutating func lost(_ reason: String, at now: Double) -> [Order] {
        switch phase {
        case .waiting, .ended: return []
        case .leaving: return end()
        case .registered:
            status = TelephonyState(.registering, reason: reason)
            phase = .waiting
            deadline = now + backOff.spread()
            return [.disconnect]
        case .connecting, .handshaking, .asking: return fail(reason, at: now)
        }
    }

    /// A message of the server.
    mutating func received(_ message: SIPMessage, at now: Double) -> [Order] {
        switch message.start {
        case .request(let method, _):
            return SIPAnswer.bytes(to: message, method: method).map { [.send($0)] } ?? []
        case .response(let status, let reason):
            guard phase == .asking || phase == .leaving, status >= 200, dialogue.isAnswered(by: message) else {
                return []
            }
            return answered(status, reason, message, at: now)
        }
    }

    /// The time came that was set by ``deadline``.
    mutating func timePassed(at now: Double) -> [Order] {
        guard let deadline, deadline <= now else { return [] }
        self.deadline = nil
        switch phase {
        case .ended: return []
        case .waiting:
            phase = .connecting
            self.deadline = now + limits.connect
            return [.connect]
        case .connecting: return fail("net.silent: the server does not answer", at: now)
        case .handshaking: return fail("tls.silent: the server does not complete the handshake", at: now)
        case .asking:
            return fail("net.silent: no answer to \(RegisterRequest.method)", at: now)
        case .registered:
            dialogue.begin()
            return ask(at: now)
        case .leaving: return end()
        }
    }

    /// Takes the registration back, if there may be one, and ends.
    mutating func stop(at now: Double) -> [Order] {
        guard phase == .registered || phase == .asking, isKnownToServer else { return end() }
        phase = .leaving
        deadline = now + limits.leave
        dialogue.begin(leaving: true)
        return [.send(dialogue.next())]
    }

    // MARK: Answers

    private mutating func ask(at now: Double) -> [Order] {
        phase = .asking
        deadline = now + account.patience
        // From here on the server may have noted the phone, even if its answer is lost.
        isKnownToServer = true
        return [.send(dialogue.next())]
    }

    private mutating func answered(
        _ code: Int, _ reason: String, _ message: SIPMessage, at now: Double
    ) -> [Order] {
        if phase == .leaving, !(401...407).contains(code) { return end() }
        switch code {
        case 200...299: return succeed(message, at: now)
        case 401, 407:
            do throws(SIPProblem) {
                try dialogue.adopt(message, isProxy: code == 407)
            } catch {
                return phase == .leaving ? end() : fail("\(code): \(error.detail)", at: now)
            }
            return phase == .leaving ? [.send(dialogue.next())] : ask(at: now)
        case 423 where dialogue.extend(to: message): return ask(at: now)
        default:
            let words = reason.isEmpty ? "" : " \(reason)"
            return fail("the server answered \(code)\(words)", asked: message.retryAfter.map(Double.init), at: now)
        }
    }

    private mutating func succeed(_ message: SIPMessage, at now: Double) -> [Order] {
        let granted = message.grantedSeconds(for: account.contactURI) ?? dialogue.expires ?? 3600
        guard granted > 0 else { return fail("the server registered the phone for no time at all", at: now) }
        phase = .registered
        status = TelephonyState(.registered)
        backOff.reset()
        deadline = now + Self.refreshAfter(Double(granted))
        return []
    }

    /// A minute before the time ends, but never before half of it is over.
    static func refreshAfter(_ granted: Double) -> Double {
        max(granted - 60, granted / 2)
    }

    private mutating func fail(_ reason: String, asked: Double? = nil, at now: Double) -> [Order] {
        guard phase != .leaving else { return end() }
        status = TelephonyState(.failed, reason: reason)
        phase = .waiting
        isKnownToServer = false
        deadline = now + backOff.pause(asked: asked)
        return [.disconnect]
    }

    private mutating func end() -> [Order] {
        phase = .ended
        deadline = nil
        return [.disconnect]
    }
}
