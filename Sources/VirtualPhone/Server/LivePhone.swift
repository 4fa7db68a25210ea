import DeploymentModel
import ManagementXML
import NIOCore
import PhoneTransport
import Synchronization

/// A phone of a running fleet: its behaviour, its password gate, its connections, and whether it is there at all.
///
/// Every member may be called from any thread; one lock for each phone guards what changes.
final class LivePhone: Sendable {
    let model: PhoneModel
    let address: IPv4Address
    let isTLS: Bool
    let faults: [PhoneFault]
    let fleet: FleetContext
    private let core: Mutex<Core>
    /// Open connections that one phone bears; who wants more is turned away.
    private static let mostConnections = 64

    struct Core {
        var behaviour: PhoneBehaviour
        var gate: PasswordGate?
        var counts = PhoneCounts()
        /// The phone is away until then; nil = it is there.
        ///
        /// Infinity = switched off.
        var awayUntil: Double?
        /// How often the phone went away or was switched on.
        var absences = 0
        var channels: [ObjectIdentifier: any Channel] = [:]
        var listener: (any Channel)?
        /// The end of the listener that was last closed.
        var closing: EventLoopFuture<Void>?
        var generation = 0
        var port = 0
        /// Nil as long as there was nothing to register at.
        var telephony: TelephonyClient?
        /// Only of a phone that calls by itself.
        var caller: WPICaller?
        var webListener: (any Channel)?
        var webPort: Int?
    }

    init(
        behaviour: PhoneBehaviour, address: IPv4Address, isTLS: Bool, fleet: FleetContext, awayUntil: Double?
    ) {
        model = behaviour.model
        self.address = address
        self.isTLS = isTLS
        faults = behaviour.faults
        self.fleet = fleet
        core = Mutex(Core(behaviour: behaviour, awayUntil: awayUntil))
    }

    /// Looks at or changes the phone under its lock.
    func with<Result: Sendable>(_ body: (inout Core) -> sending Result) -> Result {
        core.withLock { core in body(&core) }
    }

    // MARK: Connections

    /// Whether the phone takes the connection; it then drops it when it restarts.
    func admits(_ channel: any Channel) -> Bool {
        with { core in
            core.counts.connections += 1
            if let until = core.awayUntil {
                // With a listener of its own a phone is back when that listens; what the old one still let in is turned away.
                guard !fleet.hasOwnListeners || core.listener != nil, fleet.now >= until else { return false }
                core.awayUntil = nil
            }
            guard core.channels.count < Self.mostConnections else { return false }
            core.channels[ObjectIdentifier(channel)] = channel
            return true
        }
    }

    func forget(_ channel: any Channel) {
        with { core in core.channels[ObjectIdentifier(channel)] = nil }
    }

    func noteHandshake() {
        with { core in core.counts.handshakes += 1 }
    }

    func noteBadRequest() {
        with { core in core.counts.badRequests += 1 }
    }

    // MARK: Requests

    /// Answers a whole request.
    func answer(
        _ head: RequestHead, body: [UInt8], at door: PhoneDoor, in conversation: inout PhoneConversation
    ) -> HTTPAnswer {
        with { core in core.counts.requests += 1 }
        switch (head.route, head.method) {
        case (.contactMe, _): return contacted(head, body: body)
        case (.management, _) where speaksWPI: return HTTPAnswer(.notFound, .text, Array("not found\n".utf8))
        case (.settings, .post) where speaksWPI: return changeSettings(head, body: body)
        case (.management, .post): return manage(head, body: body, in: &conversation)
        case (.status, .get), (.status, .head): return statusPage(head, at: door)
        case (.settings, .get), (.settings, .head): return settingsPage(head)
        case (.unknown, _): return HTTPAnswer(.notFound, .text, Array("not found\n".utf8))
        case (.management, _): return .notAllowed("POST")
        case (.status, _), (.settings, _): return .notAllowed("GET, HEAD")
        }
    }

    private func manage(
        _ head: RequestHead, body: [UInt8], in conversation: inout PhoneConversation
    ) -> HTTPAnswer {
        // Clients that mean to prove themselves begin with an empty body to be challenged (curl --digest).
        if body.isEmpty, head.authorization == nil { return challenge() }
        guard head.hasXMLBody else {
            return .refusal(.unsupportedType, WireError(.unexpected, line: 1, reason: "application/xml is needed"))
        }
        let request: ManagementRequest
        do {
            request = try DirectXML.decodeRequest(body)
        } catch {
            noteBadRequest()
            return .refusal(error.code == .tooLarge ? .tooLarge : .badRequest, error)
        }
        return perform(request, head, in: &conversation)
    }

    private func perform(
        _ request: ManagementRequest, _ head: RequestHead, in conversation: inout PhoneConversation
    ) -> HTTPAnswer {
        let now = fleet.now
        var rest = conversation
        let result: (PhoneOutcome?, HTTPAnswer, PhoneConversation) = with { core in
            var answer = HTTPAnswer(.ok, .xml, [])
            if PhoneBehaviour.needsPassword(request.action) {
                if let refusal = core.refusal(head, uri: DirectXML.path, answer: &answer, at: now) {
                    return (nil, refusal, rest)
                }
            } else if head.authorization == nil {
                answer.fields = core.challengeField(at: now)
            }
            let outcome = core.perform(request, in: &rest, at: now)
            return (outcome, answer, rest)
        }
        conversation = result.2
        guard let outcome = result.0 else { return result.1 }
        var answer = result.1
        answer.body = DirectXML.encode(outcome.response)
        answer.effects = outcome.effects
        return answer
    }

    private func challenge() -> HTTPAnswer {
        let now = fleet.now
        return with { core in
            HTTPAnswer.unauthorized(core.challengeField(at: now))
        }
    }

    private func statusPage(_ head: RequestHead, at door: PhoneDoor) -> HTTPAnswer {
        let now = fleet.now
        let behaviour = with { core in core.behaviour }
        let isSecured = isTLS(at: door)
        var answer = HTTPAnswer(
            .ok, .html, StatusPage.status(of: behaviour, isTLS: isSecured, date: date.text, at: now))
        answer.omitsBody = head.method == .head
        return answer
    }

    /// Takes values from the form of the settings page.
    private func changeSettings(_ head: RequestHead, body: [UInt8]) -> HTTPAnswer {
        let now = fleet.now
        let refusal: HTTPAnswer? = with { core in
            var answer = HTTPAnswer(.ok, .html, [])
            return core.refusal(head, uri: "/settings", answer: &answer, at: now)
        }
        if let refusal { return refusal }
        let refused = change(HTTPText.formFields(body))
        let behaviour = with { core in core.behaviour }
        var answer = HTTPAnswer(
            refused.isEmpty ? .ok : .badRequest, .html, StatusPage.settings(of: behaviour, refused: refused))
        answer.effects = .save
        return answer
    }

    private func settingsPage(_ head: RequestHead) -> HTTPAnswer {
        let now = fleet.now
        var answer = with { core in
            var answer = HTTPAnswer(.ok, .html, [])
            if let refusal = core.refusal(head, uri: "/settings", answer: &answer, at: now) { return refusal }
            answer.body = StatusPage.settings(of: core.behaviour)
            return answer
        }
        answer.omitsBody = head.method == .head
        return answer
    }
}

extension LivePhone.Core {
    /// The answer to somebody who did not prove the password; nil when he did.
    ///
    /// Notes a next nonce in `answer`.
    mutating func refusal(
        _ head: RequestHead, uri: String, answer: inout HTTPAnswer, at now: Double
    ) -> HTTPAnswer? {
        var gate = self.gate ?? PasswordGate()
        let method = head.method == .post ? "POST" : head.method == .head ? "HEAD" : "GET"
        let verdict = gate.judge(
            head.authorization, method: method, uri: uri, password: behaviour.password, at: now)
        self.gate = gate
        switch verdict {
        case .right(let nextNonce):
            if let nextNonce {
                answer.fields = "Authentication-Info: \(DigestNextNonce.headerValue(nextNonce))\r\n"
            }
            return nil
        case .challenge(let challenge, let wasWrong):
            if wasWrong { counts.wrongPasswords += 1 }
            return .unauthorized("WWW-Authenticate: \(challenge.headerValue)\r\n")
        case .comeBack(let seconds):
            counts.backOffs += 1
            var answer = HTTPAnswer(.tooManyRequests, .text, Array("too many wrong passwords\n".utf8))
            answer.fields = "Retry-After: \(seconds)\r\n"
            return answer
        }
    }

    mutating func challengeField(at now: Double) -> String {
        var gate = self.gate ?? PasswordGate()
        let challenge = gate.challenge(at: now)
        self.gate = gate
        return "WWW-Authenticate: \(challenge.headerValue)\r\n"
    }

    mutating func perform(
        _ request: ManagementRequest, in conversation: inout PhoneConversation, at now: Double
    ) -> PhoneOutcome {
        let outcome = behaviour.handle(request, isAuthenticated: true, in: &conversation, at: now)
        switch (outcome.response.reply.status, request.action) {
        case (.busy, _): counts.busyAnswers += 1
        case (.accepted, .writeItems): counts.writes += 1
        default: break
        }
        if outcome.effects.contains(.restart) { counts.restarts += 1 }
        return outcome
    }
}

extension HTTPAnswer {
    static func notAllowed(_ methods: String) -> HTTPAnswer {
        var answer = HTTPAnswer(.methodNotAllowed, .text, Array("method not allowed\n".utf8))
        answer.fields = "Allow: \(methods)\r\n"
        return answer
    }

    static func unauthorized(_ field: String) -> HTTPAnswer {
        var answer = HTTPAnswer(.unauthorized, .text, Array("administrator password needed\n".utf8))
        answer.fields = field
        return answer
    }

    static func refusal(_ status: HTTPStatus, _ error: WireError) -> HTTPAnswer {
        HTTPAnswer(status, .xml, DirectXML.encode(error, id: nil))
    }
}
