public import DeploymentModel
public import Foundation
import TLSMaterial

/// How long a phone is waited for, in seconds.
public struct CallTiming: Hashable, Sendable {
    /// From the wish for a session until the phone must have called; a little more than a minute has room for one
    /// repetition of the contact-me.
    public var deadline: Double
    /// The same when the phone can not be reached by contact-me: it may be starting, and then calls by itself, or poll.
    public var unreachableDeadline: Double

    public init(deadline: Double = 90, unreachableDeadline: Double = 90) {
        self.deadline = deadline
        self.unreachableDeadline = unreachableDeadline
    }
}

/// The time and how to let it pass; tests have their own.
public struct ContactClock: Sendable {
    public var now: @Sendable () -> Date
    /// Waits so many seconds.
    public var sleep: @Sendable (Double) async throws -> Void

    public init(now: @escaping @Sendable () -> Date, sleep: @escaping @Sendable (Double) async throws -> Void) {
        self.now = now
        self.sleep = sleep
    }

    /// The machine's.
    public static let system = ContactClock(now: { Date() }, sleep: { try await Task.sleep(for: .seconds($0)) })
}

/// Brings sessions about by asking phones to call and waiting until they do.
///
/// A phone that calls by itself in the meantime serves the waiter too. Nobody is asked more often than the contact book
/// permits; until the next time a waiter just waits. How often that is, ``ContactRule`` says, and the book may say
/// otherwise (`--contact-gap`, for virtual phones); whatever it says, ten times a second is the most.
public struct WPIDialer: PhoneDialer {
    private let server: WPIServer
    private let contactMe: ContactMe
    private let book: any ContactBook
    private let timing: CallTiming
    private let clock: ContactClock
    private let advertisedAddress: String?
    private let interval: @Sendable (MACAddress) async throws -> Double?

    /// - Parameters:
    ///   - server: takes the calls.
    ///   - book: when which phone was asked last; nil = only this dialler asks.
    ///   - advertisedAddress: the address that phones are told to call; nil = the one by which they are reached.
    ///   - interval: the `dls-contact-interval` of a phone in seconds, nil when it is not known.
    public init(
        server: WPIServer, book: (any ContactBook)? = nil, timing: CallTiming = CallTiming(),
        clock: ContactClock = .system, advertisedAddress: String? = nil,
        interval: @escaping @Sendable (MACAddress) async throws -> Double? = { _ in nil }
    ) {
        self.server = server
        self.book = book ?? MemoryContactBook(now: clock.now)
        self.timing = timing
        self.clock = clock
        self.interval = interval
        self.advertisedAddress = advertisedAddress ?? server.address
        contactMe = ContactMe(loops: server.loops)
    }

    /// Asks the phone to call and waits for it.
    ///
    /// - Throws: ``Fault`` when it does not call in time: `phone.did-not-call` of one that was asked, `phone.asked-recently`
    ///   of one that might not be, `phone.not-asked` of one whose address is not known, `call.another-phone` where another
    ///   one called from its address, or why it could not be asked; `tls.*` when it called but did not prove itself as the
    ///   target demands; what the contact book throws; `CancellationError`.
    public func session(with target: PhoneTarget) async throws -> any PhoneSession {
        let waiter = Waiter(target)
        server.board.waiting.enter(waiter)
        defer { server.board.waiting.leave(waiter) }
        let session = try await waiter.session(before: { try await knock(for: waiter) })
        guard let session else { throw Fault(.phoneDidNotCall, subject: target.address) }
        return session
    }

    /// Asks the phone whenever it may be asked, until the deadline.
    ///
    /// - Throws: always: why there is no session.
    private func knock(for waiter: Waiter) async throws {
        let target = waiter.target
        let start = clock.now()
        var fault: Fault?
        var asked: Date?
        var mayBeAsked: Date?
        while true {
            let phones = server.board.phones
            let phone = phones.phone(target.mac)
            let gap = ContactRule.gap(
                unanswered: phone.unanswered,
                interval: phone.unanswered < 2 ? nil : try await interval(of: target.mac))
            let deadline = start.addingTimeInterval(fault == nil ? timing.deadline : timing.unreachableDeadline)
            let wake: Date
            if !target.hasAddress {
                wake = deadline
            } else if let next = try await book.claimContactMe(at: target.contactPlace, gap: gap) {
                mayBeAsked = next
                wake = min(next, deadline)
            } else if let asked, asked.addingTimeInterval(Self.shortestPause) > clock.now() {
                // The book would let it be asked without a pause.
                wake = asked.addingTimeInterval(Self.shortestPause)
            } else {
                asked = clock.now()
                phones.noteRequest(to: target.mac)
                do throws(Fault) {
                    try await ask(target, uri: phone.uri)
                    fault = nil
                } catch {
                    fault = error
                }
                continue
            }
            let rest = wake.timeIntervalSince(clock.now())
            // The book may go by another clock, which must not make this one spin.
            try await clock.sleep(max(rest, Self.shortestPause))
            guard clock.now() < deadline else {
                throw waiter.refusal ?? fault ?? silence(of: waiter, wasAsked: asked != nil, until: mayBeAsked)
            }
        }
    }

    /// Why there was no call, though nothing is known to stand in its way.
    private func silence(of waiter: Waiter, wasAsked: Bool, until next: Date?) -> Fault {
        let target = waiter.target
        if let remark = waiter.remark { return Fault(.phoneDidNotCall, subject: target.address, detail: remark) }
        guard target.hasAddress else { return Fault(.phoneNotAsked, subject: target.address) }
        guard wasAsked else { return .askedRecently(target.address, until: next, at: clock.now()) }
        guard let stranger = waiter.stranger else { return Fault(.phoneDidNotCall, subject: target.address) }
        return Fault(.callAnotherPhone, subject: target.address, detail: "its MAC address is \(stranger)")
    }

    /// Seconds between two requests and between two looks at the book, whatever the book says.
    private static let shortestPause = 0.1

    private func interval(of mac: MACAddress?) async throws -> Double? {
        guard let mac else { return nil }
        return try await interval(mac)
    }

    private func ask(_ target: PhoneTarget, uri: String?) async throws(Fault) {
        let isSecure = target.security != .plain
        guard let port = isSecure ? server.securePort : server.port else {
            throw Fault(.netLocal, subject: target.address, detail: "there is no listener for phones in secure mode")
        }
        do {
            try await contactMe.ask(
                target.address, port: target.port, uri: uri,
                callBack: ContactMe.CallBack(address: advertisedAddress, port: port), timeouts: target.timeouts)
        } catch let fault as Fault {
            throw fault
        } catch {
            throw Fault(.netClosed, subject: target.address, detail: "cancelled")
        }
    }
}

extension Fault {
    /// Of a phone that was asked so short a while ago that it is not asked again before a moment.
    static func askedRecently(_ address: String, until next: Date?, at now: Date) -> Fault {
        let seconds = next.map { max(1, Int($0.timeIntervalSince(now).rounded(.up))) }
        return Fault(.phoneAskedRecently, subject: address, detail: seconds.map { "it may be asked in \($0) s" })
    }
}

extension PhoneTarget {
    /// Under which the contact book knows the phone.
    var contactPlace: String { mac?.description ?? "\(address):\(port)" }

    /// Whether the phone can be asked at all: of one that only ever called by itself no more than the MAC is known.
    fileprivate var hasAddress: Bool { address != mac?.description }
}
