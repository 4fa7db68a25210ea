public import DeploymentModel
import GRDB

extension Store {
    /// All groups by name, each with its members in the order of their ids.
    public func groups() async throws -> [DeviceGroup] {
        try await read { try GroupTable.all($0) }
    }

    /// Makes a group, or gives a known one these members in place of its former ones.
    ///
    /// Throws `input.not-found` when a member is not on the device list, `input.value` for an empty name.
    public func saveGroup(_ group: DeviceGroup) async throws {
        try await write { try GroupTable.save(group, $0) }
    }

    /// Removes a group (not its devices), and with it the settings and trust bindings of the group.
    ///
    /// Throws `input.not-found` when there is none of this name.
    @discardableResult
    public func removeGroup(_ name: String) async throws -> Removal {
        try await write { database in
            try database.run("DELETE FROM deviceGroup WHERE name = ?", [name])
            guard database.changesCount == 1 else {
                throw Fault(.inputNotFound, subject: name, detail: "no such group")
            }
            var removal = Removal()
            try removal.remove(.group(name), database)
            return removal
        }
    }

    /// The names of the groups to which a device belongs, sorted.
    public func groups(of device: DeviceID) async throws -> [String] {
        try await read { database in
            try String.fetchAll(
                database,
                sql: """
                    SELECT name FROM groupMember JOIN deviceGroup ON deviceGroup.id = groupID
                    WHERE deviceID = ? ORDER BY name
                    """, arguments: [device.number])
        }
    }
}

/// The rows of the tables of groups.
enum GroupTable {
    static func all(_ database: Database) throws -> [DeviceGroup] {
        let rows = try Row.fetchAll(
            database,
            sql: """
                SELECT name, deviceID FROM deviceGroup LEFT JOIN groupMember ON groupID = deviceGroup.id
                ORDER BY name, deviceID
                """)
        var groups: [DeviceGroup] = []
        for row in rows {
            let name: String = row["name"]
            if groups.last?.name != name { groups.append(DeviceGroup(name: name)) }
            if let number = row["deviceID"] as Int64? {
                groups[groups.count - 1].members.append(DeviceID(number: number))
            }
        }
        return groups
    }

    static func save(_ group: DeviceGroup, _ database: Database) throws {
        guard !group.name.isEmpty else { throw Fault(.inputValue, subject: "group", detail: "the name is empty") }
        try database.run("INSERT INTO deviceGroup (name) VALUES (?) ON CONFLICT DO NOTHING", [group.name])
        let id = try database.first("SELECT id FROM deviceGroup WHERE name = ?", [group.name])?["id"] as Int64?
        try database.run("DELETE FROM groupMember WHERE groupID = ?", [id])
        for member in Set(group.members) {
            try DeviceTable.requireExists(member, database)
            try database.run("INSERT INTO groupMember (groupID, deviceID) VALUES (?, ?)", [id, member.number])
        }
    }
}
