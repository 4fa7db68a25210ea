import DeploymentModel
import ManagementXML
import PhoneTransport
import Synchronization
import VirtualPhone

/// A session with a phone of an ``InMemoryFleet``.
final class InMemorySession: PhoneSession {
    private struct Progress {
        var conversation = PhoneConversation()
        var isClosed = false
        var requests = 0
    }

    let evidence: PeerEvidence
    private let fleet: InMemoryFleet
    private let address: String
    private let era: Int
    private let progress = Mutex(Progress())

    init(fleet: InMemoryFleet, target: PhoneTarget, era: Int, evidence: PeerEvidence) {
        self.fleet = fleet
        address = target.address
        self.era = era
        self.evidence = evidence
    }

    func perform(_ action: ManagementAction, password: SecretText?) async throws -> ManagementReply {
        try Task.checkCancellation()
        var reply = try exchange(action, password: password)
        var isUnfinished = reply.hasMoreFragments
        while isUnfinished {
            let part = try exchange(.nextFragment, password: password)
            reply.items += part.items
            reply.files += part.files
            isUnfinished = part.hasMoreFragments
        }
        reply.hasMoreFragments = false
        return reply
    }

    func close() async {
        progress.withLock { $0.isClosed = true }
    }

    private func exchange(_ action: ManagementAction, password: SecretText?) throws -> ManagementReply {
        let (id, isClosed, conversation) = progress.withLock { progress in
            progress.requests += 1
            return ("r\(progress.requests)", progress.isClosed, progress.conversation)
        }
        guard !isClosed else { throw Fault(.netClosed, subject: address) }
        let request = try decoding { () throws(WireError) in
            try DirectXML.decodeRequest(DirectXML.encode(ManagementRequest(id: id, action: action)))
        }
        var kept = conversation
        let outcome = try fleet.answer(request, at: address, era: era, password: password, in: &kept)
        let changed = kept
        progress.withLock { $0.conversation = changed }
        let response = try decoding { () throws(WireError) in
            try DirectXML.decodeResponse(DirectXML.encode(outcome.response))
        }
        guard response.id == id else { throw Fault(.xmlUnexpected, subject: address) }
        return response.reply
    }

    private func decoding<Value>(_ body: () throws(WireError) -> Value) throws(Fault) -> Value {
        do { return try body() } catch {
            throw Fault(StatusCode(error.code.rawValue), subject: address, detail: error.reason)
        }
    }
}

extension InMemoryFleet {
    func answer(
        _ request: ManagementRequest, at address: String, era: Int, password: SecretText?,
        in conversation: inout PhoneConversation
    ) throws(Fault) -> PhoneOutcome {
        var kept = conversation
        let outcome = try state.withLock { state throws(Fault) in
            guard var phone = state.phones[address], phone.era == era else {
                throw Fault(.netClosed, subject: address)
            }
            defer { state.phones[address] = phone }
            return try phone.answer(
                request, password: password, in: &kept, at: state.now, restartSeconds: restartSeconds,
                address: address)
        }
        conversation = kept
        return outcome
    }
}

extension InMemoryFleet.Phone {
    mutating func answer(
        _ request: ManagementRequest, password: SecretText?, in conversation: inout PhoneConversation, at now: Double,
        restartSeconds: Double, address: String
    ) throws(Fault) -> PhoneOutcome {
        requests.append(request.action.name)
        for fault in behaviour.faults {
            if let code = fault.codeInReply { throw Fault(code, subject: address) }
        }
        let needsPassword = PhoneBehaviour.needsPassword(request.action)
        if needsPassword, password?.reveal() != behaviour.password {
            throw Fault(.phoneWrongPassword, subject: address)
        }
        let outcome = behaviour.handle(request, isAuthenticated: needsPassword, in: &conversation, at: now)
        if outcome.effects.contains(.restart) {
            era += 1
            awayUntil = now + restartSeconds
        }
        if outcome.effects.contains(.loseAnswer) { throw Fault(.netClosed, subject: address) }
        return outcome
    }
}

extension PhoneFault {
    /// The code with which every exchange with a phone with this fault ends.
    fileprivate var codeInReply: StatusCode? {
        switch self {
        case .silent: .netSilent
        case .closesInReply: .netClosed
        case .malformedXML: .xmlMalformed
        case .oversized: .httpTooLarge
        default: nil
        }
    }
}
