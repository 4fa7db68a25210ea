public import DeploymentModel
public import ManagementXML
public import TLSMaterial

/// Where and how the server end of WPI listens.
public struct WPIServerConfiguration: Sendable {
    /// IP address; `0.0.0.0` and `::` stand for all of the machine.
    public var address: String
    /// Where phones in default mode call; 0 = any free port, nil = nowhere.
    public var port: Int?
    /// Where phones in secure mode call; nil = there is no such listener.
    public var securePort: Int?
    /// Where phones poll over plain HTTP whether something waits for them (DCMP); nil = nowhere.
    public var pollPort: Int?
    /// What the server presents on both ports.
    public var material: KeyMaterial
    public var minimumTLS: TrustProfile.MinimumTLS
    /// Takes 3DES and SHA-1 in the handshake too; for old firmware.
    public var allowsLegacy: Bool
    /// The trust profiles of one phone, resolved for it, by which its client certificate is judged; with none of them
    /// the phone is not served on the secure port.
    public var profiles: @Sendable (MACAddress) async throws -> [TrustProfile]
    public var limits: WPILimits

    public init(
        address: String = "0.0.0.0", port: Int? = WPI.port, securePort: Int? = nil, pollPort: Int? = nil,
        material: KeyMaterial, minimumTLS: TrustProfile.MinimumTLS = .v1_2, allowsLegacy: Bool = false,
        limits: WPILimits = WPILimits(),
        profiles: @escaping @Sendable (MACAddress) async throws -> [TrustProfile] = { _ in [] }
    ) {
        self.address = address
        self.port = port
        self.securePort = securePort
        self.pollPort = pollPort
        self.material = material
        self.minimumTLS = minimumTLS
        self.allowsLegacy = allowsLegacy
        self.limits = limits
        self.profiles = profiles
    }
}

/// What the server bears from phones, and from everything that is none.
///
/// Times are in seconds.
public struct WPILimits: Hashable, Sendable {
    /// Connections at one time; beyond it the longest silent one makes room, or the new one is dropped.
    public var connections = 16_000
    /// Conversations that are served at one time.
    public var sessions = 4_096
    /// Calls that wait until one of these has ended; beyond it they hear `overload`.
    ///
    /// Together they are fewer than the connections, so that those who are too many are told so.
    public var queue = 8_192
    /// Bytes of one message.
    public var messageBytes = 1 << 20
    /// Bytes of unfinished requests of all connections together.
    public var heldBytes = 256 << 20
    /// Parts of one answer, and bytes of all parts.
    public var fragments = 64
    public var joinedBytes = 8 << 20

    public var handshake = 15.0
    /// From the handshake to the first request.
    public var firstRequest = 15.0
    /// From the first byte of a request to its last.
    public var request = 15.0
    /// From an answer to the next request, within a conversation.
    public var idle = 45.0
    /// The same after the conversation has come to its end.
    public var linger = 10.0
    /// How long a call waits for its turn.
    public var queueing = 30.0
    /// How long a phone is kept waiting for an answer.
    public var thinking = 60.0
    /// How long the phone may take for its reply; a dialler sets its own.
    public var reply = 30.0
    /// After an order to fetch or delete files, how long a refusal is waited for before the order counts as taken.
    public var refusal = 2.0
    /// The longest conversation.
    public var conversation = 900.0

    public init() {}
}
