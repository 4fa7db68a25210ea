public import struct Foundation.Date

/// Everything that the device list knows of a phone but its ID: what a new entry is made of.
public struct DeviceFields: Hashable, Sendable, Codable {
    public var type: PhoneTypeID?
    public var address: String?
    public var port: Int?
    public var mac: MACAddress?
    public var number: TerminalNumber?
    public var softwareVersion: SoftwareVersion?
    public var status: DeviceStatus
    public var certificateFingerprint: String?
    public var wasAuthenticated: Bool
    public var lastSeen: Date?
    public var note: String

    public init(
        type: PhoneTypeID? = nil, address: String? = nil, port: Int? = nil, mac: MACAddress? = nil,
        number: TerminalNumber? = nil, softwareVersion: SoftwareVersion? = nil, status: DeviceStatus = .new,
        certificateFingerprint: String? = nil, wasAuthenticated: Bool = false, lastSeen: Date? = nil, note: String = ""
    ) {
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

    public init(_ device: Device) {
        self.init(
            type: device.type, address: device.address, port: device.port, mac: device.mac, number: device.number,
            softwareVersion: device.softwareVersion, status: device.status,
            certificateFingerprint: device.certificateFingerprint, wasAuthenticated: device.wasAuthenticated,
            lastSeen: device.lastSeen, note: device.note)
    }

    /// The entry that these fields make under an ID.
    public func device(id: DeviceID) -> Device {
        Device(
            id: id, type: type, address: address, port: port, mac: mac, number: number,
            softwareVersion: softwareVersion, status: status, certificateFingerprint: certificateFingerprint,
            wasAuthenticated: wasAuthenticated, lastSeen: lastSeen, note: note)
    }
}

/// One field of a device that is different from before, in the words that people read.
public struct DeviceChange: Hashable, Sendable, Codable {
    public enum Field: String, Hashable, Sendable, Codable, CaseIterable {
        case type, address, port, mac, number
        case softwareVersion = "software"
        case status
        case certificateFingerprint = "certificate"
        case note, groups, value
    }

    public var field: Field
    /// Which item, where `field` is `value`.
    public var item: ItemKey?
    public var before: String?
    public var after: String?

    public init(_ field: Field, item: ItemKey? = nil, before: String?, after: String?) {
        self.field = field
        self.item = item
        self.before = before
        self.after = after
    }

    /// What differs between two states of one device; `lastSeen` and `wasAuthenticated` do not count.
    public static func changes(from before: DeviceFields, to after: DeviceFields) -> [DeviceChange] {
        let pairs: [(Field, String?, String?)] = [
            (.type, before.type?.rawValue, after.type?.rawValue),
            (.address, before.address, after.address),
            (.port, before.port.map(String.init), after.port.map(String.init)),
            (.mac, before.mac?.description, after.mac?.description),
            (.number, before.number?.rawValue, after.number?.rawValue),
            (.softwareVersion, before.softwareVersion?.text, after.softwareVersion?.text),
            (.status, before.status.rawValue, after.status.rawValue),
            (.certificateFingerprint, before.certificateFingerprint, after.certificateFingerprint),
            (.note, before.note, after.note),
        ]
        return pairs.filter { $0.1 != $0.2 }.map { DeviceChange($0.0, before: $0.1, after: $0.2) }
    }
}
