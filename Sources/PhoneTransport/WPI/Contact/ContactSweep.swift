public import DeploymentModel
import Foundation

/// Asks every address of a range once to call, at a pace; phones among them call when they like, and are noted then.
public struct ContactSweep: Sendable {
    /// How fast it goes.
    public struct Pace: Hashable, Sendable {
        /// Requests under way at one time.
        public var contacts: Int
        /// Addresses a second; nil = as fast as they are answered.
        public var addressesPerSecond: Double?

        public init(contacts: Int = 256, addressesPerSecond: Double? = 500) {
            self.contacts = contacts
            self.addressesPerSecond = addressesPerSecond
        }
    }

    /// What became of one address.
    public enum Outcome: Hashable, Sendable {
        /// It answered as a phone does, and should call.
        case asked
        /// It was asked less than a minute ago.
        case tooEarly
        case failed(Fault)
    }

    private let contactMe: ContactMe
    private let book: any ContactBook
    private let clock: ContactClock

    public init(loops: EventLoops, book: any ContactBook, clock: ContactClock = .system) {
        contactMe = ContactMe(loops: loops)
        self.book = book
        self.clock = clock
    }

    /// Visits the addresses in their order; the results come as they are there.
    ///
    /// - Parameter receive: called from one task, one at a time; must not block.
    /// - Throws: `CancellationError`, or what the contact book throws.
    public func run(
        over addresses: some Sequence<String>, port: Int = ContactMeURI.usualPort, callBack: ContactMe.CallBack,
        pace: Pace = Pace(), timeouts: ContactTimeouts = ContactTimeouts(),
        receive: (String, Outcome) -> Void
    ) async throws {
        let start = clock.now()
        try await withThrowingTaskGroup(of: (String, Outcome).self) { group in
            var begun = 0
            for address in addresses {
                if begun >= max(1, pace.contacts), let (done, outcome) = try await group.next() {
                    receive(done, outcome)
                }
                if let rate = pace.addressesPerSecond, rate > 0 {
                    let early = start.addingTimeInterval(Double(begun) / rate).timeIntervalSince(clock.now())
                    if early > 0.002 { try await clock.sleep(early) }
                }
                try Task.checkCancellation()
                begun += 1
                group.addTask { (address, try await visit(address, port: port, callBack, timeouts)) }
            }
            for try await (done, outcome) in group { receive(done, outcome) }
        }
    }

    private func visit(
        _ address: String, port: Int, _ callBack: ContactMe.CallBack, _ timeouts: ContactTimeouts
    ) async throws -> Outcome {
        let next = try await book.claimContactMe(at: "\(address):\(port)", gap: ContactRule.minimumGap)
        guard next == nil else { return .tooEarly }
        do {
            try await contactMe.ask(address, port: port, callBack: callBack, timeouts: timeouts)
            return .asked
        } catch let fault as Fault {
            return .failed(fault)
        }
    }
}
