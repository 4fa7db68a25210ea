import DeploymentModel

/// What is known of the work on one phone between two visits; made from the journal when a run is resumed.
struct DeviceState: Sendable {
    /// Where the restart of the phone stands.
    ///
    /// Only the phone's boot counter tells whether an order was carried out.
    enum Restart: Sendable, Equatable {
        case notNeeded
        /// An item that takes effect only after a restart was taken.
        case needed
        case ordered(RestartOrder)
        case done
    }

    /// Which administrator password the phone answers to.
    enum Password: Sendable, Equatable {
        case old
        /// The change was about to be sent; the phone may have either.
        case intended
        /// The phone said that it took the new one; not proven yet.
        case accepted
        /// The phone answered to the new one.
        case proven
    }

    /// Whether the journal holds the lease of the device for this run.
    var isBegun = false
    /// Tries that were begun, counted from 1; a visit that goes on after a wait is no new try.
    var attempts = 1
    var failures = 0
    var waits = 0
    var hasStarted = false
    /// When the phone was first met, in seconds of the run's clock.
    var startedAt: Double?
    /// Since when it is waited for.
    var waitingSince: Double?

    /// What this run set out to change, with the value before; of an item that is written again the first value counts.
    private(set) var changes: [ItemChange] = []
    /// Whether this run wrote, or was about to write, anything to the phone.
    var hasWritten = false
    private(set) var refused: [ItemKey: ItemStatus] = [:]
    private(set) var acceptedSecrets: [ItemKey: SecretReference] = [:]
    /// How the last write came out, as long as it is not in the journal.
    var outcome: JournalEntry?
    var restart = Restart.notNeeded
    private var restartBeforeWrite = Restart.notNeeded
    var restartOrders = 0
    /// The terminal number that the phone had before it was ordered to reset itself.
    var numberBefore: TerminalNumber?
    var password = Password.old
    /// Only for files that the plan is about.
    var files: [FileID: FileState] = [:]
    /// Since when a phone is looked for that was lost in the change of a file, in seconds of the run's clock.
    var lostSince: Double?
    var looksForLost = 0
    private var returns = 0

    var evidence: PeerEvidence?
    var softwareVersion: SoftwareVersion?
    var generator: SeededGenerator

    init(generator: SeededGenerator) {
        self.generator = generator
    }

    /// A restart that was ordered or about to be.
    struct RestartOrder: Sendable, Equatable {
        /// The phone's boot counter before.
        var bootCount: Int
        /// When it was ordered, in seconds of the run's clock.
        var at: Double
        /// Whether the phone said that it will.
        var isConfirmed: Bool
        var polls = 0
    }
}

extension DeviceState {
    /// Notes what is about to be written.
    ///
    /// From now on the items may have reached the phone, so a restart that one of them asks for is due until the phone
    /// has said which of them it took.
    mutating func intend(_ intended: [ItemChange], needsRestart: Bool) {
        hasWritten = true
        show(intended)
        restartBeforeWrite = restart
        if needsRestart, restart == .notNeeded { restart = .needed }
    }

    /// Notes changes for the result, of which nothing is sent.
    mutating func show(_ shown: [ItemChange]) {
        guard !changes.isEmpty else {
            changes = shown
            return
        }
        let known = Set(changes.map(\.key))
        changes += shown.filter { !known.contains($0.key) }
        changes.sort { $0.key < $1.key }
    }

    /// Notes what the phone said to the last write: which items it refused, and so which it took.
    mutating func apply(_ refusals: [ItemKey: ItemStatus], to written: [WantedItem]) {
        restart = restartBeforeWrite
        let wereRefused = !refused.isEmpty
        for item in written {
            if wereRefused || !refusals.isEmpty { refused[item.key] = refusals[item.key] }
            guard refusals.isEmpty || refusals[item.key] == nil else { continue }
            if case .secret(let reference) = item.value { acceptedSecrets[item.key] = reference }
            if item.needsRestart, restart == .notNeeded { restart = .needed }
        }
        if wereRefused || !refused.isEmpty || changes.contains(where: { $0.status != nil }) { markRefused() }
    }

    /// Notes items that the phone does not know, for the result.
    mutating func noteUnknown(_ items: [WantedItem]) {
        for item in items { refused[item.key] = .unknownItem }
        show(
            items.map { item in
                let after = if case .plain(let text) = item.value { text } else { SecretText.mask }
                return ItemChange(key: item.key, before: nil, after: after, status: .unknownItem)
            })
    }

    /// Apart from the loop above, so that a list that is shared with the journal is copied only when it changes.
    private mutating func markRefused() {
        for place in changes.indices { changes[place].status = refused[changes[place].key] }
    }

    /// Notes that the phone took the order to restart.
    mutating func confirmRestart() {
        guard case .ordered(var order) = restart else { return }
        order.isConfirmed = true
        restart = .ordered(order)
    }

    /// Notes that a secret is proven to be the phone's.
    mutating func accept(_ item: WantedItem) {
        if case .secret(let reference) = item.value { acceptedSecrets[item.key] = reference }
    }

    mutating func forgetAcceptance(of key: ItemKey) {
        acceptedSecrets[key] = nil
    }

    /// Notes that a phone that was lost is back, so that it has its whole time again when it is lost once more.
    ///
    /// Not without end: a phone may come back each time only to be lost at the same step.
    mutating func noteReturn() {
        guard lostSince != nil, returns < Self.mostReturns else { return }
        returns += 1
        lostSince = nil
        looksForLost = 0
    }

    private static let mostReturns = 5
}

extension DeviceState {
    /// Takes in what the journal knows of work that was begun and not finished, by going through it again.
    ///
    /// The journal says what may have happened; whether it did is asked of the phone on the next visit.
    mutating func restore(
        from entries: [JournalEntry], wanted: [WantedItem], files planned: [WantedFile], at now: Double
    ) {
        let byKey = Dictionary(wanted.map { ($0.key, $0) }, uniquingKeysWith: { first, _ in first })
        var items: [WantedItem] = []
        for entry in entries {
            if let file = entry.file {
                files[planned.id(of: file), default: FileState()].restore(file, of: entry)
                hasWritten = true
                continue
            }
            switch (entry.step, entry.moment) {
            case (.write, .intent):
                items = entry.changes.compactMap { byKey[$0.key] }
                intend(entry.changes, needsRestart: items.contains(where: \.needsRestart))
            case (.write, .outcome):
                guard entry.fault == nil else { continue }
                apply(entry.changes.reduce(into: [:]) { $0[$1.key] = $1.status }, to: items)
            case (.restart, .intent), (.factoryReset, .intent):
                restartOrders += 1
                numberBefore = entry.changes.first?.before.flatMap { TerminalNumber($0) }
                // A restart whose counter is not known can not be looked for, and is not made a second time.
                restart =
                    entry.bootCount.map { .ordered(RestartOrder(bootCount: $0, at: now, isConfirmed: false)) } ?? .done
            case (.factoryReset, .outcome) where entry.bootCount != nil && entry.fault == nil: confirmRestart()
            case (.restart, .outcome), (.factoryReset, .outcome):
                restart = entry.fault == nil ? .done : .needed
                // What the phone itself declined was no order.
                if entry.fault != nil { restartOrders = max(0, restartOrders - 1) }
            case (.changePassword, .intent):
                intend(entry.changes, needsRestart: false)
                password = .intended
            case (.changePassword, .outcome): password = Self.password(after: entry.fault)
            default: break
            }
        }
    }

    private static func password(after fault: Fault?) -> Password {
        switch fault?.code {
        case nil: .accepted
        // The phone's own words: it has kept the old one. After a broken connection nobody knows.
        case StatusCode.phoneBusy, StatusCode.phoneItemRejected, StatusCode.phoneActionFailed,
            StatusCode.phoneWrongPassword, StatusCode.verifyMismatch:
            .old
        default: .intended
        }
    }
}
