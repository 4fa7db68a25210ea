import DeploymentModel
import ManagementXML
import PhoneTransport

/// The side effects: each with its intent in the journal before it and its outcome after it.
extension DeviceVisit {
    /// Keeps an entry, and in the same commit what must be true from then on and an outcome that waits to be kept.
    mutating func record(_ entry: JournalEntry, keeping: JournalKeeping = JournalKeeping()) async throws {
        let outcome = state.outcome
        state.outcome = nil
        do {
            try await context.services.journal.record(entry, after: outcome, keeping: keeping, in: context.run)
        } catch let fault as Fault where fault.code == .inputNotFound {
            // A trust profile was removed meanwhile: this phone's matter, and nobody else's.
            state.outcome = outcome
            throw fault
        } catch {
            throw Interruption(ofJournal: error)
        }
    }

    /// Records the outcome that waits to be kept, if there is one.
    mutating func recordOutcome() async throws {
        guard let outcome = state.outcome else { return }
        state.outcome = nil
        try await record(outcome)
    }

    /// Records the intent, makes the side effect, and records how it came out, also when it failed.
    ///
    /// The outcome names the changes that the phone refused, no others: what was tried stands in the intent. When all
    /// went well it is kept with what comes next for this phone, at the latest with its result: until then only
    /// reading follows, and to a resumed run the phone itself says what it took.
    private mutating func effect<Value: Sendable>(
        _ intent: JournalEntry, _ body: () async throws -> (Value, refused: [ItemChange], fault: Fault?)
    ) async throws -> Value {
        context.emit(.stepStarted(intent.step), of: plan.device)
        try await record(intent)
        var outcome = intent
        outcome.moment = .outcome
        outcome.changes = []
        do {
            let (value, refused, fault) = try await body()
            outcome.changes = refused
            outcome.fault = fault
            outcome.at = context.date
            if intent.step == .write, refused.isEmpty, fault == nil {
                state.outcome = outcome
            } else {
                try await record(outcome)
            }
            context.emit(.stepFinished(intent.step), of: plan.device)
            return value
        } catch let fault as Fault {
            outcome.fault = fault
            outcome.at = context.date
            try await record(outcome)
            throw fault
        }
    }

    /// Writes the changes in one step of the journal, in as many messages as the type's limit asks for.
    mutating func write(_ changes: [ItemChange]) async throws {
        guard let session, currentPassword != nil || plan.password == nil else {
            throw Fault(.netClosed, subject: plan.address)
        }
        let written = items(of: changes)
        let items = try await itemsToWrite(written)
        try checkStop()
        state.intend(changes, needsRestart: written.contains(where: \.needsRestart))
        let call = call(session, password: currentPassword)
        let driver = rules.driver
        let intent = JournalEntry(
            device: plan.device, step: .write, moment: .intent, at: context.date, changes: changes)
        let refused = try await effect(intent) {
            let refused = try await driver.write(items, over: call)
            let objected = refused.isEmpty ? [] : changes.filter { refused[$0.key] != nil }
            return (refused, objected.map { $0.with(status: refused[$0.key]) }, nil)
        }
        state.apply(refused, to: written)
    }

    /// The wanted items that the changes are about; both are in ascending order of key.
    private func items(of changes: [ItemChange]) -> [WantedItem] {
        guard changes.count < wanted.count else { return wanted }
        var next = 0
        return wanted.filter { item in
            guard next < changes.count, changes[next].key == item.key else { return false }
            next += 1
            return true
        }
    }

    private func itemsToWrite(_ wanted: [WantedItem]) async throws -> [ItemToWrite] {
        var items: [ItemToWrite] = []
        items.reserveCapacity(wanted.count)
        for item in wanted {
            let text =
                switch item.value {
                case .plain(let text): text
                case .secret(let reference): try await context.reveal(reference).reveal()
                }
            items.append(ItemToWrite(item: Item(item.key, value: text), dependentGroup: item.dependentGroup))
        }
        return items
    }

    /// Changes the administrator password and proves the new one on a request that needs it.
    ///
    /// Returns the objection when the phone did not take or did not keep it.
    mutating func changePassword(_ item: WantedItem) async throws -> Finding? {
        guard case .secret(let reference) = item.value, let old = currentPassword, let session else { return nil }
        let new = try await context.reveal(reference)
        if item.isKnownAccepted || state.password == .proven || new == old {
            state.accept(item)
            return nil
        }
        try checkStop()
        let change = ItemChange(key: item.key, before: nil, after: SecretText.mask)
        state.intend([change], needsRestart: false)
        state.password = .intended
        let driver = rules.driver
        let call = call(session, password: old)
        let intent = JournalEntry(
            device: plan.device, step: .changePassword, moment: .intent, at: context.date, changes: [change])
        let refusal: ItemStatus?
        do {
            refusal = try await effect(intent) {
                let write = ItemToWrite(item: Item(item.key, value: new.reveal()))
                let status = try await driver.write([write], over: call)[item.key]
                let fault = status.map { Fault(.phoneItemRejected, subject: item.key.description, detail: $0.rawValue) }
                return (status, status == nil ? [] : [change.with(status: status)], fault)
            }
        } catch let fault as Fault where fault.code == .phoneBusy || fault.code == .phoneActionFailed {
            state.password = .old
            throw fault
        }
        state.apply(refusal.map { [item.key: $0] } ?? [:], to: [item])
        if let refusal {
            state.password = .old
            return Finding(
                key: item.key,
                fault: Fault(.phoneItemRejected, subject: item.key.description, detail: refusal.rawValue))
        }
        state.password = .accepted
        return try await provePassword(new, instead: old, item)
    }

    private mutating func provePassword(
        _ new: SecretText, instead old: SecretText, _ item: WantedItem
    ) async throws -> Finding? {
        currentPassword = new
        do {
            _ = try await read(.provePassword)
            state.password = .proven
            return nil
        } catch let fault as Fault where fault.code == .phoneWrongPassword {
            currentPassword = old
            state.password = .old
            state.forgetAcceptance(of: item.key)
            let detail = "the phone said that it took the new password, and does not answer to it"
            let mismatch = Fault(.verifyMismatch, subject: item.key.description, detail: detail)
            try await record(
                JournalEntry(
                    device: plan.device, step: .changePassword, moment: .outcome, at: context.date, fault: mismatch))
            return Finding(key: item.key, fault: mismatch)
        }
    }
}

extension ItemChange {
    fileprivate func with(status: ItemStatus?) -> ItemChange {
        var change = self
        change.status = status
        return change
    }
}
