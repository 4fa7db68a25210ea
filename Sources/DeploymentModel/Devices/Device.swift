public import struct Foundation.Date

/// Names one entry of the device list, for example `d17`.
///
/// Given by the store, stable for the life of the entry.
public struct DeviceID: RawRepresentable, Hashable, Sendable, Codable, Comparable, CustomStringConvertible {
    public let rawValue: String

    public init(rawValue: String) { self.rawValue = rawValue }
    public init(_ rawValue: String) { self.rawValue = rawValue }

    public var description: String { rawValue }

    /// Shorter before longer, then by text, so that `d9` comes before `d10`.
    public static func < (left: DeviceID, right: DeviceID) -> Bool {
        (left.rawValue.utf8.count, left.rawValue) < (right.rawValue.utf8.count, right.rawValue)
    }
}

/// One phone of the device list: who it is, where it is, what was last seen of it.
public struct Device: Hashable, Sendable, Codable, Identifiable {
    public var id: DeviceID
    public var type: PhoneTypeID?
    /// IP address or host name; nil when only the MAC address is known yet.
    public var address: String?
    /// Port that differs from the catalogue's; nil for the catalogue's.
    public var port: Int?
    public var mac: MACAddress?
    public var number: TerminalNumber?
    public var softwareVersion: SoftwareVersion?
    public var status: DeviceStatus
    /// SHA-256 of the certificate that the phone last presented, lower-case hexadecimal; nil for plain phones or when not seen.
    public var certificateFingerprint: String?
    /// Whether the phone was once authenticated over TLS; from then on it is never again reached in plain.
    public var wasAuthenticated: Bool
    public var lastSeen: Date?
    public var note: String

    public init(
        id: DeviceID, type: PhoneTypeID? = nil, address: String? = nil, port: Int? = nil, mac: MACAddress? = nil,
        number: TerminalNumber? = nil, softwareVersion: SoftwareVersion? = nil, status: DeviceStatus = .new,
        certificateFingerprint: String? = nil, wasAuthenticated: Bool = false, lastSeen: Date? = nil, note: String = ""
    ) {
        self.id = id
        self.type = type
        self.address = address
        self.port = port
        self.mac = mac
        self.number = number
        self.softwareVersion = softwareVersion
        self.status = status
        self.certificateFingerprint = certificateFingerprint
        self.wasAuthenticated = wasAuthenticated
        self.lastSeen = lastSeen
        self.note = note
    }
}

/// What is known of a phone's state, as the device list shows it.
public enum DeviceStatus: String, Hashable, Sendable, Codable, CaseIterable {
    /// On the list, never configured.
    case new
    case verified
    case failed
    case differs
    case waiting
    case notTrusted = "not-trusted"
    case conflict
}

/// A named set of devices.
public struct DeviceGroup: Hashable, Sendable, Codable {
    public var name: String
    public var members: [DeviceID]

    public init(name: String, members: [DeviceID] = []) {
        self.name = name
        self.members = members
    }
}
