public import DeploymentModel
public import PhoneTransport
import Synchronization
public import TLSMaterial
public import VirtualPhone

/// A few phones of one type, in memory or behind real TLS: one test body serves for both by changing one argument.
public final class TestPhones: Sendable {
    /// How the phones are reached.
    public enum Means: String, Sendable, CaseIterable {
        /// Through encoder, decoder and behaviour, without sockets.
        case memory
        /// Through sockets, and TLS where the type has it.
        case live
    }

    public let dialer: any PhoneDialer
    /// Where each phone is to be met.
    public let targets: [PhoneTarget]
    private let memory: InMemoryFleet?
    private let fleet: VirtualFleet?
    private let loops: EventLoops?

    private init(_ memory: InMemoryFleet, targets: [PhoneTarget]) {
        dialer = memory
        self.targets = targets
        self.memory = memory
        fleet = nil
        loops = nil
    }

    private init(_ fleet: VirtualFleet, targets: [PhoneTarget], loops: EventLoops) {
        dialer = DirectDialer(loops: loops)
        self.targets = targets
        memory = nil
        self.fleet = fleet
        self.loops = loops
    }

    /// Makes the phones, hands them to `body` and ends them.
    ///
    /// - Parameters:
    ///   - faults: by position of the phone.
    ///   - addresses: the loopback addresses of live phones; nil for some that no other test of this process has, so that
    ///     the port of a phone that is away stays its own.
    public static func with(
        _ means: Means, count: Int = 1, type: PhoneType = .make(), faults: [Int: [PhoneFault]] = [:],
        restartSeconds: Double = 0.05,
        timeouts: ContactTimeouts = ContactTimeouts(connect: 60, handshake: 60, reply: 60),
        addresses: String? = nil, _ body: (TestPhones) async throws -> Void
    ) async throws {
        let security: PhoneTarget.Security =
            type.access(for: nil).tls ? .tls([try TrustProfile.make(type: type.id)]) : .plain
        if means == .memory {
            let memory = InMemoryFleet(count: count, type: type, faults: faults, restartSeconds: restartSeconds)
            let targets = (1...count).map { number in
                PhoneTarget(address: "192.0.2.\(number)", port: 443, security: security, timeouts: timeouts)
            }
            return try await body(TestPhones(memory, targets: targets))
        }
        let rules = faults.flatMap { position, faults in
            faults.map { FaultPlan.Rule($0, .number(position + 1)) }
        }
        let configuration = FleetConfiguration(
            count: count, types: [.init(type.id)], listenRange: try ListenRange(parsing: addresses ?? ownAddresses()),
            port: 0,
            faults: FaultPlan(rules), restartSeconds: restartSeconds, limits: .patient)
        let fleet = try await VirtualFleet.start(configuration, catalogue: Catalogue(types: [type]))
        let targets = fleet.phones.map { phone in
            PhoneTarget(address: phone.address, port: phone.port, security: security, timeouts: timeouts)
        }
        let loops = EventLoops(threads: 1)
        var failure: (any Error)?
        do { try await body(TestPhones(fleet, targets: targets, loops: loops)) } catch { failure = error }
        await fleet.shutdown()
        try await loops.shutDown()
        if let failure { throw failure }
    }

    private static let fleets = Atomic(0)

    private static func ownAddresses() -> String {
        let number = fleets.add(1, ordering: .relaxed).newValue
        return "127.\(20 + number / 256 % 40).\(number % 256).1-127.\(20 + number / 256 % 40).\(number % 256).254"
    }

    /// A session with a phone.
    public func session(_ position: Int = 0) async throws -> any PhoneSession {
        try await dialer.session(with: targets[position])
    }

    /// A session with a phone that presents a certificate which one of these profiles accepts.
    public func session(_ position: Int = 0, trusting profiles: [TrustProfile]) async throws -> any PhoneSession {
        var target = targets[position]
        target.security = .tls(profiles)
        return try await dialer.session(with: target)
    }

    /// A phone as it is now.
    public func phone(_ position: Int = 0) -> PhoneBehaviour? {
        let address = targets[position].address
        return memory?.phone(address) ?? fleet?.state(of: address)?.behaviour
    }

    /// What happened to a live phone; nil in memory.
    public func counts(_ position: Int = 0) -> PhoneCounts? {
        fleet?.state(of: targets[position].address)?.counts
    }

    /// Lets a restart pass: in memory by moving the clock, live by dialling until the phone answers.
    public func waitForReturn(_ position: Int = 0, trusting profiles: [TrustProfile]? = nil) async throws {
        if let memory { return memory.advance(seconds: memory.restartSeconds) }
        let clock = ContinuousClock()
        let end = clock.now + .seconds(30)
        while clock.now < end {
            let session =
                if let profiles {
                    try? await session(position, trusting: profiles)
                } else {
                    try? await session(position)
                }
            guard let session else { continue }
            return await session.close()
        }
        throw Fault(.phoneDidNotReturn, subject: targets[position].address)
    }
}

extension ConnectionLimits {
    /// What no test on a busy machine runs into.
    public static let patient = ConnectionLimits(request: 300, idle: 300)
}
