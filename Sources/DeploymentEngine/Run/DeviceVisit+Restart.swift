import DeploymentModel
import ManagementXML
import PhoneTransport

/// Restarting a phone once, and only once: its boot counter is the witness, not our memory.
extension DeviceVisit {
    /// How long an order that was never confirmed is given to show in the boot counter before it is given again.
    static let grace = 5.0
    /// Orders to one phone in one run, each proven by the boot counter not to have been carried out.
    private static let mostOrders = 3

    /// Longest wait for the return of a phone, in seconds after the order.
    var restartDeadline: Double { max(30, 4 * rules.type.durations.restart) }

    /// Pause before a restarting phone is looked at again, longer each time.
    func restartPause(polls: Int) -> Double {
        let first = max(0.1, rules.type.durations.restart / 4)
        return min(first * Double(1 + min(polls, 100)) / 2, 10)
    }

    /// Orders the restart and leaves the phone alone until it is back.
    mutating func restart() async throws -> Never {
        guard let session else { throw Fault(.netClosed, subject: plan.address) }
        guard state.restartOrders < Self.mostOrders else {
            throw Fault(.phoneDidNotReturn, subject: plan.address, detail: "the phone does not carry out the restart")
        }
        let call = call(session, password: currentPassword)
        let status = try await rules.driver.status(over: call)
        if status.isBusy { throw Fault(.phoneBusy, subject: plan.address) }
        try checkStop()
        context.emit(.stepStarted(startStep), of: plan.device)
        try await recordOrder(bootCount: status.bootCount)
        state.restartOrders += 1
        state.restart = .ordered(
            DeviceState.RestartOrder(bootCount: status.bootCount, at: context.clock.seconds, isConfirmed: false))
        context.expectCall(ofDeviceAt: place)
        do {
            if isReset {
                try await rules.driver.factoryReset(over: call)
            } else {
                try await rules.driver.restart(over: call)
            }
            state.confirmRestart()
        } catch let fault as Fault where fault.code == .phoneBusy || fault.code == .phoneActionFailed {
            state.restart = .needed
            try await recordRestart(fault)
            throw fault
        } catch let fault as Fault where FaultNature(fault.code) == .passing {
            // The answer was lost, perhaps because the phone is going down already: the boot counter will tell.
        }
        if isBackInDefaultMode { try await recordTakenReset(bootCount: status.bootCount) }
        throw Interruption.restarting(seconds: restartPause(polls: 0))
    }

    /// Finds out whether a restart that was ordered has happened.
    ///
    /// Returns at once when none is open.
    mutating func settleRestart() async throws {
        guard case .ordered(var order) = state.restart, let session else { return }
        let status = try await rules.driver.status(over: call(session, password: nil))
        if status.bootCount > order.bootCount || hasForgottenItsNumber {
            try await recordRestart(nil)
            state.restart = .done
            context.emit(.stepFinished(startStep), of: plan.device)
            return
        }
        let waited = context.clock.seconds - order.at
        if !order.isConfirmed, waited >= Self.grace {
            state.restart = .needed
            return
        }
        if waited >= restartDeadline { throw didNotReturn(wordsForNoRestart(status)) }
        order.polls += 1
        state.restart = .ordered(order)
        throw Interruption.restarting(seconds: restartPause(polls: order.polls))
    }

    private func wordsForNoRestart(_ status: PhoneStatus) -> String {
        isCalling
            ? "the phone answers, but was not heard to start; does it call this tool when it does?"
            : "the boot counter is still \(status.bootCount)"
    }

    func didNotReturn(_ detail: String?) -> Fault {
        let doubt = isBackInDefaultMode ? "it took the order, and may have forgotten where this tool is" : nil
        let words = [detail, doubt].compactMap(\.self).joined(separator: "; ")
        return Fault(.phoneDidNotReturn, subject: plan.address, detail: words.isEmpty ? nil : words)
    }

    private mutating func recordRestart(_ fault: Fault?) async throws {
        try await record(
            JournalEntry(device: plan.device, step: startStep, moment: .outcome, at: context.date, fault: fault),
            keeping: JournalKeeping(trust: isReset ? trustAfterReset(fault) : nil))
    }
}
