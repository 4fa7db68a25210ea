import DeploymentModel
public import Foundation
import Synchronization
import TLSMaterial

/// How often a phone may be asked to call: the one place where the rule of once a minute is set.
///
/// A contact book may keep to another gap (the option `--contact-gap` of the program); less than a minute is for virtual
/// phones.
public enum ContactRule {
    /// Never more often than this, in seconds: old phones were seen to fail when asked more than once a minute.
    public static let minimumGap = 60.0
    /// What a phone keeps between two reactions if it was not set otherwise (`dls-contact-interval`).
    public static let usualGap = 300.0
    /// The longest that is kept for a phone's own interval, so that no number of a phone puts it out of reach.
    public static let maximumGap = 3600.0

    /// The shortest time in seconds from one request to the next.
    ///
    /// One repetition after a minute, for phones were seen to pass over a request; then only after the phone's own
    /// interval, within which it ignores all others.
    ///
    /// - Parameters:
    ///   - unanswered: how often the phone was asked since it last called.
    ///   - interval: the phone's own, in seconds; nil when it is not known.
    public static func gap(unanswered: Int, interval: Double?) -> Double {
        guard unanswered >= 2 else { return minimumGap }
        return min(max(interval ?? usualGap, minimumGap), maximumGap)
    }
}

/// Remembers when which phone was asked to call, for all who ask.
public protocol ContactBook: Sendable {
    /// Takes the right to ask a phone to call, in one step that no other can come between.
    ///
    /// - Parameters:
    ///   - place: the phone's MAC address, or its address and port where that is not known.
    ///   - gap: the shortest time in seconds between two such requests.
    /// - Returns: nil when the phone may be asked now, which is then noted; else when it may be asked again.
    func claimContactMe(at place: String, gap: Double) async throws -> Date?

    /// Gives the right back, because nothing at the place heard the request.
    func withdrawContactMe(at place: String) async throws
}

/// A contact book that lasts as long as the process; it forgets the phones that were not asked for longest.
public final class MemoryContactBook: ContactBook {
    private let last: Mutex<BoundedMemory<String, Date>>
    private let now: @Sendable () -> Date

    /// - Parameter limit: the most phones that are remembered.
    public init(limit: Int = 65_536, now: @escaping @Sendable () -> Date = { Date() }) {
        last = Mutex(BoundedMemory(limit: limit))
        self.now = now
    }

    public func claimContactMe(at place: String, gap: Double) async throws -> Date? {
        let now = now()
        return last.withLock { last in
            // A clock that was set back must not silence a phone for ever.
            if let before = last.value(for: place), before <= now, before.addingTimeInterval(gap) > now {
                return before.addingTimeInterval(gap)
            }
            last.insert(now, for: place)
            return nil
        }
    }

    public func withdrawContactMe(at place: String) async throws {
        last.withLock { $0.insert(.distantPast, for: place) }
    }
}

/// What phones said of themselves, and whether they come when asked; of many phones those that were met last.
final class KnownPhones: Sendable {
    struct Phone: Sendable {
        /// `contact-me-uri`; hostile input, see ``ContactMeURI``.
        var uri: String?
        /// How often it was asked to call since it last did.
        var unanswered = 0
    }

    private let phones = Mutex(BoundedMemory<MACAddress, Phone>(limit: 65_536))

    func phone(_ mac: MACAddress?) -> Phone {
        guard let mac else { return Phone() }
        return phones.withLock { $0.value(for: mac) ?? Phone() }
    }

    /// - Parameter address: from which the phone called; only of this place its URI is believed, else whoever calls with
    ///   its MAC address could say where it is asked.
    func noteCall(of mac: MACAddress, uri: String?, from address: String) {
        let believed = uri.flatMap { ContactMeURI($0, of: address) == nil ? nil : $0 }
        phones.withLock { $0.insert(Phone(uri: believed), for: mac) }
    }

    func noteRequest(to mac: MACAddress?) {
        guard let mac else { return }
        phones.withLock { phones in
            var phone = phones.value(for: mac) ?? Phone()
            phone.unanswered += 1
            phones.insert(phone, for: mac)
        }
    }
}
