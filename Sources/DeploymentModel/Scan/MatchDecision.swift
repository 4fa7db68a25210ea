/// What one scan result means for the device list.
public enum MatchDecision: Hashable, Sendable {
    /// The phone is on the list: the entry as it is now, and what is different. Nothing different: the list is empty.
    case known(Device, changes: [DeviceChange])
    /// The phone is not on the list yet.
    case new(DeviceFields)
    /// The result contradicts the list or another result. Entries are not overwritten; a person decides.
    case conflict(MatchConflict)
}

/// A contradiction that a person has to resolve.
public struct MatchConflict: Hashable, Sendable {
    /// Code `device.conflict` (who is who) or `plan.number-conflict` (two phones with one terminal number).
    public var fault: Fault
    /// The entries of the list that are concerned, in ascending order; their status becomes `conflict`.
    public var devices: [DeviceID]
    /// The addresses of the scan that are concerned, in the order of the rows.
    public var addresses: [String]
    /// What answered instead of the known phone; nil where several did or nothing new did.
    ///
    /// To accept a replaced phone, give the entry this MAC address and match again.
    public var found: DeviceFields?

    public init(fault: Fault, devices: [DeviceID], addresses: [String], found: DeviceFields? = nil) {
        self.fault = fault
        self.devices = devices
        self.addresses = addresses
        self.found = found
    }
}
