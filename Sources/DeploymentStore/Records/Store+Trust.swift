public import DeploymentModel
import GRDB

extension Store {
    /// All trust profiles by name.
    public func trustRecords() async throws -> [TrustRecord] {
        try await read { try TrustTable.records($0) }
    }

    /// All trust bindings: all, type, group, device; within a scope by position.
    public func trustBindings() async throws -> [TrustBinding] {
        try await read { try TrustTable.bindings($0) }
    }

    /// Makes or replaces a trust profile, and adds bindings to it, in one step.
    ///
    /// Throws `input.not-found` when a binding names a profile, device or group that does not exist, `input.value` for
    /// an empty name or an unknown TLS version.
    public func saveTrust(_ record: TrustRecord, binding bindings: [TrustBinding] = []) async throws {
        try await write { database in
            try TrustTable.save(record, database)
            for binding in bindings { try TrustTable.save(binding, database) }
        }
    }

    /// Binds and unbinds profiles in one step; unbinding what is not bound does nothing.
    ///
    /// Throws `input.not-found` when a binding to be made names a profile, device or group that does not exist.
    public func changeTrustBindings(bind added: [TrustBinding] = [], unbind removed: [TrustBinding] = []) async throws {
        try await write { database in
            for binding in removed {
                let (scope, target) = binding.scope.columns
                try database.run(
                    "DELETE FROM trustBinding WHERE scope = ? AND target = ? AND profile = ?",
                    [scope, target, binding.profile])
            }
            for binding in added { try TrustTable.save(binding, database) }
        }
    }

    /// Removes a trust profile with its bindings, and returns these: phones that relied on them are now without.
    ///
    /// Throws `input.not-found` when there is no such profile.
    @discardableResult
    public func removeTrust(_ name: String) async throws -> [TrustBinding] {
        try await write { database in
            let bindings = try TrustTable.bindings(database).filter { $0.profile == name }
            try database.run("DELETE FROM trustProfile WHERE name = ?", [name])
            guard database.changesCount == 1 else {
                throw Fault(.inputNotFound, subject: name, detail: "no such trust profile")
            }
            return bindings
        }
    }
}

/// The rows of the tables of trust.
enum TrustTable {
    static func records(_ database: Database) throws -> [TrustRecord] {
        try Row.fetchAll(database, sql: "SELECT * FROM trustProfile ORDER BY name").map(TrustRecord.init(row:))
    }

    static func bindings(_ database: Database) throws -> [TrustBinding] {
        let rows = try Row.fetchAll(
            database,
            sql: """
                SELECT * FROM trustBinding ORDER BY
                    CASE scope WHEN 'all' THEN 0 WHEN 'type' THEN 1 WHEN 'group' THEN 2 ELSE 3 END,
                    length(target), target, position, profile
                """)
        return try rows.map { row in
            let target: String = row["target"]
            let scope = try row.value("scope") { TrustBinding.Scope(scope: $0, target: target) }
            return TrustBinding(profile: row["profile"], scope: scope, position: row["position"])
        }
    }

    static func save(_ record: TrustRecord, _ database: Database) throws {
        do {
            try database.run(
                """
                INSERT INTO trustProfile
                    (name, subject, anchors, minimumTLS, allowsLegacy, pin, allowsExpiredAnchor)
                VALUES (?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT (name) DO UPDATE SET subject = excluded.subject, anchors = excluded.anchors,
                    minimumTLS = excluded.minimumTLS, allowsLegacy = excluded.allowsLegacy, pin = excluded.pin,
                    allowsExpiredAnchor = excluded.allowsExpiredAnchor
                """,
                [
                    record.name, record.subject, FlatList.encode(record.anchors), record.minimumTLS,
                    record.allowsLegacy, record.pin, record.allowsExpiredAnchor,
                ])
        } catch let error as DatabaseError where error.extendedResultCode == .SQLITE_CONSTRAINT_CHECK {
            throw Fault(.inputValue, subject: record.name, detail: "name, TLS version or pin of the profile is invalid")
        }
    }

    static func save(_ binding: TrustBinding, _ database: Database) throws {
        let (scope, target) = binding.scope.columns
        switch binding.scope {
        case .device(let id): try DeviceTable.requireExists(id, database)
        case .group(let name):
            guard try database.first("SELECT 1 FROM deviceGroup WHERE name = ?", [name]) != nil else {
                throw Fault(.inputNotFound, subject: name, detail: "no such group")
            }
        case .all, .type: break
        }
        guard try database.first("SELECT 1 FROM trustProfile WHERE name = ?", [binding.profile]) != nil else {
            throw Fault(.inputNotFound, subject: binding.profile, detail: "no such trust profile")
        }
        try database.run(
            """
            INSERT INTO trustBinding (scope, target, profile, position) VALUES (?, ?, ?, ?)
            ON CONFLICT (scope, target, profile) DO UPDATE SET position = excluded.position
            """, [scope, target, binding.profile, binding.position])
    }
}

extension TrustBinding.Scope {
    var columns: (scope: String, target: String) {
        switch self {
        case .all: ("all", "")
        case .type(let type): ("type", type.rawValue)
        case .group(let name): ("group", name)
        case .device(let id): ("device", id.rawValue)
        }
    }

    init?(scope: String, target: String) {
        switch scope {
        case "all": self = .all
        case "type": self = .type(PhoneTypeID(target))
        case "group": self = .group(target)
        case "device": self = .device(DeviceID(target))
        default: return nil
        }
    }
}

extension TrustRecord {
    init(row: Row) throws {
        let anchors = try FlatList.decode(row["anchors"], width: 1, column: "anchors").compactMap(\.[0])
        self.init(
            name: row["name"], subject: row["subject"], anchors: anchors, minimumTLS: row["minimumTLS"],
            allowsLegacy: row["allowsLegacy"], pin: row["pin"], allowsExpiredAnchor: row["allowsExpiredAnchor"])
    }
}
