public import DeploymentModel
public import ManagementXML
public import TLSMaterial

/// One conversation with one phone, however it came about.
///
/// Calls are made one after the other. A session that has thrown anything but a fault of the phone's own words
/// (`phone.wrong-password`, `phone.back-off`) is spent: close it and open another.
public protocol PhoneSession: Sendable {
    /// By what the phone proved who it is.
    var evidence: PeerEvidence { get }

    /// Sends one action and returns the whole answer (fragments are joined).
    ///
    /// - Parameter password: the administrator password; nil for actions that need none.
    /// - Throws: ``Fault`` with `net.*`, `http.*`, `xml.*`, `phone.wrong-password` or `phone.back-off`;
    ///   `CancellationError` when the task was cancelled (the session is then spent).
    ///   An answer `failed` or `busy` is no error of the transport: it is returned.
    func perform(_ action: ManagementAction, password: SecretText?) async throws -> ManagementReply

    /// Ends the conversation. May be called more than once and at any time.
    func close() async

    /// The same, and tells the phone why, where the protocol has words for it.
    func close(because reason: String) async
}

extension PhoneSession {
    public func close(because reason: String) async { await close() }
}

/// Where and as whom a phone is to be met.
public struct PhoneTarget: Hashable, Sendable {
    public enum Security: Hashable, Sendable {
        case plain
        /// The profiles in the order in which they are tried; never empty.
        case tls([TrustProfile])
    }

    /// IP address or host name.
    public var address: String
    public var port: Int
    /// Over WPI, `plain` means that nobody authenticates the phone, and `tls` that it has to show a client certificate.
    public var security: Security
    public var timeouts: ContactTimeouts
    public var managementProtocol: ManagementProtocol
    /// By which a phone that calls is known; nil when it is not known.
    public var mac: MACAddress?

    public init(
        address: String, port: Int, security: Security, timeouts: ContactTimeouts = ContactTimeouts(),
        managementProtocol: ManagementProtocol = .direct, mac: MACAddress? = nil
    ) {
        self.address = address
        self.port = port
        self.security = security
        self.timeouts = timeouts
        self.managementProtocol = managementProtocol
        self.mac = mac
    }
}

/// How long a silent peer is borne with, in seconds.
public struct ContactTimeouts: Hashable, Sendable {
    public var connect: Double
    public var handshake: Double
    /// From the request to the whole answer.
    public var reply: Double

    public init(connect: Double = 5, handshake: Double = 5, reply: Double = 10) {
        self.connect = connect
        self.handshake = handshake
        self.reply = reply
    }
}

/// Brings sessions about: by dialling (direct interface) or by knocking and waiting (WPI).
public protocol PhoneDialer: Sendable {
    /// Opens a session with an authenticated phone (or a plain one, if the target says so).
    ///
    /// - Throws: ``Fault`` with `net.*` or `tls.*`; nothing but the handshake was sent when a `tls.*` fault is thrown.
    func session(with target: PhoneTarget) async throws -> any PhoneSession
}

/// What one contact of a scan or a diagnosis saw: connection, handshake, verdict and identification in one go.
public struct ContactReport: Sendable {
    public var address: String
    public var port: Int
    public var tls: Bool
    /// Whether the TCP connection was made.
    public var connected: Bool
    /// The chain presented, leaf first, DER.
    public var chain: [[UInt8]]
    public var evidence: PeerEvidence
    /// Why the phone is not trusted or not reached: `net.*`, `tls.*`, `http.*`, `xml.*`.
    public var fault: Fault?
    /// The phone's answer to `identify`.
    ///
    /// Also asked for when the chain is not trusted: the question holds no secret.
    public var identity: ManagementReply?
    /// Why the peer, once reached, gave no identity: `net.*`, `http.*`, `xml.*`.
    ///
    /// Stands beside ``fault`` when the chain is not trusted either, so that a foreign server can be told from a phone
    /// that is not trusted yet.
    public var answerFault: Fault?
    /// The time by the phone's own clock when it answered, in seconds since 1970; nil when it named none.
    public var phoneTime: Int?

    public init(
        address: String, port: Int, tls: Bool, connected: Bool = false, chain: [[UInt8]] = [],
        evidence: PeerEvidence = PeerEvidence(), fault: Fault? = nil, identity: ManagementReply? = nil,
        answerFault: Fault? = nil
    ) {
        self.address = address
        self.port = port
        self.tls = tls
        self.connected = connected
        self.chain = chain
        self.evidence = evidence
        self.fault = fault
        self.identity = identity
        self.answerFault = answerFault
    }
}

/// Looks at an address without a password: for scans, for learning trust, for diagnosis.
public protocol PhoneProbe: Sendable {
    /// Never throws but for cancellation: everything that was seen is in the report.
    func contact(
        address: String, port: Int, tls: Bool, profiles: [TrustProfile], timeouts: ContactTimeouts
    ) async throws -> ContactReport
}
