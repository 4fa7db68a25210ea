import DeploymentModel
import PhoneTransport

/// How a visit ends: with a result, with a pause, or with its work left open.
extension DeviceVisit {
    /// Passwords with which phones leave the factory.
    private static let factoryPasswords = ["123456"]

    mutating func end(after error: any Error, hadSession: Bool) async -> End {
        switch error {
        case let interruption as Interruption: return await end(after: interruption)
        case is CancellationError: return await leave()
        case let fault as Fault:
            // A stopped run opens no new wait, and a fault that comes with a cancellation is only its echo.
            if Task.isCancelled { return await leave() }
            return await end(after: fault, hadSession: hadSession)
        default:
            return await finish(.failed(Fault(.internalDefect, subject: plan.address, detail: "\(type(of: error))")))
        }
    }

    private mutating func end(after interruption: Interruption) async -> End {
        switch interruption {
        case .journal(let error):
            if error is CancellationError { return await leave() }
            return .journalFailed(error)
        case .leased(let fault):
            // To another run's phone there is nothing to add.
            state.outcome = nil
            return await leave(with: result(.failed(fault)))
        case .stopped: return await leave()
        case .registering(let seconds):
            let fault = Fault(.materialNotRegistered, subject: plan.address, detail: "registering")
            return await again(in: seconds, because: fault)
        case .fetching(let seconds):
            return await again(in: seconds, because: Fault(.fileNotSettled, subject: plan.address, detail: "ordered"))
        case .restarting(let seconds):
            return await again(in: seconds, because: Fault(.phoneAbsent, subject: plan.address, detail: "restarting"))
        }
    }

    private mutating func end(after fault: Fault, hadSession: Bool) async -> End {
        let nature = FaultNature(fault.code)
        // A phone that is starting may answer with anything but a verdict on its identity.
        let isStarting = nature == .passing || fault.code == .httpStatus || fault.code == .httpMalformed
        if isStarting, case .ordered(var order) = state.restart {
            guard context.clock.seconds - order.at < restartDeadline else {
                return await finish(.failed(didNotReturn(fault.code.rawValue)))
            }
            order.polls += 1
            state.restart = .ordered(order)
            return await again(in: restartPause(polls: order.polls), because: fault)
        }
        if nature == .passing, state.hasOpenFile, let pause = pauseForLostPhone() {
            return await again(in: pause, because: fault)
        }
        let isAbsent = !hadSession && FaultNature.isAbsence(fault.code)
        if nature == .busy || isAbsent, context.plan.options.waitForAbsent > 0 {
            return await wait(for: fault, isAbsent: isAbsent)
        }
        guard nature == .passing || nature == .lockedOut, state.attempts < context.plan.options.attempts else {
            return await finish(.failed(fault))
        }
        state.failures += 1
        state.attempts += 1
        state.hasStarted = false
        var pause = Backoff.retry.seconds(after: state.failures, using: &state.generator)
        // The phone itself says for how long it wants to be left alone after wrong passwords.
        if nature == .lockedOut { pause += Double(min(max(fault.backOffSeconds ?? 2, 1), 300)) }
        return await again(in: pause, because: fault)
    }

    private mutating func wait(for fault: Fault, isAbsent: Bool) async -> End {
        let now = context.clock.seconds
        let since = state.waitingSince ?? now
        state.waitingSince = since
        let left = since + context.plan.options.waitForAbsent - now
        guard left > 0 else {
            guard isAbsent else { return await finish(.failed(fault)) }
            return await finish(.failed(Fault(.phoneAbsent, subject: plan.address, detail: fault.code.rawValue)))
        }
        state.waits += 1
        let pause = Backoff.absence.seconds(after: state.waits, using: &state.generator)
        return await again(in: min(pause, left), because: fault)
    }

    private mutating func again(in seconds: Double, because fault: Fault) async -> End {
        if context.isStopping || Task.isCancelled { return await leave() }
        do {
            try await recordOutcome()
        } catch let interruption as Interruption {
            return await end(after: interruption)
        } catch {
            return .journalFailed(error)
        }
        context.emit(.deviceWaiting(fault, seconds: seconds), of: plan.device)
        return .again(state, seconds: seconds, because: fault)
    }

    private mutating func finish(_ ending: DeviceEnding) async -> End {
        do {
            return try await conclude(ending)
        } catch {
            return await end(after: error, hadSession: false)
        }
    }

    /// Brings the result into the journal.
    ///
    /// A phone of which nobody knows which password or which file it has is left open instead.
    mutating func conclude(_ ending: DeviceEnding) async throws -> End {
        let isOpen = state.hasOpenFile
        let isUncertain = state.password == .intended || isOpen
        let result = await result(isOpen ? ending.withOpenFile(at: plan.address) : ending)
        guard state.isBegun, !isUncertain else { return await leave(with: result) }
        let outcome = state.outcome
        state.outcome = nil
        do {
            try await context.services.journal.finish(
                result, after: outcome, acceptedSecrets: state.acceptedSecrets, in: context.run)
        } catch {
            throw Interruption(ofJournal: error)
        }
        context.emit(.deviceFinished(result), of: plan.device)
        return .finished(result)
    }

    /// Ends the visit of a run that is stopped; the work stays open and can be resumed.
    mutating func leave(because fault: Fault = Fault(.runStopped)) async -> End {
        await leave(with: result(.stopped(fault)))
    }

    private mutating func leave(with result: DeviceResult) async -> End {
        if state.isBegun {
            do {
                try await context.release(plan.device, after: state.outcome)
            } catch {
                return .journalFailed(error)
            }
        }
        context.emit(.deviceFinished(result), of: plan.device)
        return .left(result)
    }

    /// Whether the phone is known to have the password that was used: it let itself be read or written by it.
    private func hasTakenPassword(_ ending: DeviceEnding) -> Bool {
        ending.outcome.isProven || ending.outcome == .differs
            || [.phoneItemRejected, .phoneActionFailed].contains(ending.fault?.code)
    }

    private func result(_ ending: DeviceEnding) async -> DeviceResult {
        var warnings: [Fault] = []
        if state.password == .intended { warnings.append(Fault(.phonePasswordUncertain, subject: plan.address)) }
        if state.restart == .needed, ending.outcome.isProven {
            warnings.append(Fault(.phoneRestartPending, subject: plan.address))
        }
        if let currentPassword, hasTakenPassword(ending), Self.factoryPasswords.contains(currentPassword.reveal()) {
            warnings.append(Fault(.phoneFactoryPassword, subject: plan.address))
        }
        warnings += warningsOfReset(ending.outcome) + warningsOfCalledPhone(ending.outcome)
        return DeviceResult(
            device: plan.device, address: plan.address, mac: seen.mac ?? plan.mac, type: plan.type,
            outcome: ending.outcome, fault: ending.fault, changes: state.changes,
            files: plan.files.isEmpty ? [] : state.fileResults(of: plan), warnings: warnings, evidence: state.evidence,
            softwareVersion: state.softwareVersion, attempts: state.attempts,
            duration: state.startedAt.map { context.clock.seconds - $0 } ?? 0, finishedAt: context.date)
    }
}

extension RunContext {
    /// Gives a device back, also when the task was cancelled meanwhile: a lease that stays would block the next run.
    ///
    /// - Parameter outcome: an outcome that was not kept yet.
    func release(_ device: DeviceID, after outcome: JournalEntry? = nil) async throws {
        let (journal, run) = (services.journal, run)
        try await Task {
            if let outcome { try await journal.record(outcome, in: run) }
            try await journal.release(device, in: run)
        }.value
    }
}
