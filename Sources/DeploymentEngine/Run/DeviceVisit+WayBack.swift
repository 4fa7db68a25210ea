import DeploymentModel
import ManagementXML
import PhoneTransport

/// The way back: the old content is sent again, or the new one deleted, over whatever connection still works.
extension DeviceVisit {
    /// Goes on with a way back that an earlier visit began; throws how it ended, and returns when there is none.
    mutating func finishWayBack(of file: WantedFile) async throws {
        switch state.files[file.id]?.wayBack {
        case .intended(let reason)?: throw try await goBack(file, because: reason)
        case .done(let reason)?: throw ending(ofWayBackOf: file, because: reason)
        case .notNeeded?, nil: return
        }
    }

    /// Brings the phone back to what it had, proves it by a connection under the old profiles, and trusts only these again.
    ///
    /// - Returns: the fault with which the work on the phone ends.
    /// - Throws: a passing fault when the phone cannot be reached just now: the next visit goes on.
    mutating func goBack(_ file: WantedFile, because reason: Fault) async throws -> Fault {
        if state.files[file.id]?.wayBack == .notNeeded {
            try await record(entry(.restoreFile, .intent, file, nil, fault: reason))
        }
        state.files[file.id]?.wayBack = .intended(reason)
        context.emit(.stepStarted(.restoreFile), of: plan.device)
        try await restore(file, because: reason)
        if file.kind == .serverKeyMaterial {
            let demand = LeafDemand(
                expected: state.files[file.id]?.before.facts?.fingerprint, unwanted: file.facts?.fingerprint,
                subject: plan.address)
            if case .failure(let fault) = try await meetAgain(under: plan.trust, demand) {
                try await restartAsLastResort()
                throw uncertain(fault, after: reason)
            }
        }
        try await record(entry(.restoreFile, .outcome, file, nil), keeping: giveUpTrust(of: file))
        state.files[file.id]?.wayBack = .done(reason)
        context.emit(.stepFinished(.restoreFile), of: plan.device)
        return ending(ofWayBackOf: file, because: reason)
    }

    /// Orders a restart, once, while the old connection still carries an order: some phones use a file only from the next
    /// start on.
    ///
    /// Returns when the phone does not take the order, or is in a call.
    private mutating func restartAsLastResort() async throws {
        // An order that the phone is proven never to have carried out leaves the restart due.
        guard context.plan.options.restarts, state.restartOrders == 0 || state.restart == .needed else { return }
        do {
            try await restart()
        } catch is Fault {
            state.restart = .notNeeded
        }
    }

    /// Makes the phone hold what it held, over the connection that is there, or a new one under either profile.
    private mutating func restore(_ file: WantedFile, because reason: Fault) async throws {
        do {
            try await restorePatiently(file)
        } catch let fault as Fault where FaultNature(fault.code) == .lasting && fault.code != .materialUncertain {
            throw uncertain(fault, after: reason)
        }
    }

    /// Asks again while the phone is in a call or wants to be left alone, and keeps the connection meanwhile: where no
    /// new one can be made, it is the last way in.
    ///
    /// A stopped run goes on with it, a cancelled one does not.
    private mutating func restorePatiently(_ file: WantedFile) async throws {
        var (mayRedial, waits) = (true, 0)
        while true {
            do {
                return try await restore(file)
            } catch let fault as Fault {
                switch FaultNature(fault.code) {
                case .passing where mayRedial:
                    mayRedial = false
                    try await redial()
                case .busy, .lockedOut:
                    waits += 1
                    guard let pause = pauseOnWayBack(of: file, after: fault, waits: waits) else { throw fault }
                    if waits == 1 { context.emit(.deviceWaiting(fault, seconds: pause), of: plan.device) }
                    try await context.clock.sleep(seconds: pause)
                    mayRedial = true
                default: throw fault
                }
            }
        }
    }

    /// How long a run waits on the way back with the connection open, in seconds, and the longest pause: a phone closes
    /// a connection that is silent for much longer.
    private static let patienceOnWayBack = (whole: 180.0, pause: 30.0)

    /// Pause before the phone is asked again over the same connection; nil when it had its time.
    private mutating func pauseOnWayBack(of file: WantedFile, after fault: Fault, waits: Int) -> Double? {
        let now = context.clock.seconds
        let since = state.files[file.id]?.putOffSince ?? now
        state.files[file.id]?.putOffSince = since
        let left = since + Self.patienceOnWayBack.whole - now
        guard left > 0 else { return nil }
        var pause = Backoff.retry.seconds(after: waits, using: &state.generator)
        if let asked = fault.backOffSeconds { pause += Double(max(asked, 1)) }
        return min(pause, Self.patienceOnWayBack.pause, left)
    }

    private mutating func restore(_ file: WantedFile) async throws {
        guard let known = state.files[file.id] else { return }
        let old = try await keptContent(known)
        let found = try await look(at: file.kind)
        if isBack(found, known, old) { return }
        guard let session else { throw Fault(.netClosed, subject: plan.address) }
        let call = call(session, password: currentPassword)
        listed = nil
        sawChange = true
        if let old {
            try await rules.driver.transfer(old, as: file.kind, over: call)
        } else if found.holding != .none {
            try await rules.driver.deleteFile(file.kind, over: call)
        }
        let after = try await look(at: file.kind)
        guard isBack(after, known, old) || (old == nil && after.holding == .none) else {
            throw Fault(.verifyMismatch, subject: file.kind.rawValue, detail: "the phone does not keep the old file")
        }
    }

    private func keptContent(_ known: FileState) async throws -> [UInt8]? {
        guard let kept = known.kept else { return nil }
        return try await context.reveal(kept).fileContent
    }

    private func isBack(_ found: SeenFile, _ known: FileState, _ old: [UInt8]?) -> Bool {
        guard let old else { return found.holding == known.before }
        guard found.content != old else { return true }
        return found.meaning.map { now in
            (try? FileMeaning(known.kind(of: now), old)).map { now.isSame(as: $0) } ?? false
        } ?? false
    }

    /// A new connection with the same phone, under the old profiles or the coming ones, whichever it satisfies.
    ///
    /// The old key goes over it, and another phone of the type may by now have the address and satisfy the same profile.
    private mutating func redial() async throws {
        let lost = session
        session = nil
        await lost?.close()
        let fresh = try await newSession(under: plan.trustWhileChanging, LeafDemand(subject: plan.address))
        session = fresh
        state.evidence = fresh.evidence
    }

    private func uncertain(_ fault: Fault, after reason: Fault) -> Fault {
        let cause = [fault.code.rawValue, fault.detail].compactMap(\.self).joined(separator: ": ")
        return Fault(
            .materialUncertain, subject: plan.address,
            detail: "after \(reason.code) the way back failed: \(cause)")
    }

    private func ending(ofWayBackOf file: WantedFile, because reason: Fault) -> Fault {
        guard reason.isTakenBack else { return reason }
        var cause = [reason.code.rawValue, reason.detail].compactMap(\.self).joined(separator: ": ")
        if let known = state.files[file.id], known.kept == nil, known.before != .none {
            cause += "; the phone did not give its old file back and has none now"
        }
        return Fault(.materialRolledBack, subject: plan.address, detail: cause)
    }
}

extension FileState {
    fileprivate func kind(of meaning: FileMeaning) -> FileKind {
        if case .material = meaning { .serverKeyMaterial } else { .clientTrustedCertificates }
    }
}
