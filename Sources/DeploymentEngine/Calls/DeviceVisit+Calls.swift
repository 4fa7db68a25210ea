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
        return try await context.services.dialer.session(with: context.target(for: plan))
    }

    /// Whether a phone that called proved as much as the plan asks of it.
    private func isTrusted(_ evidence: PeerEvidence) -> Bool {
        guard plan.tls else { return true }
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
        guard startUps <= order.bootCount, waited < (order.isConfirmed ? restartDeadline : Self.grace) else { return }
        order.polls += 1
        state.restart = .ordered(order)
        let left = (order.isConfirmed ? restartDeadline : Self.grace) - waited
        throw Interruption.restarting(seconds: min(restartPause(polls: order.polls), left))
    }
}

extension RunContext {
    /// Whether the phone is one that calls, and calls are heard of in this process.
    func isCalled(deviceAt place: Int) -> Bool {
        services.calls != nil && plan.devices[place].mac != nil
            && rules(for: plan.devices[place].type)?.type.managementProtocol == .wpi
    }

    /// From now on the next call of the phone is kept, and the run is told of it.
    func expectCall(ofDeviceAt place: Int) {
        guard isCalled(deviceAt: place), let mac = plan.devices[place].mac else { return }
        services.calls?.expect(mac) { [callers] in callers.yield(place) }
    }

    func takeCall(ofDeviceAt place: Int) -> IncomingCall? {
        guard isCalled(deviceAt: place), let mac = plan.devices[place].mac else { return nil }
        return services.calls?.take(mac)
    }

    /// Whether the phone has called and is kept waiting.
    func isCalling(deviceAt place: Int) -> Bool {
        guard isCalled(deviceAt: place), let mac = plan.devices[place].mac else { return false }
        return services.calls?.isCalling(mac) ?? false
    }

    /// The work on the phone is over: it is expected no more.
    func forgetCall(ofDeviceAt place: Int) async {
        guard isCalled(deviceAt: place), let mac = plan.devices[place].mac else { return }
        await services.calls?.forget(mac)
    }
}
