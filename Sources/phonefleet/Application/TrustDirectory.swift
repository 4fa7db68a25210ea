import DeploymentEngine
import DeploymentModel
import DeploymentStore
import TLSMaterial

/// The trust profiles of the database, parsed, with what they are bound to.
struct TrustDirectory: Sendable {
    let records: [TrustRecord]
    let bindings: [TrustBinding]
    let profiles: [String: TrustProfile]

    /// Built once: it is asked for every phone.
    let resolver: TrustResolver

    /// The devices of the list, where a profile is bound to a device or a group; otherwise none.
    private let known: KnownDevices

    /// Every profile, in the order of the database.
    var all: [TrustProfile] { records.compactMap { profiles[$0.name] } }

    init(records: [TrustRecord], bindings: [TrustBinding], known: KnownDevices = KnownDevices()) throws(Fault) {
        self.records = records
        self.bindings = bindings
        self.known = known
        resolver = TrustResolver(bindings)
        var profiles: [String: TrustProfile] = [:]
        for record in records { profiles[record.name] = try TrustProfile(record) }
        self.profiles = profiles
    }

    static func load(from workspace: Workspace) async throws -> TrustDirectory {
        let bindings = try await workspace.store.trustBindings()
        let goesByType = bindings.allSatisfy { binding in
            switch binding.scope {
            case .all, .type: true
            case .group, .device: false
            }
        }
        var known = KnownDevices()
        if !goesByType {
            let groups = try await workspace.groupsByDevice()
            known = KnownDevices(try await workspace.store.devices(), groups: groups)
        }
        return try TrustDirectory(
            records: try await workspace.store.trustRecords(), bindings: bindings, known: known)
    }

    /// The profiles by which a phone is judged of which only the type is known; their subjects may be patterns.
    func profiles(for type: PhoneTypeID?) -> [TrustProfile] {
        resolver.profiles(for: nil, type: type).compactMap { profiles[$0] }
    }

    /// The profiles of a device of the list, as they are for this device.
    func profiles(for device: Device, groups: [String]) -> [TrustProfile] {
        let names = resolver.profiles(for: device.id, type: device.type, groups: groups)
        let values = PhoneValues(device)
        return names.compactMap { profiles[$0] }.compactMap { try? $0.resolved(for: values) }
    }

    /// The profiles of the known device that a row of a scan is about, where it has others than its type.
    ///
    /// Nil for all other rows: those are judged by the type. Empty where no profile can be used for the device.
    func ownProfiles(for row: ScanRow) -> [TrustProfile]? {
        guard let device = known.device(of: row) else { return nil }
        let groups = known.groups[device.id] ?? []
        let own = resolver.profiles(for: device.id, type: row.type, groups: groups)
        guard own != resolver.profiles(for: nil, type: row.type) else { return nil }
        return profiles(for: device, groups: groups)
    }
}

/// The devices of the list as the rows of a scan find them, by the rules of ``DeviceMatcher``.
struct KnownDevices: Sendable {
    private var byMAC: [MACAddress: Device] = [:]
    private var byAddress: [String: [Device]] = [:]
    private(set) var groups: [DeviceID: [String]] = [:]

    /// None.
    init() {}

    /// - Parameter groups: the groups that each device is in.
    init(_ devices: [Device], groups: [DeviceID: [String]]) {
        self.groups = groups
        for device in devices {
            if let mac = device.mac, byMAC[mac] == nil { byMAC[mac] = device }
            if let address = device.address { byAddress[address.lowercased(), default: []].append(device) }
        }
    }

    /// The device with the row's MAC address; for want of one that at its address, unless their MAC addresses differ.
    func device(of row: ScanRow) -> Device? {
        if let device = row.mac.flatMap({ byMAC[$0] }) { return device }
        let tenants = byAddress[row.address.lowercased()] ?? []
        return tenants.first { $0.mac == nil } ?? (row.mac == nil ? tenants.first : nil)
    }
}

extension Fault {
    /// A certificate file or name that cannot be used, as a fault about what the user gave.
    init(_ error: MaterialError, subject: String) {
        self.init(StatusCode(error.code.rawValue), subject: subject, detail: error.detail)
    }
}
