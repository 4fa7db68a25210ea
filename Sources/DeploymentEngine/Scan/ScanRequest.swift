public import DeploymentModel
public import PhoneTransport
public import TLSMaterial

/// What a scan looks at and how.
public struct ScanRequest: Sendable {
    /// Where a phone may listen.
    public struct Port: Hashable, Sendable {
        /// 1...65535.
        public var number: Int
        public var tls: Bool

        public init(_ number: Int, tls: Bool) {
            self.number = number
            self.tls = tls
        }
    }

    /// Visited in this order; may be far more than fit into memory as rows.
    public var addresses: any Sequence<String> & Sendable
    /// Number of addresses, for the progress.
    public var count: Int
    /// All ports of an address are looked at together; what answers over TLS goes before what answers in plain.
    public var ports: [Port]
    /// Number of passes, at least 1.
    ///
    /// A later pass visits only what was silent or refused.
    public var passes: Int
    public var pace: Pace
    /// The trust profiles that apply to phones of a type; for nil those of all phones whatever their type.
    public var profiles: @Sendable (PhoneTypeID?) -> [TrustProfile]

    /// How fast a scan goes.
    public struct Pace: Hashable, Sendable {
        /// Most addresses per second; nil = as fast as ``contacts`` allows.
        public var addressesPerSecond: Double?
        /// Most contacts under way at one time; each port of an address is one.
        ///
        /// At least 1.
        public var contacts: Int
        public var timeouts: ContactTimeouts

        public init(
            addressesPerSecond: Double? = 5000, contacts: Int = 4000,
            timeouts: ContactTimeouts = ContactTimeouts(connect: 0.8, handshake: 5, reply: 5)
        ) {
            self.addressesPerSecond = addressesPerSecond
            self.contacts = contacts
            self.timeouts = timeouts
        }
    }

    public init(
        addresses: any Sequence<String> & Sendable, count: Int, ports: [Port], passes: Int = 2, pace: Pace = Pace(),
        profiles: @escaping @Sendable (PhoneTypeID?) -> [TrustProfile] = { _ in [] }
    ) {
        self.addresses = addresses
        self.count = count
        self.ports = ports
        self.passes = passes
        self.pace = pace
        self.profiles = profiles
    }

    public init(
        addresses: [String], ports: [Port], passes: Int = 2, pace: Pace = Pace(),
        profiles: @escaping @Sendable (PhoneTypeID?) -> [TrustProfile] = { _ in [] }
    ) {
        self.init(
            addresses: addresses, count: addresses.count, ports: ports, passes: passes, pace: pace, profiles: profiles)
    }

    /// The distinct ports of all types of a catalogue that are met by a protocol, TLS first.
    public static func ports(of catalogue: Catalogue, for protocol: ManagementProtocol = .direct) -> [Port] {
        let types = catalogue.types.filter { $0.managementProtocol == `protocol` }
        let all = Set(types.flatMap(\.access).map { Port($0.port, tls: $0.tls) })
        return all.sorted { ($0.tls ? 0 : 1, $0.number) < ($1.tls ? 0 : 1, $1.number) }
    }
}

/// Something that happened in a scan, for those who watch.
public enum ScanEvent: Sendable {
    case passStarted(pass: Int, addresses: Int)
    /// What is known of an address now; an address that is visited again has another row in a later pass.
    case row(ScanRow, ScanProgress)
    case finished(ScanSummary)
}

/// How far a scan has come.
public struct ScanProgress: Hashable, Sendable {
    public var pass: Int
    public var passes: Int
    /// Addresses visited in this pass, of ``addresses``.
    public var visited: Int
    public var addresses: Int

    public init(pass: Int, passes: Int, visited: Int, addresses: Int) {
        self.pass = pass
        self.passes = passes
        self.visited = visited
        self.addresses = addresses
    }
}

/// What a scan found, in numbers.
public struct ScanSummary: Hashable, Sendable {
    /// Addresses by the last that was seen of them; addresses that were not visited are `waiting`.
    public var totals: [ScanStatus: Int]
    public var passes: Int
    /// Whether the scan was stopped before it was through.
    public var wasStopped: Bool
    /// In seconds.
    public var duration: Double

    public init(totals: [ScanStatus: Int] = [:], passes: Int = 0, wasStopped: Bool = false, duration: Double = 0) {
        self.totals = totals
        self.passes = passes
        self.wasStopped = wasStopped
        self.duration = duration
    }
}
