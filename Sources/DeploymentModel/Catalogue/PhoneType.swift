/// Names a phone type in the catalogue, for example `optipoint-410-standard-hfa`.
public struct PhoneTypeID: RawRepresentable, Hashable, Sendable, Codable, Comparable, CustomStringConvertible {
    public let rawValue: String

    public init(rawValue: String) { self.rawValue = rawValue }
    public init(_ rawValue: String) { self.rawValue = rawValue }

    public var description: String { rawValue }
    public static func < (left: PhoneTypeID, right: PhoneTypeID) -> Bool { left.rawValue < right.rawValue }
}

/// How a phone type is managed: the phone is the server (`direct`), or the phone calls the tool (`wpi`).
public enum ManagementProtocol: String, Sendable, Hashable, Codable, CaseIterable {
    case direct
    case wpi
}

/// How a phone of a type is reached from one software version on: over TLS or plain, and at which port.
public struct ManagementAccess: Hashable, Sendable, Codable {
    /// The first software version for which this holds; nil = from the first version on.
    public var softwareFrom: SoftwareVersion?
    public var tls: Bool
    /// 1...65535.
    public var port: Int

    public init(softwareFrom: SoftwareVersion? = nil, tls: Bool, port: Int) {
        self.softwareFrom = softwareFrom
        self.tls = tls
        self.port = port
    }
}

/// A kind of file that a phone can hold or fetch.
///
/// The list is open: the catalogue names the kinds of each type.
public struct FileKind: RawRepresentable, Hashable, Sendable, Codable, CustomStringConvertible {
    public let rawValue: String

    public init(rawValue: String) { self.rawValue = rawValue }
    public init(_ rawValue: String) { self.rawValue = rawValue }

    public var description: String { rawValue }

    /// Private key and matching certificate chain of the phone's TLS server.
    public static let serverKeyMaterial = FileKind("server-key-material")
    /// The certificates by which the phone's telephony client authenticates its server.
    public static let clientTrustedCertificates = FileKind("client-trusted-certificates")
    public static let application = FileKind("application")
}

/// One phone type of the catalogue: how it is reached, what can be set on it, which files it takes.
public struct PhoneType: Hashable, Sendable {
    public var id: PhoneTypeID
    /// The name as people know it, for example `optiPoint 410 standard HFA`.
    public var name: String
    /// What the phone itself answers as its device type (item `device-type`).
    public var deviceType: String
    /// What else phones of this type answer, for example that of the sister model with a faster network socket.
    public var alsoAnswers: [String]
    /// What the phone answers as its software type, where one device type runs different software; else nil.
    public var softwareType: String?
    public var family: String
    public var managementProtocol: ManagementProtocol
    /// In ascending order of `softwareFrom`; never empty; the first one has none.
    public var access: [ManagementAccess]
    /// Known software versions, oldest first; the last one is what a virtual phone has unless told otherwise.
    public var softwareVersions: [SoftwareVersion]
    /// The first software of a phone of this type that can do a thing; what is not named here it could always do.
    public var capabilitiesFrom: [PhoneCapability: SoftwareVersion]
    public var tabs: [ParameterTab] {
        didSet { index = ParameterIndex(tabs) }
    }
    public var fileKinds: [FileKind]
    public var limits: Limits
    public var durations: Durations
    /// How sure the type's own facts (name, access) are.
    public var provenance: Provenance
    /// Follows ``tabs``.
    private(set) var index: ParameterIndex

    /// What a phone of the type can take.
    public struct Limits: Hashable, Sendable, Codable {
        /// Most items in one message.
        public var items: Int
        /// Largest file in bytes.
        public var fileBytes: Int
        public init(items: Int, fileBytes: Int) {
            self.items = items
            self.fileBytes = fileBytes
        }
    }

    /// Usual durations in seconds, the first guess for an estimate before anything was measured.
    public struct Durations: Hashable, Sendable, Codable {
        public var transfer: Double
        public var restart: Double
        public init(transfer: Double, restart: Double) {
            self.transfer = transfer
            self.restart = restart
        }
    }

    public init(
        id: PhoneTypeID, name: String, deviceType: String, family: String, managementProtocol: ManagementProtocol,
        access: [ManagementAccess], softwareVersions: [SoftwareVersion], tabs: [ParameterTab], fileKinds: [FileKind],
        limits: Limits, durations: Durations, provenance: Provenance, alsoAnswers: [String] = [],
        softwareType: String? = nil, capabilitiesFrom: [PhoneCapability: SoftwareVersion] = [:]
    ) {
        self.id = id
        self.name = name
        self.deviceType = deviceType
        self.alsoAnswers = alsoAnswers
        self.softwareType = softwareType
        self.family = family
        self.managementProtocol = managementProtocol
        self.access = access
        self.softwareVersions = softwareVersions
        self.capabilitiesFrom = capabilitiesFrom
        self.tabs = tabs
        self.fileKinds = fileKinds
        self.limits = limits
        self.durations = durations
        self.provenance = provenance
        index = ParameterIndex(tabs)
    }
}

/// Something that phones of old software cannot do.
public enum PhoneCapability: String, Hashable, Sendable, Codable, CaseIterable {
    /// Decodes `&lt;`, `&gt;` and `&amp;` in values, so that values may hold these characters.
    case escapedValues = "escaped-values"
    /// Takes answers in chunked transfer encoding.
    case chunkedBodies = "chunked-bodies"
    /// Calls again after a call when the server ended a conversation with `send-solicited`.
    case sendSolicited = "send-solicited"
    /// Names what was changed at the phone in the message that says so.
    case changedValues = "changed-values"
}

extension PhoneType {
    /// Whether a phone with this software can do it; an unknown version is treated as the newest.
    public func can(_ capability: PhoneCapability, software: SoftwareVersion?) -> Bool {
        guard let software, let from = capabilitiesFrom[capability] else { return true }
        return software >= from
    }

    /// How a phone with this software is reached.
    ///
    /// An unknown version is treated as the newest, so that a phone is never taken for a plain one by lack of knowledge.
    public func access(for software: SoftwareVersion?) -> ManagementAccess {
        let known = access.last { entry in
            guard let from = entry.softwareFrom, let software else { return true }
            return software >= from
        }
        return known ?? ManagementAccess(tls: true, port: 443)
    }
}
