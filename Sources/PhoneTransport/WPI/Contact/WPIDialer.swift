import DeploymentModel
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
/// permits; until the next time a waiter just waits.
public struct WPIDialer: PhoneDialer {
    private let server: WPIServer
    private let contactMe: ContactMe
    private let book: any ContactBook
    private let timing: CallTiming
    private let clock: ContactClock
    private let advertisedAddress: String?

    /// - Parameters:
    ///   - server: takes the calls.
    ///   - book: when which phone was asked last.
    ///   - advertisedAddress: the address that phones are told to call; nil = the one by which they are reached.
    public init(
        server: WPIServer, book: any ContactBook = MemoryContactBook(), timing: CallTiming = CallTiming(),
        clock: ContactClock = .system, advertisedAddress: String? = nil
    ) {
        self.server = server
        self.book = book
        self.timing = timing
        self.clock = clock
        self.advertisedAddress = advertisedAddress ?? server.address
        contactMe = ContactMe(loops: server.loops)
    }

    /// Asks the phone to call and waits for it.
    ///
    /// - Throws: ``Fault`` `net.silent` when it does not call in time, or why it could not be asked; `tls.*` when it
    ///   called but did not prove itself as the target demands; what the contact book throws; `CancellationError`.
    public func session(with target: PhoneTarget) async throws -> any PhoneSession {
        let waiter = Waiter(target)
        server.board.waiting.enter(waiter)
        defer { server.board.waiting.leave(waiter) }
        let session = try await withThrowingTaskGroup(of: WPISession?.self) { group in
            group.addTask { try await waiter.session() }
            group.addTask {
                try await knock(for: waiter)
                return nil
            }
            defer { group.cancelAll() }
            return try await group.next().flatMap(\.self)
        }
        guard let session else { throw Fault(.netSilent, subject: target.address) }
        try await book.noteAnswer(of: KnockedPhone(mac: session.line.mac, address: target.address))
        return session
    }

    /// Asks the phone whenever it may be asked, until the deadline.
    ///
    /// - Throws: always: why there is no session.
    private func knock(for waiter: Waiter) async throws {
        let target = waiter.target
        let start = clock.now()
        var fault: Fault?
        while true {
            let phone = KnockedPhone(mac: target.mac, address: target.address)
            let deadline = start.addingTimeInterval(fault == nil ? timing.deadline : timing.unreachableDeadline)
            let wake: Date
            switch try await book.claimKnock(phone, at: clock.now()) {
            case .granted(let uri):
                do throws(Fault) {
                    try await ask(target, uri: uri)
                    fault = nil
                } catch {
                    fault = error
                }
                continue
            case .wait(let until): wake = min(until, deadline)
            }
            let rest = wake.timeIntervalSince(clock.now())
            if rest > 0 { try await clock.sleep(rest) }
            guard clock.now() < deadline else {
                throw waiter.refusal ?? fault
                    ?? Fault(.netSilent, subject: target.address, detail: "asked to call, the phone did not")
            }
        }
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
