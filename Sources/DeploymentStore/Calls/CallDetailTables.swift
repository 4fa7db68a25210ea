import DeploymentModel
import Foundation
import GRDB

/// The rows of what was changed at phones.
enum LocalChangeTable {
    /// Keeps changes as far as there is room for them among those of the phone; the oldest go first.
    ///
    /// - Returns: why not all are kept, or not those that were.
    static func add(
        _ changes: [LocalChange], of device: DeviceID, _ bounds: CallBounds, _ database: Database
    ) throws -> Fault? {
        guard !changes.isEmpty else { return nil }
        let kept = changes.prefix(within: bounds.localChanges)
        for change in kept {
            try database.run(
                """
                INSERT INTO localChange (device, item, value, at) VALUES (?, ?, ?, ?)
                ON CONFLICT (device, item) DO UPDATE SET value = excluded.value, at = excluded.at
                """, [device.number, change.key.description, change.value, change.at.microseconds])
        }
        let isTrimmed = try trim(device, bounds, database)
        return isTrimmed || kept.count < changes.count ? .moreThanAPhoneHas : nil
    }

    /// Whether something had to go.
    private static func trim(_ device: DeviceID, _ bounds: CallBounds, _ database: Database) throws -> Bool {
        let size: Int? = try database.first(
            "SELECT localChange FROM callSize WHERE device = ?", [device.number])?["localChange"]
        guard let size, size > bounds.localChanges else { return false }
        try database.run(
            """
            DELETE FROM localChange WHERE device = ?1 AND item IN (
                SELECT item FROM (
                    SELECT item, sum(length(CAST(item AS BLOB)) + coalesce(length(CAST(value AS BLOB)), 0) + ?2) OVER
                        (ORDER BY at DESC, item ROWS UNBOUNDED PRECEDING) AS bytes
                    FROM localChange WHERE device = ?1)
                WHERE bytes > ?3)
            """, [device.number, Schema.callRowBytes, bounds.localChanges])
        return true
    }

    /// What this run wrote is no local change any more, and is what the phone is known to have.
    static func settle(_ result: DeviceResult, in run: Int64, _ database: Database) throws {
        guard !result.changes.isEmpty, let number = result.device.number else { return }
        if result.outcome == .differs {
            // What a comparison names as changes is what would be written.
            let row = try database.first("SELECT mode FROM run WHERE id = ?", [run])
            guard row?["mode"] == RunMode.deploy.rawValue else { return }
        }
        let written = result.changes.filter { $0.status == nil }
        try CallTable.noteContactGap(in: written.map { ($0.key, $0.after) }, of: result.device, database)
        if try database.first("SELECT 1 FROM localChange WHERE device = ? LIMIT 1", [number]) != nil {
            for change in written {
                try database.run(
                    "DELETE FROM localChange WHERE device = ? AND item = ?", [number, change.key.description])
            }
        }
        guard let row = try database.first("SELECT items FROM knownItems WHERE device = ?", [number]) else { return }
        let values = Dictionary(written.map { ($0.key, $0.after) }, uniquingKeysWith: { _, last in last })
        let items = try KnownItems.items(of: row["items"]).map { item in
            values[item.key].map { $0 == SecretText.mask ? item : Item(item.key, value: $0) } ?? item
        }
        try database.run(
            "UPDATE knownItems SET items = ? WHERE device = ?", [KnownItems.text(of: items), number])
    }
}

extension [LocalChange] {
    /// The first ones that need no more than so many bytes.
    fileprivate func prefix(within bytes: Int) -> ArraySlice<LocalChange> {
        var rest = bytes
        return prefix { change in
            rest -= change.key.description.utf8.count + (change.value?.utf8.count ?? 0) + Schema.callRowBytes
            return rest >= 0
        }
    }
}

extension LocalChange {
    init(row: Row) throws {
        let name: String = row["item"]
        self.init(
            key: ItemKey(parsing: name) ?? ItemKey(name), value: row["value"],
            at: Date(microseconds: row["at"]))
    }
}

/// Items as one text: name and value in turn.
enum KnownItems {
    /// - Returns: why they are not kept.
    static func keep(
        _ text: String, of device: DeviceID, at: Date, _ bounds: CallBounds, _ database: Database
    ) throws -> Fault? {
        guard text.utf8.count <= bounds.knownItems else { return .moreThanAPhoneHas }
        try database.run(
            """
            INSERT INTO knownItems (device, items, at) VALUES (?, ?, ?)
            ON CONFLICT (device) DO UPDATE SET items = excluded.items, at = excluded.at
            """, [device.number, text, at.microseconds])
        return nil
    }

    static func text(of items: [Item]) -> String {
        FlatList.encode(items.flatMap { [$0.key.description, $0.value] })
    }

    static func items(of text: String) throws -> [Item] {
        try FlatList.decode(text, width: 2, column: "items").map { texts in
            guard let name = texts[0] else { throw StoredValueError(column: "items") }
            return Item(ItemKey(parsing: name) ?? ItemKey(name), value: texts[1])
        }
    }
}

/// The rows of files that phones were ordered to fetch.
enum FileOrderTable {
    /// Most files that are kept of one phone.
    private static let mostFiles = 100

    static func find(_ order: FileOrderRecord, of device: DeviceID, _ database: Database) throws -> FileOrderRecord? {
        // Software is the same under any name.
        try database.first(
            """
            SELECT * FROM fileOrder WHERE device = ?1 AND type = ?2 AND (name = ?3 OR version = ?4)
            ORDER BY orderedAt DESC LIMIT 1
            """, [device.number, order.type, order.name, order.version?.text]
        ).map(FileOrderRecord.init(row:))
    }

    /// Takes back an order that was not given.
    static func withdraw(_ order: FileOrderRecord, of device: DeviceID, _ database: Database) throws {
        try database.run(
            "UPDATE fileOrder SET orderedAt = NULL WHERE device = ? AND type = ? AND name = ?",
            [device.number, order.type, order.name])
    }

    static func order(_ order: FileOrderRecord, of device: DeviceID, at: Date, _ database: Database) throws {
        try database.run(
            """
            INSERT INTO fileOrder (device, type, name, version, orderedAt) VALUES (?, ?, ?, ?, ?)
            ON CONFLICT (device, type, name) DO UPDATE SET version = excluded.version,
                orderedAt = excluded.orderedAt, isDone = NULL, reportedAt = NULL, saidAt = NULL
            """, [device.number, order.type, order.name, order.version?.text, at.microseconds])
        try trim(device, database)
    }

    /// Keeps what a phone says of a file, also of one that nobody here ordered.
    static func report(_ file: FileReport, of device: DeviceID, at: Date, _ database: Database) throws {
        try database.run(
            """
            INSERT INTO fileOrder (device, type, name, isDone, reportedAt, saidAt) VALUES (?, ?, ?, ?, ?, ?)
            ON CONFLICT (device, type, name) DO UPDATE SET isDone = excluded.isDone,
                reportedAt = excluded.reportedAt, saidAt = excluded.saidAt
            """, [device.number, file.type, file.name, file.isDone, at.microseconds, file.saidAt])
        try trim(device, database)
    }

    private static func trim(_ device: DeviceID, _ database: Database) throws {
        try database.run(
            """
            DELETE FROM fileOrder WHERE device = ?1 AND (type, name) NOT IN (
                SELECT type, name FROM fileOrder WHERE device = ?1
                ORDER BY coalesce(reportedAt, orderedAt) DESC LIMIT ?2)
            """, [device.number, mostFiles])
    }
}

extension FileOrderRecord {
    init(row: Row) throws {
        self.init(
            type: row["type"], name: row["name"],
            version: (row["version"] as String?).map(SoftwareVersion.init), orderedAt: row.date("orderedAt"),
            isDone: row["isDone"], reportedAt: row.date("reportedAt"))
    }
}

/// When phones were last asked to call.
enum ContactTable {
    /// Places of which nothing was heard for a day are forgotten, a few at a time, so that scans leave nothing behind.
    private static let memory = 86_400.0

    static func claim(_ place: String, at moment: Date, gap: Double, _ database: Database) throws -> Date? {
        if let last = try database.first("SELECT at FROM contactMe WHERE place = ?", [place])?.date("at") {
            let next = last.addingTimeInterval(gap)
            // A clock that was set back must not silence a phone for ever.
            if next > moment, last <= moment.addingTimeInterval(gap) { return next }
        }
        try database.run("INSERT OR REPLACE INTO contactMe (place, at) VALUES (?, ?)", [place, moment.microseconds])
        try database.run(
            "DELETE FROM contactMe WHERE place IN (SELECT place FROM contactMe WHERE at < ? LIMIT 10)",
            [moment.addingTimeInterval(-memory).microseconds])
        return nil
    }
}
