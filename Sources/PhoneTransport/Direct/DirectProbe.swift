public import Foundation
import DeploymentModel
import ManagementXML
import NIOCore
public import TLSMaterial

/// Looks at addresses over the direct XML management interface: connection, handshake, verdict and identification in
/// one contact.
///
/// Sends `identify` and nothing else, for the question holds no secret: so it is asked of phones too that no profile
/// accepts.
public struct DirectProbe: PhoneProbe {
    let loops: EventLoops
    let contexts = TLSContexts()
    let now: @Sendable () -> Date

    /// - Parameters:
    ///   - loops: the threads of the connections; must outlive the probe.
    ///   - now: the time at which certificates are judged.
    public init(loops: EventLoops, now: @escaping @Sendable () -> Date = { Date() }) {
        self.loops = loops
        self.now = now
    }

    /// Looks at one address.
    ///
    /// `evidence.profile` is set only when a profile accepted the chain. With `fault` nil the phone answered `identify`
    /// and, over TLS, is trusted. A fault of trust (`tls.unknown-issuer`, `tls.no-profile`, ...) can stand beside an
    /// `identity`; it goes before whatever happened to the question.
    public func contact(
        address: String, port: Int, tls: Bool, profiles: [TrustProfile], timeouts: ContactTimeouts
    ) async throws -> ContactReport {
        let policy = TLSPolicy(for: profiles)
        return try await contact(
            address: address, port: port, tls: tls, profiles: profiles, policy: policy, timeouts: timeouts
        ).0
    }

    /// The same with a policy of the caller's, and with everything that the handshake showed.
    func contact(
        address: String, port: Int, tls: Bool, profiles: [TrustProfile], policy: TLSPolicy, timeouts: ContactTimeouts
    ) async throws -> (ContactReport, PeerSight) {
        try Task.checkCancellation()
        var report = ContactReport(address: address, port: port, tls: tls)
        var sight = PeerSight()
        do {
            let trust = try tls ? demand(profiles: profiles, policy: policy) : nil
            let socket = try await AddressResolver(loops: loops).resolve(
                address, port: port, timeout: timeouts.connect)
            let plan = ContactPlan(subject: address, address: socket, trust: trust, timeouts: timeouts)
            let request = HTTPRequestWriter(address: address, port: port).request(Self.question, authorization: nil)
            let (outcome, reply) = await ConnectionHandle.contact(plan, on: loops.next()) { _ in request }
            try Task.checkCancellation()
            sight = outcome.sight
            report.take(outcome, reply)
        } catch let fault as Fault {
            report.fault = fault
            report.fault?.subject = address
        }
        return (report, sight)
    }

    private func demand(profiles: [TrustProfile], policy: TLSPolicy) throws -> TrustDemand {
        TrustDemand(
            mode: .look, profiles: profiles, policy: policy, context: try contexts.context(for: policy), now: now)
    }

    static let questionID = "identify"
    private static let question = DirectXML.encode(ManagementRequest(id: questionID, action: .identify))
}

extension ContactReport {
    fileprivate mutating func take(_ outcome: OpeningOutcome, _ reply: Result<HTTPReply, Fault>?) {
        connected = outcome.connected
        chain = outcome.sight.chain
        if tls { evidence = outcome.sight.evidence }
        fault = outcome.fault
        guard let reply else { return }
        phoneTime = try? reply.get().date
        do throws(Fault) {
            identity = try Self.identity(from: reply, subject: address)
        } catch {
            answerFault = error
            fault = error
        }
        if var verdict = outcome.sight.verdict {
            verdict.subject = address
            fault = verdict
        }
    }

    private static func identity(
        from reply: Result<HTTPReply, Fault>, subject: String
    ) throws(Fault) -> ManagementReply {
        let reply = try reply.get()
        guard reply.status == 200 else { throw reply.asFault(of: subject) }
        let response: ManagementResponse
        do throws(WireError) {
            response = try DirectXML.decodeResponse(reply.body)
        } catch {
            throw Fault(
                StatusCode(error.code.rawValue), subject: subject, detail: "line \(error.line): \(error.reason)")
        }
        guard response.id == DirectProbe.questionID, response.reply.action == ManagementAction.identify.name else {
            throw Fault(.xmlUnexpected, subject: subject, detail: "the phone answered another request")
        }
        return response.reply
    }
}
