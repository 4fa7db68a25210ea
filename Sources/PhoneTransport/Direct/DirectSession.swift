public import DeploymentModel
public import ManagementXML
import NIOCore
import Synchronization
public import TLSMaterial

/// A session of the direct XML management interface: one connection that the tool dialled.
public final class DirectSession: PhoneSession {
    public let evidence: PeerEvidence
    /// The chain that the phone proved itself with; nil over a plain connection.
    public let verifiedChain: VerifiedChain?

    private let target: PhoneTarget
    private let connection: ConnectionHandle
    private let writer: HTTPRequestWriter
    private let state = Mutex(State())

    private struct State {
        var digest = DigestClient()
        var requests = 0
        var isClosed = false
    }

    /// Parts of one answer and bytes of all parts that are joined at most.
    private static let maxFragments = 64
    private static let maxJoinedBytes = 8 << 20
    /// After so many times the reply's timeout no further part of one answer is asked for.
    private static let maxReplyTimes = 6.0

    init(target: PhoneTarget, connection: ConnectionHandle, sight: PeerSight) {
        self.target = target
        self.connection = connection
        evidence = target.security == .plain ? PeerEvidence() : sight.evidence
        verifiedChain = sight.verified
        writer = HTTPRequestWriter(address: target.address, port: target.port)
    }

    deinit {
        end()
    }

    public func perform(_ action: ManagementAction, password: SecretText?) async throws -> ManagementReply {
        try refusePrivateKey(action)
        let deadline = ContinuousClock.now + .seconds(target.timeouts.reply * Self.maxReplyTimes)
        var (whole, bytes) = try await ask(action, named: [action.name], password: password)
        var parts = 1
        while whole.hasMoreFragments {
            guard ContinuousClock.now < deadline else {
                throw spent(Fault(.netSilent, detail: "the parts of the answer did not come to their end in time"))
            }
            parts += 1
            let names = [action.name, ManagementAction.nextFragment.name]
            let (part, size) = try await ask(.nextFragment, named: names, password: password)
            bytes += size
            guard parts <= Self.maxFragments, bytes <= Self.maxJoinedBytes else {
                throw spent(Fault(.xmlTooLarge, detail: "the answer has too many parts"))
            }
            guard part.status == .accepted else { return part.renamed(action.name) }
            whole.join(part)
        }
        return whole
    }

    public func close() async {
        end()
    }

    private func end() {
        let isFirst = state.withLock { state in
            defer { state.isClosed = true }
            return !state.isClosed
        }
        if isFirst { connection.close() }
    }

    /// The last line of defence for private keys: they travel only to a phone that was authenticated.
    private func refusePrivateKey(_ action: ManagementAction) throws {
        switch action {
        case .transferFile(.serverKeyMaterial, _), .readFile(.serverKeyMaterial):
            guard evidence.isAuthenticated else { throw Fault(.tlsPlainRefused, subject: target.address) }
        default: break
        }
    }

    private func ask(
        _ action: ManagementAction, named names: [String], password: SecretText?
    ) async throws -> (ManagementReply, Int) {
        let id = state.withLock { state in
            state.requests += 1
            return "r\(state.requests)"
        }
        let body = try await send(DirectXML.encode(ManagementRequest(id: id, action: action)), password: password)
        let response: ManagementResponse
        do throws(WireError) {
            response = try DirectXML.decodeResponse(body)
        } catch {
            throw spent(Fault(StatusCode(error.code.rawValue), detail: "line \(error.line): \(error.reason)"))
        }
        guard response.id == id else {
            throw spent(Fault(.xmlUnexpected, detail: "the phone answered another request"))
        }
        guard names.contains(response.reply.action) else {
            throw spent(Fault(.xmlUnexpected, detail: "the phone answered another action"))
        }
        return (response.reply, body.count)
    }

    /// Sends one message, with credentials if there is a password, and returns the body of the answer 200.
    ///
    /// A challenge is answered at most twice: once when there was no nonce yet, once when the phone calls ours stale.
    private func send(_ body: [UInt8], password: SecretText?) async throws -> [UInt8] {
        var mayBeStale = true
        while true {
            try Task.checkCancellation()
            let authorization = authorization(password)
            let result = await connection.exchange(writer.request(body, authorization: authorization))
            if case .failure = result { try Task.checkCancellation() }
            let reply = try result.get()
            let challenge = note(reply)
            guard reply.status != 200 else { return reply.body }
            if reply.status == 401, let challenge, password != nil {
                if authorization == nil { continue }
                if challenge.isStale, mayBeStale {
                    mayBeStale = false
                    continue
                }
            }
            var fault = reply.asFault(of: target.address)
            if reply.status == 401, authorization == nil, password != nil {
                fault.detail = "it asks for another proof than Digest with SHA-256, so the password was not used"
            }
            throw fault
        }
    }

    private func authorization(_ password: SecretText?) -> String? {
        guard let password else { return nil }
        return state.withLock { state in
            state.digest.authorization(method: "POST", uri: DirectXML.path, password: password.reveal())
        }
    }

    /// Takes what the answer says of nonces; returns its challenge.
    private func note(_ reply: HTTPReply) -> DigestChallenge? {
        guard reply.challenge != nil || reply.authenticationInfo != nil else { return nil }
        let challenge = reply.challenge.flatMap(DigestChallenge.init(headerValue:))
        let next = reply.authenticationInfo.flatMap(DigestNextNonce.parse)
        state.withLock { state in
            if let challenge { state.digest.adopt(challenge) }
            if let next { state.digest.adopt(nextNonce: next) }
        }
        return challenge
    }

    /// The fault after which this session is of no use.
    private func spent(_ fault: Fault) -> Fault {
        end()
        var fault = fault
        fault.subject = target.address
        return fault
    }
}

extension ManagementReply {
    /// Appends the next part of a long answer.
    fileprivate mutating func join(_ part: ManagementReply) {
        items += part.items
        files += part.files
        phoneStatus = phoneStatus ?? part.phoneStatus
        hasMoreFragments = part.hasMoreFragments
    }

    fileprivate func renamed(_ action: String) -> ManagementReply {
        var reply = self
        reply.action = action
        return reply
    }
}
