public import DeploymentModel
public import Foundation
import Synchronization
import TLSMaterial

/// How often a phone may be asked to call.
public struct ContactRule: Hashable, Sendable {
    /// Never more often than this, in seconds: old phones were seen to fail when asked more than once a minute.
    public static let minimumGap = 60.0
    /// What a phone keeps between two reactions if it was not set otherwise (`dls-contact-interval`).
    public static let usualGap = 300.0

    /// The longest gap that is kept for a phone's own interval, so that no number of a phone puts it out of reach.
    static let maximumGap = 3600.0
}

/// A phone that is about to be asked to call.
public struct KnockedPhone: Hashable, Sendable {
    /// nil in a scan, where only the address is known.
    public var mac: MACAddress?
    public var address: String

    public init(mac: MACAddress?, address: String) {
        self.mac = mac
        self.address = address
    }
}

/// What is remembered of a phone for the next time that it is asked to call.
public struct ContactRecord: Hashable, Sendable, Codable {
    /// When it was asked last.
    public var lastKnock: Date?
    /// How often it was asked since it last called.
    public var unanswered: Int
    /// Where it listens, in its own words (`contact-me-uri`); hostile input, see ``ContactMeURI``.
    public var uri: String?
    /// Its own interval in seconds (`dls-contact-interval`), if known.
    public var interval: Double?

    public init(lastKnock: Date? = nil, unanswered: Int = 0, uri: String? = nil, interval: Double? = nil) {
        self.lastKnock = lastKnock
        self.unanswered = unanswered
        self.uri = uri
        self.interval = interval
    }

    /// Notes a knock if it is permitted at this moment.
    ///
    /// The first knock, and one repetition after a minute; then only after the phone's own interval, for it ignores
    /// what comes earlier.
    public mutating func claim(at now: Date) -> KnockClaim {
        if let lastKnock {
            // A clock that was set back does not shut the phone out.
            let last = min(lastKnock, now)
            let gap = unanswered < 2 ? ContactRule.minimumGap : interval ?? ContactRule.usualGap
            let next = last.addingTimeInterval(min(max(gap, ContactRule.minimumGap), ContactRule.maximumGap))
            guard next <= now else { return .wait(until: next) }
        }
        lastKnock = now
        unanswered += 1
        return .granted(uri: uri)
    }
}

/// Whether a phone may be asked to call now.
public enum KnockClaim: Hashable, Sendable {
    /// It may, and that it is was noted.
    case granted(uri: String?)
    case wait(until: Date)
}

/// Remembers when which phone was asked to call, for all programs that ask.
public protocol ContactBook: Sendable {
    /// Decides by ``ContactRecord/claim(at:)`` of the phone's record and keeps what it changed, in one step that no
    /// other claim can come between.
    func claimKnock(_ phone: KnockedPhone, at now: Date) async throws -> KnockClaim

    /// The phone has called: nothing is unanswered any more.
    func noteAnswer(of phone: KnockedPhone) async throws
}

/// A contact book that lasts as long as the process; it forgets the phones that were not asked for longest.
public final class MemoryContactBook: ContactBook {
    private let records: Mutex<BoundedMemory<String, ContactRecord>>

    /// - Parameter limit: the most phones that are remembered.
    public init(limit: Int = 65_536) {
        records = Mutex(BoundedMemory(limit: limit))
    }

    public func claimKnock(_ phone: KnockedPhone, at now: Date) async throws -> KnockClaim {
        change(phone) { $0.claim(at: now) }
    }

    public func noteAnswer(of phone: KnockedPhone) async throws {
        change(phone) { $0.unanswered = 0 }
    }

    /// Keeps what a phone said of itself.
    public func note(_ phone: KnockedPhone, uri: String?, interval: Double?) {
        change(phone) { record in
            record.uri = uri ?? record.uri
            record.interval = interval ?? record.interval
        }
    }

    private func change<Result: Sendable>(_ phone: KnockedPhone, _ body: (inout ContactRecord) -> Result) -> Result {
        records.withLock { records in
            // A scan knows the address only; what it did counts for the phone at that address too.
            let keys = [phone.address] + (phone.mac.map { [$0.description] } ?? [])
            let known = keys.compactMap { records.value(for: $0) }
            var record = known.max { $0.lastKnock ?? .distantPast < $1.lastKnock ?? .distantPast } ?? ContactRecord()
            let result = body(&record)
            for key in keys { records.insert(record, for: key) }
            return result
        }
    }
}
