public import DeploymentModel
import GRDB

extension Store {
    /// All settings: from the weakest layer to the strongest, then by scope and item.
    public func settings() async throws -> [Setting] {
        try await read { try SettingTable.all($0) }
    }

    /// Sets and unsets parameters in one step: all of them or none.
    ///
    /// What is unset first may be set in the same call.
    ///
    /// Throws `input.not-found` when a device or group that is named does not exist, or when a setting that is to be
    /// unset was not set.
    public func changeSettings(
        set settings: [Setting] = [], unset keys: [(layer: SettingLayer, key: ItemKey)] = []
    ) async throws {
        try await write { database in
            for (layer, key) in keys {
                guard try SettingTable.remove(key, from: layer, database) else {
                    throw Fault(.inputNotFound, subject: key.description, detail: "not set on \(layer)")
                }
            }
            for setting in settings { try SettingTable.save(setting, database) }
        }
    }
}

/// The rows of the setting table.
enum SettingTable {
    static func all(_ database: Database) throws -> [Setting] {
        let settings = try Row.fetchAll(database, sql: "SELECT * FROM setting").map(Setting.init(row:))
        return settings.sorted { left, right in
            let (a, b) = (left.layer, right.layer)
            if a.rank != b.rank { return a.rank < b.rank }
            if case .device(let first) = a, case .device(let second) = b, first != second { return first < second }
            return (a.columns.scope, left.key) < (b.columns.scope, right.key)
        }
    }

    static func save(_ setting: Setting, _ database: Database) throws {
        let (layer, scope) = setting.layer.columns
        try requireScope(of: setting.layer, database)
        let (isSecret, text) =
            switch setting.value {
            case .plain(let text): (false, text)
            case .secret(let reference): (true, reference.description)
            }
        try database.run(
            """
            INSERT INTO setting (layer, scope, item, isSecret, value) VALUES (?, ?, ?, ?, ?)
            ON CONFLICT (layer, scope, item) DO UPDATE SET isSecret = excluded.isSecret, value = excluded.value
            """, [layer, scope, setting.key.description, isSecret, text])
    }

    static func remove(_ key: ItemKey, from layer: SettingLayer, _ database: Database) throws -> Bool {
        let (layer, scope) = layer.columns
        try database.run(
            "DELETE FROM setting WHERE layer = ? AND scope = ? AND item = ?", [layer, scope, key.description])
        return database.changesCount == 1
    }

    private static func requireScope(of layer: SettingLayer, _ database: Database) throws {
        switch layer {
        case .type(let type):
            guard !type.rawValue.isEmpty else {
                throw Fault(.inputValue, subject: "type", detail: "the name is empty")
            }
        case .site: break
        case .device(let id): try DeviceTable.requireExists(id, database)
        case .group(let name):
            guard try database.first("SELECT 1 FROM deviceGroup WHERE name = ?", [name]) != nil else {
                throw Fault(.inputNotFound, subject: name, detail: "no such group")
            }
        }
    }
}

extension SettingLayer {
    var columns: (layer: String, scope: String) {
        switch self {
        case .type(let type): ("type", type.rawValue)
        case .site: ("site", "")
        case .group(let name): ("group", name)
        case .device(let id): ("device", id.rawValue)
        }
    }

    init?(layer: String, scope: String) {
        switch layer {
        case "type": self = .type(PhoneTypeID(scope))
        case "site": self = .site
        case "group": self = .group(scope)
        case "device": self = .device(DeviceID(scope))
        default: return nil
        }
    }
}

extension Setting {
    init(row: Row) throws {
        let scope: String = row["scope"]
        let layer = try row.value("layer") { SettingLayer(layer: $0, scope: scope) }
        let key = try row.value("item") { ItemKey(parsing: $0) }
        let value: SettingValue =
            if row["isSecret"] {
                .secret(try row.value("value") { SecretReference($0) })
            } else {
                .plain(row["value"])
            }
        self.init(layer: layer, key: key, value: value)
    }
}
