public import struct Foundation.Date

/// A step of a phone's work, as the journal and the events name it.
public enum RunStep: String, Hashable, Sendable, Codable, CaseIterable {
    case identify
    case read
    case write
    case changePassword = "change-password"
    case readBack = "read-back"
    case restart
    /// The phone is ordered back to the state of the factory.
    ///
    /// An outcome with the boot counter says that the phone took the order, one without that it was seen to have started.
    case factoryReset = "factory-reset"
    case provePassword = "prove-password"
    case readFile = "read-file"
    case transferFile = "transfer-file"
    case deleteFile = "delete-file"
    /// The phone is ordered to fetch a file by itself, or to delete one.
    case fetchFile = "fetch-file"
    /// A new connection, made under the coming trust profiles only.
    case proveHandshake = "prove-handshake"
    /// The phone's telephony client is asked whether it is registered.
    case checkRegistration = "check-registration"
    /// The way back: the old content is sent again, or the new one deleted.
    case restoreFile = "restore-file"
}

/// What the journal keeps of a step.
///
/// No value of a secret item is ever in it.
public struct JournalEntry: Hashable, Sendable, Codable {
    public enum Moment: String, Hashable, Sendable, Codable {
        /// Written before the side effect.
        case intent
        /// Written after it.
        case outcome
    }

    public var device: DeviceID
    public var step: RunStep
    public var moment: Moment
    public var at: Date
    /// What is about to change or has changed; the way back for a roll-back.
    public var changes: [ItemChange]
    /// The phone's boot counter before a restart or factory reset, so that a resumed run can tell whether the restart happened.
    public var bootCount: Int?
    /// The file that the step is about.
    public var file: FileStep?
    public var fault: Fault?

    public init(
        device: DeviceID, step: RunStep, moment: Moment, at: Date, changes: [ItemChange] = [], bootCount: Int? = nil,
        file: FileStep? = nil, fault: Fault? = nil
    ) {
        self.device = device
        self.step = step
        self.moment = moment
        self.at = at
        self.changes = changes
        self.bootCount = bootCount
        self.file = file
        self.fault = fault
    }
}

/// What the journal knows of a run: the basis on which it is resumed.
public struct RunProgress: Hashable, Sendable {
    /// Devices that are finished, with their results.
    public var finished: [DeviceID: DeviceResult]
    /// For every device that was begun and not finished: its entries in order.
    public var open: [DeviceID: [JournalEntry]]

    public init(finished: [DeviceID: DeviceResult] = [:], open: [DeviceID: [JournalEntry]] = [:]) {
        self.finished = finished
        self.open = open
    }
}

/// Keeps what is about to be done and what was done, durably, and sees to it that one phone has one session at a time.
///
/// Every call returns only when its content would survive a loss of power; implementations gain speed by committing
/// the calls of many devices together, never by returning early. All calls throw a ``Fault`` (`store.*`) when the store
/// cannot keep the entry; the side effect must then not be made.
public protocol RunJournal: Sendable {
    /// Takes the lease of a device for a run and notes that work on it begins.
    ///
    /// Throws `device.leased` when another living run holds it. A lease of the same run is taken over.
    func begin(_ device: DeviceID, in run: RunID) async throws

    /// Keeps an entry, and in the same commit what must be true from that moment on.
    ///
    /// Throws `input.not-found` when a trust profile does not exist any more, and `input.secret` when a secret's name is
    /// not one of the run; nothing is kept then.
    ///
    /// - Parameter outcome: an outcome of the same device that was not kept yet; it comes before the entry.
    func record(
        _ entry: JournalEntry, after outcome: JournalEntry?, keeping: JournalKeeping, in run: RunID
    ) async throws

    /// Keeps the final result of a device, remembers the accepted secrets, and releases the lease, all in one commit.
    ///
    /// - Parameters:
    ///   - outcome: an outcome that was not kept yet, because nothing was done with the phone after it.
    ///   - acceptedSecrets: the secret items that the phone took in this run, by reference.
    func finish(
        _ result: DeviceResult, after outcome: JournalEntry?, acceptedSecrets: [ItemKey: SecretReference],
        in run: RunID
    ) async throws

    /// Gives the device back without a result: its work stays open.
    func release(_ device: DeviceID, in run: RunID) async throws

    func progress(of run: RunID) async throws -> RunProgress

    /// Whether somebody asked (from any process) that the run be stopped. Also renews the leases of the run.
    func isStopRequested(_ run: RunID) async throws -> Bool
}

extension RunJournal {
    /// Keeps an entry of a device of which all outcomes are kept already.
    public func record(
        _ entry: JournalEntry, keeping: JournalKeeping = JournalKeeping(), in run: RunID
    ) async throws {
        try await record(entry, after: nil, keeping: keeping, in: run)
    }

    /// Keeps the final result of a device of which all outcomes are kept already.
    public func finish(
        _ result: DeviceResult, acceptedSecrets: [ItemKey: SecretReference], in run: RunID
    ) async throws {
        try await finish(result, after: nil, acceptedSecrets: acceptedSecrets, in: run)
    }
}
