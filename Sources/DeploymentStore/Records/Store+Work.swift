public import DeploymentModel
import Foundation
import GRDB

/// What becomes of the work that is in the database when other work is loaded.
public enum LoadMode: String, Hashable, Sendable, CaseIterable {
    /// What is loaded is added; what both have takes the loaded values; nothing is removed.
    case merge
    /// Afterwards the database has the loaded work and no other. Sealed secrets, scans and runs stay.
    case replace
}

/// What loading did to the device list.
public struct LoadSummary: Hashable, Sendable {
    public var added: Int
    public var updated: Int
    public var removed: Int

    public init(added: Int = 0, updated: Int = 0, removed: Int = 0) {
        self.added = added
        self.updated = updated
        self.removed = removed
    }
}

extension Store {
    /// Everything that a deployment file carries, from one consistent state.
    public func work() async throws -> DeploymentDocument {
        try await read { database in
            DeploymentDocument(
                devices: try DeviceTable.all(database), groups: try GroupTable.all(database),
                settings: try SettingTable.all(database), profiles: try TrustTable.records(database),
                bindings: try TrustTable.bindings(database))
        }
    }

    /// Takes over work in one step: all of it or nothing.
    ///
    /// A loaded device is the one on the list with its MAC address; without one, with its number; without that too,
    /// with its address. It keeps its id and, where the loaded one is silent, what was seen of it; that it was once
    /// authenticated is never forgotten. Other devices are new: they get the id that they bring when it was never given
    /// here, else a new one. Groups, settings and bindings follow their devices to the ids that these have here.
    ///
    /// Throws `input.duplicate` when a MAC address or number would occur twice, `input.not-found` when a group, setting
    /// or binding names a device, group or profile that does not exist, and `device.leased` when a device that would be
    /// removed is at work in a living run.
    @discardableResult
    public func load(_ work: DeploymentDocument, _ mode: LoadMode) async throws -> LoadSummary {
        let moment = now()
        return try await write { database in
            var loading = WorkLoading(moment: moment)
            return try loading.load(work, mode, database)
        }
    }
}

/// One loading of work: which loaded device is which device here.
private struct WorkLoading {
    let moment: Date
    var ids: [DeviceID: DeviceID] = [:]
    var summary = LoadSummary()

    init(moment: Date) {
        self.moment = moment
    }

    mutating func load(_ work: DeploymentDocument, _ mode: LoadMode, _ database: Database) throws -> LoadSummary {
        if mode == .replace {
            for table in ["deviceGroup", "setting", "trustBinding", "trustProfile"] {
                try database.run("DELETE FROM \(table)")
            }
        }
        let known = try KnownDevices(DeviceTable.all(database))
        let matches = work.devices.map { ($0, known.match($0)) }
        try refuseTwins(matches)
        if mode == .replace {
            try remove(known.all.keys.filter { id in !matches.contains { $0.1?.id == id } }, database)
        }
        try save(matches, database)
        for group in work.groups {
            try GroupTable.save(DeviceGroup(name: group.name, members: group.members.map(local)), database)
        }
        for record in work.profiles { try TrustTable.save(record, database) }
        for setting in work.settings { try SettingTable.save(moved(setting), database) }
        for binding in work.bindings { try TrustTable.save(moved(binding), database) }
        return summary
    }

    /// Two loaded devices that are the same device here contradict each other.
    private func refuseTwins(_ matches: [(Device, Device?)]) throws {
        var seen: Set<DeviceID> = []
        for case (let loaded, let known?) in matches where !seen.insert(known.id).inserted {
            throw Fault(
                .inputDuplicate, subject: loaded.address ?? loaded.id.rawValue, detail: "\(known.id) is loaded twice")
        }
    }

    private mutating func remove(_ devices: [DeviceID], _ database: Database) throws {
        for id in devices {
            try LeaseTable.requireFree(id, besides: nil, at: moment, database)
            try database.run("DELETE FROM device WHERE id = ?", [id.number])
            try SecretTable.forget(id, database)
            summary.removed += 1
        }
    }

    private mutating func save(_ matches: [(Device, Device?)], _ database: Database) throws {
        var updates: [Device] = []
        for case (let loaded, let known?) in matches {
            ids[loaded.id] = known.id
            updates.append(loaded.joined(to: known))
        }
        try DeviceTable.update(updates, database)
        summary.updated = updates.count
        let highest = try database.first("SELECT seq FROM sqlite_sequence WHERE name = ?", ["device"])?["seq"] as Int64?
        for (loaded, known) in matches where known == nil {
            let wish = loaded.id.number.flatMap { $0 > highest ?? 0 && ids[loaded.id] == nil ? $0 : nil }
            ids[loaded.id] = try DeviceTable.insert(loaded, as: wish, database).id
            summary.added += 1
        }
    }

    private func local(_ id: DeviceID) -> DeviceID { ids[id] ?? id }

    private func moved(_ setting: Setting) -> Setting {
        guard case .device(let id) = setting.layer else { return setting }
        return Setting(layer: .device(local(id)), key: setting.key, value: setting.value)
    }

    private func moved(_ binding: TrustBinding) -> TrustBinding {
        guard case .device(let id) = binding.scope else { return binding }
        return TrustBinding(profile: binding.profile, scope: .device(local(id)), position: binding.position)
    }
}

/// The device list by everything by which a device is known again.
private struct KnownDevices {
    let all: [DeviceID: Device]
    private var byMAC: [MACAddress: Device] = [:]
    private var byNumber: [TerminalNumber: Device] = [:]
    private var byAddress: [String: Device] = [:]

    init(_ devices: [Device]) {
        all = Dictionary(devices.map { ($0.id, $0) }, uniquingKeysWith: { $1 })
        for device in devices {
            if let mac = device.mac { byMAC[mac] = device }
            if let number = device.number { byNumber[number] = device }
            if let address = device.address { byAddress[address] = device }
        }
    }

    func match(_ device: Device) -> Device? {
        if let mac = device.mac { return byMAC[mac] }
        if let number = device.number { return byNumber[number] }
        return device.address.flatMap { byAddress[$0] }
    }
}

extension Device {
    /// The loaded device as the known one: its id, and what was seen of it where this one is silent.
    fileprivate func joined(to known: Device) -> Device {
        var device = self
        device.id = known.id
        device.mac = mac ?? known.mac
        device.softwareVersion = softwareVersion ?? known.softwareVersion
        device.status = status == .new ? known.status : status
        device.certificateFingerprint = certificateFingerprint ?? known.certificateFingerprint
        device.wasAuthenticated = wasAuthenticated || known.wasAuthenticated
        device.lastSeen = lastSeen ?? known.lastSeen
        return device
    }
}
