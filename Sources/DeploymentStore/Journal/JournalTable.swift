public import DeploymentModel
import Foundation
import GRDB

extension Store {
    /// All journal entries of a run in the order in which they were kept; throws `run.not-found`.
    ///
    /// - Parameter device: only the entries of this device; nil for all.
    public func entries(of run: RunID, device: DeviceID? = nil) async throws -> [JournalEntry] {
        let number = try run.required()
        return try await read { database in
            _ = try RunTable.required(number, database)
            return try Row.fetchAll(
                database,
                sql: """
                    SELECT * FROM journalEntry WHERE run = ?1 AND (?2 IS NULL OR device = ?2) ORDER BY id
                    """, arguments: [number, device?.rawValue]
            ).map(JournalEntry.init(row:))
        }
    }
}

/// The rows of the journal.
enum JournalTable {
    /// Inserts an entry if the run is its owner's for a while yet and holds the lease of the device; tells whether it did.
    ///
    /// One statement, because a run makes some for every phone; who hears no finds out why.
    static func insert(
        _ values: [DatabaseValue], of run: Int64, ownedBy identity: ProcessIdentity, at moment: Date,
        _ database: Database
    ) throws -> Bool {
        let renewal = moment.addingTimeInterval(Ownership.span / 2).microseconds
        try database.run(
            """
            INSERT INTO journalEntry
                (run, device, step, moment, at, changes, bootCount, faultCode, faultSubject, faultDetail, file)
            SELECT ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ? FROM lease JOIN run ON run.id = lease.run
            WHERE lease.device = ? AND lease.run = ? AND run.owner = ? AND run.ownedUntil >= ?
            """,
            StatementArguments(
                [run.databaseValue] + values
                    + [values[0], run.databaseValue, identity.text.databaseValue, renewal.databaseValue]))
        return database.changesCount > 0
    }

    /// Inserts an entry, and renews the run's ownership where it is about to end.
    ///
    /// Throws `run.not-found`, `run.active` or `device.leased`.
    static func append(
        _ values: [DatabaseValue], of device: DeviceID, run: Int64, ownedBy identity: ProcessIdentity, at moment: Date,
        _ database: Database
    ) throws {
        guard try !insert(values, of: run, ownedBy: identity, at: moment, database) else { return }
        try RunTable.requireOwner(identity, of: run, at: moment, database)
        try LeaseTable.require(device, heldBy: run, database)
        guard try !insert(values, of: run, ownedBy: identity, at: moment, database) else { return }
        throw Fault(.deviceLeased, subject: device.rawValue, detail: "the run does not hold the phone")
    }

    /// For every device that was begun and not finished: its entries since its last result.
    static func open(of run: Int64, _ database: Database) throws -> [DeviceID: [JournalEntry]] {
        var open: [DeviceID: [JournalEntry]] = [:]
        let devices = try String.fetchAll(
            database, sql: "SELECT device FROM runDevice WHERE run = ? AND isOpen", arguments: [run])
        for device in devices { open[DeviceID(device)] = [] }
        let rows = try Row.fetchCursor(
            database,
            sql: """
                SELECT journalEntry.* FROM journalEntry
                JOIN runDevice ON runDevice.run = journalEntry.run AND runDevice.device = journalEntry.device
                WHERE journalEntry.run = ? AND isOpen AND journalEntry.id > lastEntry ORDER BY journalEntry.id
                """, arguments: [run])
        while let row = try rows.next() {
            let entry = try JournalEntry(row: row)
            open[entry.device, default: []].append(entry)
        }
        return open
    }
}

extension JournalEntry {
    init(row: Row) throws {
        self.init(
            device: DeviceID(row["device"]), step: try row.value("step", RunStep.init(rawValue:)),
            moment: try row.value("moment", Moment.init(rawValue:)), at: Date(microseconds: row["at"]),
            changes: try [ItemChange](flat: row["changes"]), bootCount: row["bootCount"],
            file: try FileColumn.decode(row["file"], column: "file"), fault: row.fault)
    }

    /// The values of all columns after `run`, in the order in which they are inserted.
    var columns: [DatabaseValue] {
        get throws {
            let values: [(any DatabaseValueConvertible)?] = [
                device.rawValue, step.rawValue, moment.rawValue, at.microseconds, changes.flat, bootCount,
                fault?.code.rawValue, fault?.subject, fault?.detail, try FileColumn.encode(file),
            ]
            return values.map { $0?.databaseValue ?? .null }
        }
    }
}
