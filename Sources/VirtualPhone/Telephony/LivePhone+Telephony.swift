import DeploymentModel
import ManagementXML
import NIOCore

// When a telephony client works, and what it hears of its phone.
extension LivePhone {
    /// The phone is there: after the start of the fleet, after a restart, and when it was switched on.
    func startTelephony() {
        review(isStart: true)
    }

    /// The phone goes away; whatever it has open is dropped without a word.
    func stopTelephony() {
        let client = with { core in
            core.behaviour.telephony = TelephonyState()
            _ = core.telephony?.takes(nil, always: true)
            return core.telephony
        }
        client?.turn(isCut: true)
    }

    /// Items or the trusted certificates are no longer what they were when the telephony client last looked.
    ///
    /// Whoever asks for the status from now on hears `registering`, never of a registration with the old values.
    func telephonyChanged() {
        let now = fleet.now
        guard with({ core in core.awayUntil.map { now >= $0 } ?? true }) else { return }
        review(isStart: false)
    }

    /// Takes the registration back; nil when there is none.
    func endTelephony() -> EventLoopFuture<Void>? {
        with { core in core.telephony }?.end()
    }

    /// Makes `Status` and the web page say how the registration stands, unless a newer wish has overtaken it.
    private func publish(_ state: TelephonyState, _ serial: Int) {
        let isCurrent = with { core in
            guard core.telephony?.isCurrent(serial) == true else { return false }
            core.behaviour.telephony = state
            return true
        }
        if isCurrent { fleet.telephony?.observers.tell(address, state) }
    }

    private func review(isStart: Bool) {
        guard let telephony = fleet.telephony else { return }
        let client: TelephonyClient? = with { core in
            let need = TelephonyNeed(core.behaviour, address: address, scope: telephony.scope)
            guard case .account(let account) = need else {
                if case .nothing(let reason) = need { core.behaviour.telephony = TelephonyState(reason: reason) }
                guard let client = core.telephony, client.takes(nil) else { return nil }
                return client
            }
            let client = core.telephony ?? makeClient()
            core.telephony = client
            let trust = ServerTrust(core.behaviour.file(.clientTrustedCertificates))
            guard client.takes(.init(account: account, trust: trust), always: isStart) else { return nil }
            core.behaviour.telephony = TelephonyState(.registering)
            return client
        }
        client?.turn(isCut: isStart)
    }

    private func makeClient() -> TelephonyClient {
        TelephonyClient(loop: fleet.group.next(), fleet: fleet, clockError: clockError) { [weak self] state, serial in
            self?.publish(state, serial)
        }
    }
}
