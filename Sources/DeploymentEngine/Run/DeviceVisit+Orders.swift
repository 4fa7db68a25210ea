import DeploymentModel
import ManagementXML
import PhoneTransport

/// Runs that give phones nothing but an order: to restart, or to reset themselves to the state of the factory.
extension DeviceVisit {
    /// Whether the phone is to forget everything.
    var isReset: Bool { context.plan.mode == .factoryReset }

    /// What the journal and the events call the order by which this run makes a phone start again.
    var startStep: RunStep { isReset ? .factoryReset : .restart }

    /// Whether the phone, which calls, took the order to reset itself: it has no certificate any more, and calls as anybody
    /// may.
    var isBackInDefaultMode: Bool {
        guard isReset, isCalling else { return false }
        switch state.restart {
        case .ordered(let order): return order.isConfirmed
        case .done: return true
        case .notNeeded, .needed: return false
        }
    }

    /// A phone that calls and has another number than before was reset, whether or not it was heard to start.
    var hasForgottenItsNumber: Bool {
        guard isBackInDefaultMode, let before = state.numberBefore else { return false }
        return seenNumber != before
    }

    /// Gives the order once, with the password to which the phone answers, and proves that it was carried out.
    mutating func followOrder() async throws -> DeviceEnding {
        try await settleRestart()
        if state.restart != .done {
            // Before the order, so that a wrong password leaves no trace of one in the journal.
            if plan.password != nil, currentPassword == nil { _ = try await readFirst() }
            if isReset, state.numberBefore == nil { state.numberBefore = seenNumber }
            try await restart()
        }
        if isReset, let remnant { return .refuted([remnant]) }
        let identity = ReadBack.Identity(type: plan.type, mac: plan.mac)
        let verdict = context.services.verification.judge(
            ReadBack(wanted: [], read: [], planned: identity, seen: seen, kinds: rules.kinds))
        switch verdict {
        case .proven(let proof): return .proven(proof, written: true)
        case .refuted(let findings): return .refuted(findings)
        }
    }

    /// What a phone still has that it should have forgotten, by its own words.
    private var remnant: Finding? {
        let words = "the phone started again and still has it"
        if let before = state.numberBefore, seenNumber == before {
            let key = ItemKey(WellKnownItem.terminalNumber)
            return Finding(
                key: key, fault: Fault(.verifyMismatch, subject: key.description, detail: "\(words): \(before)"))
        }
        let kept = listed?.first { $0.kind == .serverKeyMaterial || $0.kind == .clientTrustedCertificates }
        guard let kept else { return nil }
        return Finding(
            key: ItemKey(kept.kind.rawValue), fault: Fault(.verifyMismatch, subject: kept.kind.rawValue, detail: words))
    }

    /// Says in the result what a reset was not seen to have done.
    func warningsOfReset(_ outcome: DeviceOutcome) -> [Fault] {
        guard isReset, outcome.isProven, state.numberBefore == nil else { return [] }
        return [Fault(.phoneResetUnseen, subject: plan.address)]
    }
}

/// What the journal keeps of orders, and with it by which trust profiles a phone is to be met.
extension DeviceVisit {
    /// Records what is about to be ordered; from now on the phone may have its built-in key material.
    mutating func recordOrder(bootCount: Int) async throws {
        var entry = JournalEntry(
            device: plan.device, step: startStep, moment: .intent, at: context.date, bootCount: bootCount)
        if let number = state.numberBefore, isReset {
            let key = ItemKey(WellKnownItem.terminalNumber)
            entry.changes = [ItemChange(key: key, before: number.rawValue, after: "")]
        }
        try await record(entry, keeping: JournalKeeping(trust: changesTrust ? plan.trustWhileChanging : nil))
    }

    /// Records that a phone that calls took the order: from now on nobody expects it to prove who it is.
    mutating func recordTakenReset(bootCount: Int) async throws {
        try await record(
            JournalEntry(
                device: plan.device, step: .factoryReset, moment: .outcome, at: context.date, bootCount: bootCount))
    }

    /// The trust profiles of the phone itself once the order is settled: those of the built-in key material where that is what
    /// it shows, else those from before.
    func trustAfterReset(_ fault: Fault?) -> [String]? {
        guard changesTrust, let file = plan.files.first else { return nil }
        let isBuiltIn = fault == nil && (state.evidence?.profile).map(file.newTrust.contains) ?? false
        return isBuiltIn ? file.newTrust : giveUpTrust(of: file).trust
    }

    private var changesTrust: Bool { isReset && !isCalling && plan.trustWhileChanging != plan.trust }
}
