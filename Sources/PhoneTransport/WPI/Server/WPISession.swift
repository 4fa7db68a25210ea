public import DeploymentModel
import Foundation
public import ManagementXML
import Synchronization
import TLSMaterial

/// A session of the WorkPoint Interface: one interaction that a phone began.
///
/// Each action becomes the answer to the phone's last message, and its next message is the reply. `identify` is answered
/// by the phone's first message and `status` by what is known of its starts, without any traffic. After an order to
/// restart or to fetch files the phone says no more, and the session is spent. ``close()`` ends the interaction with a
/// clean-up; after a reply `busy` it asks the phone to call again when it is idle.
public final class WPISession: PhoneSession {
    let line: CallLine
    private let state: Mutex<State>
    private let limits: WPILimits
    private let counter: WPICounter

    private struct State {
        var evidence: PeerEvidence
        var startUps = 0
    }

    init(_ line: CallLine, board: WPISwitchboard) {
        self.line = line
        limits = board.limits
        counter = board.counter
        state = Mutex(State(evidence: PeerEvidence(tlsVersion: line.caller.sight.tlsVersion)))
    }

    deinit {
        line.with { $0.close() }
    }

    /// By what the phone proved who it is; nothing on the default port, where nobody authenticates it.
    public var evidence: PeerEvidence { state.withLock { $0.evidence } }

    public func perform(_ action: ManagementAction, password: SecretText?) async throws -> ManagementReply {
        switch action {
        case .identify: return WPITranslation.identity(from: line.opening)
        case .status: return status
        case .transferFile(.serverKeyMaterial, _), .readFile(.serverKeyMaterial):
            // The last line of defence for private keys: they travel only to a phone that was authenticated.
            guard evidence.isAuthenticated else { throw Fault(.tlsPlainRefused, subject: line.caller.address) }
        case .writeItems(let items) where !evidence.isAuthenticated:
            do throws(Fault) {
                try DefaultModeKeys.check(items, for: line.mac)
            } catch {
                throw Fault(error.code, subject: line.caller.address, detail: error.detail)
            }
        default: break
        }
        let room = WPITranslation.Room(items: line.opening.maxItems)
        let messages = try WPITranslation.messages(for: action, nonce: line.opening.nonce, room: room)
        var replies: [ManagementReply] = []
        for message in messages {
            let reply = try await wholeReply(to: message, of: action)
            replies.append(reply)
            // What belongs together is in one message; after a refusal nothing more is sent.
            guard reply.status == .accepted else { break }
        }
        return WPITranslation.joined(replies) ?? ManagementReply(action: action.name, status: .accepted)
    }

    public func close() async {
        line.with { $0.close() }
    }

    public func close(because reason: String) async {
        line.with { [line] in $0.refuse(reason, Fault(.netClosed, subject: line.caller.address)) }
    }

    // MARK: What the switchboard and the dialler say

    func note(startUps: Int) {
        state.withLock { $0.startUps = startUps }
    }

    /// Judges the client certificate.
    ///
    /// - Throws: why no profile accepts it.
    func authenticate(by profiles: [TrustProfile], at time: Date) throws(Fault) {
        var sight = line.caller.sight
        do throws(Fault) {
            sight.verified = try sight.verify(by: profiles, as: .client, at: time)
        } catch {
            throw Fault(error.code, subject: line.caller.address, detail: error.detail)
        }
        let evidence = sight.evidence
        state.withLock { $0.evidence = evidence }
    }

    // MARK: Replies

    private var status: ManagementReply {
        let starts = state.withLock { $0.startUps }
        return ManagementReply(
            action: ManagementAction.status.name, status: .accepted,
            phoneStatus: PhoneStatus(isBusy: false, registration: nil, uptime: nil, bootCount: starts))
    }

    /// The reply to one message, with all its parts.
    private func wholeReply(
        to message: WPIServerMessage, of action: ManagementAction
    ) async throws -> ManagementReply {
        guard var whole = try await reply(to: message, of: action) else {
            return ManagementReply(action: action.name, status: .accepted)
        }
        var parts = 1
        var bytes = Self.size(whole)
        while whole.hasMoreFragments {
            parts += 1
            guard parts <= limits.fragments, bytes <= limits.joinedBytes else {
                throw spent(.tooLarge, "answer too large", Fault(.xmlTooLarge, detail: "the answer has too many parts"))
            }
            let next = WPIServerMessage(nonce: message.nonce, action: .getNextFragment)
            guard let part = try await reply(to: next, of: action) else { break }
            guard part.status == .accepted else { return part }
            bytes += Self.size(part)
            whole.items += part.items
            whole.files += part.files
            whole.hasMoreFragments = part.hasMoreFragments
        }
        return whole
    }

    /// Nil when the phone has nothing to say to it.
    private func reply(to message: WPIServerMessage, of action: ManagementAction) async throws -> ManagementReply? {
        try Task.checkCancellation()
        let result = await line.ask(message, expecting: Self.expectation(of: action))
        if case .failure = result { try Task.checkCancellation() }
        guard let answer = try result.get() else { return nil }
        guard let reply = WPITranslation.reply(to: action, from: answer) else {
            throw spent(
                .unexpectedReply, "reply to another action",
                Fault(.xmlUnexpected, detail: "the phone answered another action"))
        }
        return reply
    }

    private static func expectation(of action: ManagementAction) -> Expectation {
        if WPITranslation.expectsReply(action) { return .reply }
        return action == .restart || action == .factoryReset ? .nothing : .refusal
    }

    private static func size(_ reply: ManagementReply) -> Int {
        reply.items.reduce(0) { $0 + $1.key.name.utf8.count + ($1.value?.utf8.count ?? 0) + 32 }
    }

    /// The fault after which this session is of no use.
    private func spent(_ defect: WPIDefect, _ reason: String, _ fault: Fault) -> Fault {
        var fault = fault
        fault.subject = line.caller.address
        counter.note(defect, from: line.caller.address, fault.code, fault.detail)
        line.with { [fault] in $0.refuse(reason, fault) }
        return fault
    }
}
