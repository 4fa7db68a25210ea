public import struct Foundation.Date

/// What a scan found at one address.
public enum ScanStatus: String, Hashable, Sendable, Codable, CaseIterable {
    /// Not visited yet.
    case waiting
    case silent
    case refused
    /// Something answered that is no phone.
    case noPhone = "no-phone"
    case unknownType = "unknown-type"
    case phone
    /// A phone (or something in its place) that could not be authenticated.
    case notTrusted = "not-trusted"
    /// A phone that was asked to call (WPI), took the request, and did not call.
    case noCall = "no-call"

    /// Whether a later pass visits the address again.
    public var isRetried: Bool { self == .waiting || self == .silent || self == .refused }
}

/// One row of a scan: one address.
public struct ScanRow: Hashable, Sendable, Codable {
    public var address: String
    public var port: Int?
    public var status: ScanStatus
    public var type: PhoneTypeID?
    /// The device type that the phone named, also when the catalogue does not know it.
    public var deviceType: String?
    public var mac: MACAddress?
    public var number: TerminalNumber?
    public var softwareVersion: SoftwareVersion?
    /// Whether the phone was reached over TLS.
    public var tls: Bool
    public var evidence: PeerEvidence?
    /// Leaf first, DER, as presented in the handshake; the material for learning trust; empty over plain connections.
    public var chain: [[UInt8]]
    /// Why the address is not a trusted phone.
    public var fault: Fault?
    public var seenAt: Date?

    public init(
        address: String, port: Int? = nil, status: ScanStatus = .waiting, type: PhoneTypeID? = nil,
        deviceType: String? = nil, mac: MACAddress? = nil, number: TerminalNumber? = nil,
        softwareVersion: SoftwareVersion? = nil, tls: Bool = false, evidence: PeerEvidence? = nil,
        chain: [[UInt8]] = [], fault: Fault? = nil, seenAt: Date? = nil
    ) {
        self.address = address
        self.port = port
        self.status = status
        self.type = type
        self.deviceType = deviceType
        self.mac = mac
        self.number = number
        self.softwareVersion = softwareVersion
        self.tls = tls
        self.evidence = evidence
        self.chain = chain
        self.fault = fault
        self.seenAt = seenAt
    }
}
