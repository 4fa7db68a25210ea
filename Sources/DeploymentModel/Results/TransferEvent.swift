public import struct Foundation.Date

/// Something that happened in a run or scan, for those who watch.
///
/// Holds no secret.
public struct TransferEvent: Hashable, Sendable, Codable {
    public enum Kind: Hashable, Sendable, Codable {
        case runStarted(devices: Int, mode: RunMode)
        case waveStarted(name: String, devices: Int)
        case deviceStarted(attempt: Int)
        /// A step of a phone was begun.
        case stepStarted(RunStep)
        case stepFinished(RunStep)
        /// The phone is absent or busy and comes again in so many seconds.
        case deviceWaiting(Fault, seconds: Double)
        case deviceFinished(DeviceResult)
        case runFinished(totals: [String: Int])
    }

    public var at: Date
    public var run: RunID
    public var device: DeviceID?
    public var kind: Kind

    public init(at: Date, run: RunID, device: DeviceID? = nil, kind: Kind) {
        self.at = at
        self.run = run
        self.device = device
        self.kind = kind
    }
}

/// Watches a run and never steers it: terminal, web feed, log file.
public protocol TransferObserver: Sendable {
    /// Called in the order of events of one device, from any task. Must return at once: queue, do not write or wait.
    func receive(_ event: TransferEvent)
}
