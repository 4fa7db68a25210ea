public import struct Foundation.Date

/// Names one run; given by the store, for example `r12`.
public struct RunID: RawRepresentable, Hashable, Sendable, Codable, Comparable, CustomStringConvertible {
    public let rawValue: String

    public init(rawValue: String) { self.rawValue = rawValue }
    public init(_ rawValue: String) { self.rawValue = rawValue }

    public var description: String { rawValue }

    /// Shorter before longer, then by text, so that `r9` comes before `r10`.
    public static func < (left: RunID, right: RunID) -> Bool {
        (left.rawValue.utf8.count, left.rawValue) < (right.rawValue.utf8.count, right.rawValue)
    }
}

/// What a run does with the phones.
public enum RunMode: String, Sendable, Hashable, Codable {
    /// Identify, read, write what differs, read back, judge.
    case deploy
    /// Identify, read, judge; nothing is written (drift and preview).
    case compare
    /// Identify, restart, and prove the restart; nothing is written.
    case restart
    /// Identify, reset to the state of the factory, and look whether the phone forgot what it had.
    case factoryReset = "factory-reset"

    /// Whether something is done to the phones, so that a few may be tried first.
    public var isChange: Bool { self != .compare }
    /// Whether the phones get just an order, and no settings.
    public var isOrder: Bool { self == .restart || self == .factoryReset }
}

/// How a run goes over its phones.
public struct TransferOptions: Hashable, Sendable, Codable {
    /// Most phones at work at one time; 1...2000.
    public var concurrency: Int
    /// Number of phones of the first wave; the rest follows only when all of these are verified.
    ///
    /// 0 = no canary.
    public var canary: Int
    public var failureLimit: FailureLimit?
    /// How long absent and busy phones are waited for; 0 = not at all.
    public var waitForAbsent: Double
    /// Tries per phone for failures that may pass (reset, silence, closed); at least 1.
    public var attempts: Int
    /// Longest time for connect and handshake, in seconds.
    public var connectTimeout: Double
    /// Longest silence in an exchange, in seconds.
    public var replyTimeout: Double
    /// Whether phones are restarted when an item that was written asks for it.
    public var restarts: Bool

    /// When a run gives up: at so many failed phones, or at such a share of the phones that were finished.
    public enum FailureLimit: Hashable, Sendable, Codable {
        case count(Int)
        case percent(Double)
    }

    public init(
        concurrency: Int = 128, canary: Int = 0, failureLimit: FailureLimit? = nil, waitForAbsent: Double = 0,
        attempts: Int = 3, connectTimeout: Double = 5, replyTimeout: Double = 10, restarts: Bool = true
    ) {
        self.concurrency = concurrency
        self.canary = canary
        self.failureLimit = failureLimit
        self.waitForAbsent = waitForAbsent
        self.attempts = attempts
        self.connectTimeout = connectTimeout
        self.replyTimeout = replyTimeout
        self.restarts = restarts
    }
}

/// A run as a value: which phones, what each shall have, by which trust, and how to go about it.
///
/// Holds no secret.
public struct TransferPlan: Hashable, Sendable {
    public var mode: RunMode
    public var createdAt: Date
    public var devices: [DevicePlan]
    /// The trust profiles that the device plans name, as they were when the plan was made.
    public var profiles: [TrustRecord]
    public var options: TransferOptions

    public init(
        mode: RunMode, createdAt: Date, devices: [DevicePlan], profiles: [TrustRecord],
        options: TransferOptions = TransferOptions()
    ) {
        self.mode = mode
        self.createdAt = createdAt
        self.devices = devices
        self.profiles = profiles
        self.options = options
    }
}

/// Reveals secrets where they are sent.
///
/// Implemented by the store (sealed) and joined in the composition root.
public protocol SecretSource: Sendable {
    /// Throws a ``Fault`` with `input.secret` when there is no such secret or it cannot be opened.
    func reveal(_ reference: SecretReference) async throws -> SecretText
}
