public import struct Foundation.Date

/// How a run ended for one phone.
public enum DeviceOutcome: String, Sendable, Hashable, Codable, CaseIterable {
    /// Written, read back, and everything is as wanted.
    case verified
    /// Nothing had to be written; everything was as wanted already.
    case unchanged
    case failed
    /// Read, and not as wanted (compare), or not as written (deploy).
    case differs
    /// Absent or busy, and still waited for.
    case waiting
    /// The run was stopped before or while this phone was at work.
    case stopped
    /// Not touched: the run gave up before, the phone has nothing to do, or a later run gave it something newer.
    case skipped

    /// Whether the phone is proven to have what it should have.
    public var isProven: Bool { self == .verified || self == .unchanged }
}

/// One item that differs between what is wanted and what the phone had.
///
/// Secrets stand masked.
public struct ItemChange: Hashable, Sendable, Codable {
    public var key: ItemKey
    /// nil when the phone gave no value.
    public var before: String?
    public var after: String
    /// What the phone said of the item when it did not take it.
    public var status: ItemStatus?

    public init(key: ItemKey, before: String?, after: String, status: ItemStatus? = nil) {
        self.key = key
        self.before = before
        self.after = after
        self.status = status
    }
}

/// By what a phone proved who it is.
public struct PeerEvidence: Hashable, Sendable, Codable {
    /// SHA-256 of the leaf certificate, lower-case hexadecimal; nil over a plain connection.
    public var certificateFingerprint: String?
    /// The trust profile that accepted the chain; nil when none did or the connection is plain.
    public var profile: String?
    public var tlsVersion: String?

    public init(certificateFingerprint: String? = nil, profile: String? = nil, tlsVersion: String? = nil) {
        self.certificateFingerprint = certificateFingerprint
        self.profile = profile
        self.tlsVersion = tlsVersion
    }

    /// Whether the phone was authenticated.
    public var isAuthenticated: Bool { profile != nil }
}

/// What happened to one phone in a run.
public struct DeviceResult: Hashable, Sendable, Codable {
    public var device: DeviceID
    public var address: String
    public var mac: MACAddress?
    public var type: PhoneTypeID
    public var outcome: DeviceOutcome
    /// Why, for every outcome that is not proven.
    public var fault: Fault?
    public var changes: [ItemChange]
    /// The files that the run was about, in the order of the plan.
    public var files: [FileResult]
    public var warnings: [Fault]
    public var evidence: PeerEvidence?
    /// The software that the phone said it has.
    public var softwareVersion: SoftwareVersion?
    public var attempts: Int
    /// Seconds from the first contact to the verdict.
    public var duration: Double
    public var finishedAt: Date

    public init(
        device: DeviceID, address: String, mac: MACAddress? = nil, type: PhoneTypeID, outcome: DeviceOutcome,
        fault: Fault? = nil, changes: [ItemChange] = [], files: [FileResult] = [], warnings: [Fault] = [],
        evidence: PeerEvidence? = nil, softwareVersion: SoftwareVersion? = nil, attempts: Int = 0, duration: Double = 0,
        finishedAt: Date
    ) {
        self.device = device
        self.address = address
        self.mac = mac
        self.type = type
        self.outcome = outcome
        self.fault = fault
        self.changes = changes
        self.files = files
        self.warnings = warnings
        self.evidence = evidence
        self.softwareVersion = softwareVersion
        self.attempts = attempts
        self.duration = duration
        self.finishedAt = finishedAt
    }
}

extension DeviceResult {
    /// Whether the work on the phone is not settled and stays open, so that the run can be resumed: nobody knows which
    /// password or which file the phone has.
    public var isLeftOpen: Bool {
        fault?.code == .materialUncertain || fault?.code == .fileNotSettled
            || warnings.contains { $0.code == .phonePasswordUncertain }
    }
}

/// What happened in a run.
public struct TransferResult: Hashable, Sendable {
    public var run: RunID
    public var mode: RunMode
    public var devices: [DeviceResult]
    /// Why the run ended early (`run.stopped`, `run.canary-failed`, `run.max-failures`); nil when every phone had its turn.
    public var endedEarly: Fault?

    public init(run: RunID, mode: RunMode, devices: [DeviceResult], endedEarly: Fault? = nil) {
        self.run = run
        self.mode = mode
        self.devices = devices
        self.endedEarly = endedEarly
    }

    /// Number of devices per outcome.
    public var totals: [DeviceOutcome: Int] {
        devices.reduce(into: [:]) { totals, device in totals[device.outcome, default: 0] += 1 }
    }
}
