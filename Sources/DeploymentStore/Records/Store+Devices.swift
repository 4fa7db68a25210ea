public import DeploymentModel
import Foundation
import GRDB

/// What went with something that was removed.
public struct Removal: Hashable, Sendable {
    /// Settings of the layer that is gone.
    public var settings: Int
    /// Trust bindings that named what is gone.
    public var bindings: Int

    public init(settings: Int = 0, bindings: Int = 0) {
        self.settings = settings
        self.bindings = bindings
    }
}

extension Store {
    /// The devices with the given ids, or all of them, in the order of their ids.
    ///
    /// Ids that are not on the list are left out.
    public func devices(_ ids: [DeviceID]? = nil) async throws -> [Device] {
        try await read { database in
            guard let ids else { return try DeviceTable.all(database) }
            return try Set(ids).sorted().compactMap { try DeviceTable.find($0, database) }
        }
    }

    /// The device with an id; throws `input.not-found`.
    public func device(_ id: DeviceID) async throws -> Device {
        try await read { try DeviceTable.required(id, $0) }
    }

    public func deviceCount() async throws -> Int {
        try await read { try Int.fetchOne($0, sql: "SELECT count(*) FROM device") ?? 0 }
    }

    /// Adds and changes devices in one step: all of them or none.
    ///
    /// - Parameters:
    ///   - added: new devices; their ids are not looked at, the store gives new ones that were never used before.
    ///   - updated: known devices with their new values. They may exchange numbers and addresses among themselves.
    ///     A device that becomes another phone (another MAC address) loses its memory of accepted secrets, its stored password and
    ///     the key material that was made for it,
    ///     and what is known of its calls.
    /// - Returns: the added devices with their ids, in the order in which they were given.
    /// - Throws: `input.not-found` for an unknown id; `input.duplicate` when a MAC address or number would occur twice,
    ///   naming the device that has it.
    @discardableResult
    public func saveDevices(adding added: [Device] = [], updating updated: [Device] = []) async throws -> [Device] {
        try await write { database in
            try DeviceTable.update(updated, database)
            return try added.map { try DeviceTable.insert($0, database) }
        }
    }

    /// Removes devices, and with them their memberships, own settings, trust bindings and stored passwords.
    ///
    /// Their results in runs stay. Throws `input.not-found` for an unknown id and `device.leased` when a living run
    /// works on one of them.
    @discardableResult
    public func removeDevices(_ ids: [DeviceID]) async throws -> Removal {
        let moment = now()
        return try await write { database in
            var removal = Removal()
            for id in ids {
                try DeviceTable.requireExists(id, database)
                try LeaseTable.requireFree(id, besides: nil, at: moment, database)
                try database.run("DELETE FROM device WHERE id = ?", [id.number])
                try SecretTable.forget(id, database)
                try removal.remove(.device(id), database)
            }
            return removal
        }
    }
}

extension Removal {
    /// Removes the settings and trust bindings of one scope and counts them; its stored password goes too.
    mutating func remove(_ gone: SettingLayer, _ database: Database) throws {
        let (layer, scope) = gone.columns
        try SecretTable.remove(StoredPassword.name(for: gone), database)
        try database.run("DELETE FROM setting WHERE layer = ? AND scope = ?", [layer, scope])
        settings += database.changesCount
        try database.run("DELETE FROM trustBinding WHERE scope = ? AND target = ?", [layer, scope])
        bindings += database.changesCount
    }
}

/// The rows of the device table.
enum DeviceTable {
    static func all(_ database: Database) throws -> [Device] {
        try Row.fetchAll(database.cachedStatement(sql: "SELECT * FROM device ORDER BY id")).map(Device.init(row:))
    }

    static func find(_ id: DeviceID, _ database: Database) throws -> Device? {
        guard let number = id.number else { return nil }
        return try database.first("SELECT * FROM device WHERE id = ?", [number]).map(Device.init(row:))
    }

    static func requireExists(_ id: DeviceID, _ database: Database) throws {
        let row = try id.number.flatMap { try database.first("SELECT 1 FROM device WHERE id = ?", [$0]) }
        guard row != nil else { throw missing(id) }
    }

    private static func missing(_ id: DeviceID) -> Fault {
        Fault(.inputNotFound, subject: id.rawValue, detail: "no such device")
    }

    static func required(_ id: DeviceID, _ database: Database) throws -> Device {
        guard let device = try find(id, database) else { throw missing(id) }
        return device
    }

    /// Adds a device under a new id, or under the given one.
    static func insert(_ device: Device, as number: Int64? = nil, _ database: Database) throws -> Device {
        try refusingDuplicates(of: device, database) {
            try database.run(
                """
                INSERT INTO device (id, type, address, port, mac, number, softwareVersion, status,
                    certificateFingerprint, wasAuthenticated, lastSeen, note)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """, StatementArguments([number] + device.columns))
        }
        var added = device
        added.id = DeviceID(number: database.lastInsertedRowID)
        return added
    }

    static func update(_ devices: [Device], _ database: Database) throws {
        for device in devices {
            let known = try required(device.id, database)
            if known.mac != nil, known.mac != device.mac {
                try SecretTable.forget(device.id, database)
                try MaterialTable.forget(device.id, database)
                try CallTable.forget(device.id, database)
            }
            // Freed first, so that two devices can exchange their numbers.
            try database.run("UPDATE device SET mac = NULL, number = NULL WHERE id = ?", [device.id.number])
        }
        for device in devices {
            try refusingDuplicates(of: device, database) {
                try database.run(
                    """
                    UPDATE device SET type = ?, address = ?, port = ?, mac = ?, number = ?, softwareVersion = ?,
                        status = ?, certificateFingerprint = ?, wasAuthenticated = ?, lastSeen = ?, note = ?
                    WHERE id = ?
                    """, StatementArguments(device.columns + [device.id.number]))
            }
        }
    }

    private static func refusingDuplicates(of device: Device, _ database: Database, _ work: () throws -> Void) throws {
        do {
            try work()
        } catch let error as DatabaseError where error.extendedResultCode == .SQLITE_CONSTRAINT_UNIQUE {
            throw try duplicate(of: device, database) ?? error
        } catch let error as DatabaseError where error.resultCode == .SQLITE_CONSTRAINT {
            throw Fault(
                .inputValue, subject: device.address ?? device.id.rawValue, detail: "address or port is invalid")
        }
    }

    private static func duplicate(of device: Device, _ database: Database) throws -> Fault? {
        let texts = [("mac", device.mac?.description), ("number", device.number?.rawValue)]
        for case (let column, let text?) in texts {
            let other = try database.first("SELECT * FROM device WHERE \(column) = ?", [text])
            guard let other = try other.map(Device.init(row:)) else { continue }
            let place = other.address.map { " (\($0))" } ?? ""
            return Fault(.inputDuplicate, subject: text, detail: "belongs to \(other.id)\(place) already")
        }
        return nil
    }
}

extension Device {
    init(row: Row) throws {
        self.init(
            id: DeviceID(number: row["id"]), type: (row["type"] as String?).map { PhoneTypeID($0) },
            address: row["address"], port: row["port"], mac: try row.optional("mac") { MACAddress($0) },
            number: try row.optional("number", TerminalNumber.init(rawValue:)),
            softwareVersion: (row["softwareVersion"] as String?).map(SoftwareVersion.init),
            status: try row.value("status", DeviceStatus.init(rawValue:)),
            certificateFingerprint: row["certificateFingerprint"], wasAuthenticated: row["wasAuthenticated"],
            lastSeen: row.date("lastSeen"), note: row["note"])
    }

    /// The values of all columns but the id, in the order of the table.
    var columns: [(any DatabaseValueConvertible)?] {
        [
            type?.rawValue, address, port, mac?.description, number?.rawValue, softwareVersion?.text, status.rawValue,
            certificateFingerprint, wasAuthenticated, lastSeen?.microseconds, note,
        ]
    }
}
