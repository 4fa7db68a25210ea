import DeploymentModel
import ManagementXML
import PhoneTransport

/// What is done with a phone that was identified.
extension DeviceVisit {
    private static let passwordKey = ItemKey(WellKnownItem.administratorPassword)

    /// The item by which the tool itself is let in; nil where no password is asked for, and then it is a secret like others.
    private var ownPasswordKey: ItemKey? { plan.password == nil ? nil : Self.passwordKey }

    mutating func compare() async throws -> DeviceEnding {
        let read = try await readFirst()
        noteUnknown(in: read)
        switch judge(read, wanted) {
        case .proven(let proof): return .proven(proof, written: false)
        case .refuted(let findings):
            // Shown, not done: what a deploy would change.
            state.show(Difference.changes(wanted: known(wanted), read: read, kinds: rules.kinds))
            return .differs(findings)
        }
    }

    /// Reads, writes what differs, reads back, restarts where needed, and changes the password last of all.
    mutating func deploy() async throws -> DeviceEnding {
        try await settleRestart()
        var read = try await readFirst()
        noteUnknown(in: read)
        let items = wanted.filter { $0.key != ownPasswordKey }
        // After a restart nothing is written again: what a phone did not keep is to be named, not repeated for ever.
        if state.restart != .done {
            let changes = Difference.changes(
                wanted: known(items), read: read, kinds: rules.kinds, accepted: Set(state.acceptedSecrets.keys))
            if !changes.isEmpty {
                try await write(changes)
                try checkStop()
                read = try await self.read(.readBack)
            }
            if state.restart == .needed, context.plan.options.restarts { try await restart() }
        }
        let verdict = judge(read, items)
        guard case .proven(let proof) = verdict else { return ending(verdict) }
        guard let password = wanted.first(where: { $0.key == ownPasswordKey }) else {
            return .proven(proof, written: state.hasWritten)
        }
        if let refusal = try await changePassword(password) { return .refuted([refusal]) }
        return ending(judge(read, wanted))
    }

    private func ending(_ verdict: Verdict) -> DeviceEnding {
        switch verdict {
        case .proven(let proof): .proven(proof, written: state.hasWritten)
        case .refuted(let findings): .refuted(findings)
        }
    }

    /// What a model does not have is said of it, and is no failure of the phone.
    private func judge(_ read: [Item], _ items: [WantedItem]) -> Verdict {
        context.services.verification.judge(
            ReadBack(
                wanted: known(items), read: read, refused: state.refused,
                acceptedSecrets: Set(state.acceptedSecrets.keys),
                planned: ReadBack.Identity(type: plan.type, mac: plan.mac), seen: seen, kinds: rules.kinds))
    }
}

/// Parameters that the phone's model does not have.
extension DeviceVisit {
    /// Notes the items of which the phone says that it does not know them; they are not sent.
    ///
    /// Only over WPI: there the catalogue knows what its sources name for all models together, and a phone answers for
    /// each item by itself.
    private mutating func noteUnknown(in read: [Item]) {
        guard isCalling else { return }
        let keys = Set(read.lazy.filter { $0.status == .unknownItem }.map(\.key))
        guard !keys.isEmpty else { return }
        state.noteUnknown(wanted.filter { keys.contains($0.key) })
    }

    /// The wanted items but for those that the phone does not know; all of them when it knows none, so that a phone is
    /// never said to be as wanted of which nothing was proven.
    private func known(_ items: [WantedItem]) -> [WantedItem] {
        guard isCalling, !state.refused.isEmpty else { return items }
        let known = items.filter { state.refused[$0.key] != .unknownItem }
        return known.isEmpty ? items : known
    }

    /// The warnings that only phones over WPI get.
    func warningsOfCalledPhone(_ outcome: DeviceOutcome) -> [Fault] {
        guard isCalling else { return [] }
        var warnings: [Fault] = []
        if let evidence = state.evidence, !evidence.isAuthenticated {
            warnings.append(Fault(.phoneNotAuthenticated, subject: plan.address))
        }
        if let second = context.secondPhone(ofDeviceAt: place) {
            let label = plan.mac?.description ?? plan.address
            warnings.append(
                Fault(.callSecondPhone, subject: plan.address, detail: "\(label) also calls from \(second)"))
        }
        let unknown = state.refused.filter { $0.value == .unknownItem }.keys.sorted()
        guard outcome.isProven || outcome == .differs, !unknown.isEmpty else { return warnings }
        let more = unknown.count > 5 ? " and \(unknown.count - 5) more" : ""
        let names = unknown.prefix(5).map(\.description).joined(separator: ", ")
        warnings.append(Fault(.phoneUnknownItem, subject: plan.address, detail: names + more))
        return warnings
    }
}

/// Reading, and with it finding out the password.
extension DeviceVisit {
    /// Reads the wanted items with the password to which the phone answers.
    ///
    /// While a change of the password is open, the new one is tried first: a phone counts wrong tries, and a change that
    /// was sent has most likely taken effect.
    mutating func readFirst() async throws -> [Item] {
        try await usePassword { visit, password in
            visit.currentPassword = password
            do {
                return try await visit.read(visit.state.restart == .done ? .readBack : .read)
            } catch {
                visit.currentPassword = nil
                throw error
            }
        }
    }

    /// Does something that needs the password, and learns by it which one the phone has.
    ///
    /// Without one where the phone asks for none.
    mutating func usePassword<Value: Sendable>(
        _ body: (inout DeviceVisit, SecretText?) async throws -> Value
    ) async throws -> Value {
        guard let reference = plan.password else { return try await body(&self, nil) }
        let old = try await context.reveal(reference)
        guard state.password != .old, let item = wanted.first(where: { $0.key == Self.passwordKey }),
            case .secret(let reference) = item.value
        else { return try await body(&self, old) }
        let new = try await context.reveal(reference)
        do {
            let value = try await body(&self, new)
            try await passwordProven(item)
            return value
        } catch let fault as Fault where fault.code == .phoneWrongPassword && state.password != .proven {
            let value = try await body(&self, old)
            state.password = .old
            state.forgetAcceptance(of: Self.passwordKey)
            return value
        }
    }

    private mutating func passwordProven(_ item: WantedItem) async throws {
        if state.password == .intended {
            try await record(
                JournalEntry(device: plan.device, step: .changePassword, moment: .outcome, at: context.date))
        }
        state.password = .proven
        state.accept(item)
    }

    /// Reads exactly the wanted items, or the terminal number when none of them can be read, so that the password is
    /// proven in any case.
    mutating func read(_ step: RunStep) async throws -> [Item] {
        guard let session else { throw Fault(.netClosed, subject: plan.address) }
        context.emit(.stepStarted(step), of: plan.device)
        var keys = wanted.compactMap { $0.isSecret ? nil : $0.key }
        if keys.isEmpty { keys = [ItemKey(WellKnownItem.terminalNumber)] }
        let items = try await rules.driver.read(keys, over: call(session, password: currentPassword))
        context.emit(.stepFinished(step), of: plan.device)
        return items
    }
}
