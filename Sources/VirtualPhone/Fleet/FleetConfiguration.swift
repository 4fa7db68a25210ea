public import DeploymentModel
public import TLSMaterial

/// What a fleet of virtual phones is to be.
public struct FleetConfiguration: Sendable {
    /// How the phones are reached.
    public enum Layout: String, Hashable, Sendable, CaseIterable {
        /// Own listeners for up to a thousand phones, else one for each port.
        case automatic
        /// Each phone listens on its own address: a phone that is away is refused as a real one would be.
        case ownListeners = "own"
        /// One listener on every address of the machine for each port; the local address of a connection tells which
        /// phone is meant. A phone that is away resets connections.
        case oneListener = "one"
    }

    public var count: Int
    /// Which types, and how many of one for how many of another; empty = every type with the direct interface alike.
    public var types: [Share]
    public var listenRange: ListenRange
    /// nil = the port of each type; 0 = any free one.
    public var port: Int?
    public var layout: Layout
    public var keyType: CertificateIssuer.KeyType
    /// Decides which phones have which fault.
    public var seed: UInt64
    public var faults: FaultPlan
    /// Where the phones keep their state; nil = in memory only.
    public var stateDirectory: String?
    /// How long a restart takes.
    public var restartSeconds: Double
    /// The administrator password that the phones leave the factory with.
    public var password: String
    /// The MAC address of the first phone; the others follow by one.
    public var firstMAC: MACAddress
    public var limits: ConnectionLimits
    /// At which servers the phones register, if their items tell them to.
    public var telephony: TelephonyScope
    /// How the phones that call by themselves go about it.
    public var wpi: WPIOptions

    /// A phone type with its weight and, if wanted, its software.
    public struct Share: Hashable, Sendable {
        public var type: PhoneTypeID
        /// At least 1.
        public var weight: Int
        /// nil = the newest that the catalogue knows.
        public var software: SoftwareVersion?

        public init(_ type: PhoneTypeID, weight: Int = 1, software: SoftwareVersion? = nil) {
            self.type = type
            self.weight = weight
            self.software = software
        }
    }

    public init(
        count: Int, types: [Share] = [], listenRange: ListenRange = .loopback, port: Int? = nil,
        layout: Layout = .automatic, keyType: CertificateIssuer.KeyType = .p256, seed: UInt64 = 1,
        faults: FaultPlan = FaultPlan(), stateDirectory: String? = nil, restartSeconds: Double = 3,
        password: String = PhoneBehaviour.usualPassword, firstMAC: MACAddress = MACAddress(value: 0x0001_E310_0001),
        limits: ConnectionLimits = ConnectionLimits(), telephony: TelephonyScope = .loopback,
        wpi: WPIOptions = WPIOptions()
    ) {
        self.count = count
        self.types = types
        self.listenRange = listenRange
        self.port = port
        self.layout = layout
        self.keyType = keyType
        self.seed = seed
        self.faults = faults
        self.stateDirectory = stateDirectory
        self.restartSeconds = restartSeconds
        self.password = password
        self.firstMAC = firstMAC
        self.limits = limits
        self.telephony = telephony
        self.wpi = wpi
    }
}

extension FleetConfiguration {
    private static let mostOwnListeners = 1000

    var hasOwnListeners: Bool {
        switch layout {
        case .automatic: count <= Self.mostOwnListeners
        case .ownListeners: true
        case .oneListener: false
        }
    }

    /// The model of each phone.
    ///
    /// The shares follow one another evenly: of two types with weights 2 and 1 come A B A, A B A.
    func models(_ catalogue: Catalogue) throws(Fault) -> [PhoneModel] {
        guard count > 0 else { throw Fault(.inputValue, subject: "\(count)", detail: "at least one phone is needed") }
        guard count <= listenRange.count else {
            throw Fault(
                .inputRange, subject: listenRange.description,
                detail: "has \(listenRange.count) addresses for \(count) phones")
        }
        let shares = types.isEmpty ? Self.everyType(catalogue) : types
        guard !shares.isEmpty else { throw Fault(.inputCatalogue, detail: "no type with the direct interface") }
        var models: [PhoneModel] = []
        for share in shares { models.append(try Self.model(share, catalogue)) }
        var credits = Array(repeating: 0, count: shares.count)
        let total = shares.reduce(0) { $0 + max(1, $1.weight) }
        return (0..<count).map { _ in
            for position in credits.indices { credits[position] += max(1, shares[position].weight) }
            let richest = credits.indices.max { credits[$0] < credits[$1] || (credits[$0] == credits[$1] && $0 > $1) }
            credits[richest ?? 0] -= total
            return models[richest ?? 0]
        }
    }

    private static func everyType(_ catalogue: Catalogue) -> [Share] {
        catalogue.types.filter { $0.managementProtocol == .direct }.map { Share($0.id) }
    }

    private static func model(_ share: Share, _ catalogue: Catalogue) throws(Fault) -> PhoneModel {
        guard let type = catalogue[share.type] else {
            throw Fault(.inputNotFound, subject: share.type.rawValue, detail: "no such phone type")
        }
        return PhoneModel(type: type, software: share.software)
    }
}
