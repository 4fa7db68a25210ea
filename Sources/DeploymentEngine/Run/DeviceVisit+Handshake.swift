import DeploymentModel
import ManagementXML
import PhoneTransport

/// Which leaf certificate a new connection must show, or must not show any more.
struct LeafDemand {
    /// SHA-256 in hexadecimal; nil = any.
    var expected: String?
    var unwanted: String?
    var subject: String

    /// What speaks against the chain that was shown, beside the verdict of the trust profiles.
    func objection(to evidence: PeerEvidence) -> Fault? {
        let shown = evidence.certificateFingerprint
        let isOther = expected.map { $0 != shown } ?? false
        guard isOther || (unwanted != nil && unwanted == shown) else { return nil }
        return Fault(.materialNotUsed, subject: subject, detail: "it presents the certificate \(shown ?? "-")")
    }
}

/// New connections, as witnesses of what the phone presents.
extension DeviceVisit {
    /// Tries of a new connection before it counts as failed, when it may be that the phone is only slow.
    static let handshakeTries = 5
    static let handshakePause = Backoff(first: 0.25, longest: 2)

    /// Meets the phone under the coming profiles alone, by the present connection if that came about after the change.
    mutating func newHandshake(
        of file: WantedFile, _ content: FileContent?, tries: Int = handshakeTries
    ) async throws -> Result<PeerEvidence, Fault> {
        let coming = comingTrust(of: file)
        var demand = LeafDemand(expected: content?.facts.fingerprint, subject: plan.address)
        if content == nil { demand.unwanted = state.files[file.id]?.before.facts?.fingerprint }
        if !sawChange, let evidence = session?.evidence, let profile = evidence.profile, coming.contains(profile),
            demand.objection(to: evidence) == nil
        {
            return .success(evidence)
        }
        return try await meetAgain(under: coming, demand, tries: tries)
    }

    /// Opens a new connection under just these profiles, and goes on with it when it is the same phone and shows what is
    /// demanded; otherwise the old connection stays.
    mutating func meetAgain(
        under trust: [String], _ demand: LeafDemand, tries: Int = handshakeTries
    ) async throws -> Result<PeerEvidence, Fault> {
        context.emit(.stepStarted(.proveHandshake), of: plan.device)
        var attempt = 1
        while true {
            let failure: Fault
            do {
                let fresh = try await newSession(under: trust, demand)
                await goOn(with: fresh)
                context.emit(.stepFinished(.proveHandshake), of: plan.device)
                return .success(fresh.evidence)
            } catch let fault as Fault {
                failure = fault
            }
            try Task.checkCancellation()
            guard attempt < tries, FaultNature(failure.code) == .passing else { return .failure(failure) }
            let pause = Self.handshakePause.seconds(after: attempt, using: &state.generator)
            try await context.clock.sleep(seconds: pause)
            attempt += 1
        }
    }

    /// A new connection with the same phone, which shows what is demanded.
    func newSession(under trust: [String], _ demand: LeafDemand) async throws -> any PhoneSession {
        let fresh = try await context.services.dialer.session(with: context.target(for: plan, trust: trust))
        do {
            if let fault = demand.objection(to: fresh.evidence) { throw fault }
            let identity = try await rules.driver.identify(over: call(fresh, password: nil))
            guard identity.mac == seen.mac else {
                throw Fault(
                    .phoneWrongMAC, subject: plan.address,
                    detail: "expected \(seen.mac?.description ?? "-"), got \(identity.mac?.description ?? "no address")"
                )
            }
            return fresh
        } catch {
            await fresh.close()
            throw error
        }
    }

    private mutating func goOn(with fresh: any PhoneSession) async {
        let old = session
        session = fresh
        state.evidence = fresh.evidence
        sawChange = false
        await old?.close()
    }
}
