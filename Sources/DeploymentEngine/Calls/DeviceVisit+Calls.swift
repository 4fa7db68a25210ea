import DeploymentModel
import PhoneTransport

/// Meeting phones, of which some call by themselves.
extension DeviceVisit {
    /// Whether the phone is one that calls (WPI).
    var isCalling: Bool { rules.type.managementProtocol == .wpi }

    /// The session of a phone that has called meanwhile, or else a new one.
    mutating func meet() async throws -> any PhoneSession {
        if let call = context.takeCall(ofDeviceAt: place) {
            if isTrusted(call.session.evidence) { return call.session }
            await call.session.close()
        }
        try await awaitStartUp()
        try await awaitFile()
        var target = context.target(for: plan)
        if isBackInDefaultMode { target.security = .plain }
        return try await context.services.dialer.session(with: target)
    }

    /// Whether a phone that called proved as much as the plan asks of it.
    private func isTrusted(_ evidence: PeerEvidence) -> Bool {
        guard plan.tls, !isBackInDefaultMode else { return true }
        let names = plan.files.isEmpty ? plan.trust : plan.trustWhileChanging
        return evidence.profile.map(names.contains) ?? false
    }

    /// Leaves a phone alone that was ordered to restart, until it was heard to start, here or in another process.
    ///
    /// Its start-ups are counted durably, so asking it to call before would tell nothing. It is asked at the end of its
    /// time, and when nobody knows whether it got the order.
    private mutating func awaitStartUp() async throws {
        guard case .ordered(var order) = state.restart, let mac = plan.mac, context.isCalled(deviceAt: place),
            let calls = context.services.calls
        else { return }
        let startUps: Int
        do {
            startUps = try await calls.book.startUps(of: mac)
        } catch {
            throw Interruption(ofJournal: error)
        }
        let waited = context.clock.seconds - order.at
        let patience = order.isConfirmed ? patienceForStartUp : Self.grace
        guard startUps <= order.bootCount, waited < patience else { return }
        order.polls += 1
        state.restart = .ordered(order)
        let left = patience - waited
        throw Interruption.restarting(seconds: min(restartPause(polls: order.polls), left))
    }
}

extension DeviceVisit {
    /// A phone that was reset may not know any more whom to call: it is asked as soon as it should have started.
    private var patienceForStartUp: Double { isReset ? rules.type.durations.restart : restartDeadline }
}

extension RunContext {
    /// Whether the phone is one that calls, and calls are heard of in this process.
    func isCalled(deviceAt place: Int) -> Bool { caller(at: place) != nil }

    /// Who hears of the phone's calls, and as whom it calls; nil where it does not, or nobody hears of it.
    private func caller(at place: Int) -> (desk: CallDesk, mac: MACAddress)? {
        guard let desk = services.calls, let mac = plan.devices[place].mac,
            rules(for: plan.devices[place].type)?.type.managementProtocol == .wpi
        else { return nil }
        return (desk, mac)
    }

    /// From now on the next call of the phone is kept, and the run is told of it.
    func expectCall(ofDeviceAt place: Int) {
        guard let (desk, mac) = caller(at: place) else { return }
        desk.expect(mac) { [callers] in callers.yield(place) }
    }

    /// From where another phone called under the phone's MAC address while it was served.
    func secondPhone(ofDeviceAt place: Int) -> String? {
        guard let (desk, mac) = caller(at: place) else { return nil }
        return desk.secondPhone(of: mac)
    }

    func takeCall(ofDeviceAt place: Int) -> IncomingCall? {
        guard let (desk, mac) = caller(at: place) else { return nil }
        return desk.take(mac)
    }

    /// Whether the phone has called and is kept waiting.
    func isCalling(deviceAt place: Int) -> Bool {
        guard let (desk, mac) = caller(at: place) else { return false }
        return desk.isCalling(mac)
    }

    /// The work on the phone is over: it is expected no more.
    func forgetCall(ofDeviceAt place: Int) async {
        guard let (desk, mac) = caller(at: place) else { return }
        await desk.forget(mac)
    }
}
