public import DeploymentModel
import Foundation
import GRDB

extension Store {
    /// The latest result of every device that has one, in the order of the devices' ids; throws `run.not-found`.
    public func results(of run: RunID) async throws -> [DeviceResult] {
        let number = try run.required()
        return try await read { database in
            _ = try RunTable.required(number, database)
            return try ResultTable.latest(of: number, database, onlyFinished: false).sorted { $0.device < $1.device }
        }
    }

    /// Checks that neither the plan nor any result of a run was changed, taken away or put in since it was written.
    ///
    /// Somebody who can write the database could rebuild the whole chain; who keeps the returned hash elsewhere sees
    /// that too. Throws `run.not-found`, or `store.damaged` naming the first result that is not as it was written.
    ///
    /// - Returns: the head of the chain, lower-case hexadecimal.
    @discardableResult
    public func verifyChain(of run: RunID) async throws -> String {
        let number = try run.required()
        return try await read { try ResultTable.verifyChain(of: number, $0).hexadecimal }
    }
}

/// The rows of the result table.
enum ResultTable {
    /// Spelled out because the chain is made over them: a column that is added later is not part of it.
    private static let columns = """
        run, position, device, address, mac, type, outcome, faultCode, faultSubject, faultDetail, changes, warnings,
        hasEvidence, certificateFingerprint, profile, tlsVersion, softwareVersion, attempts, duration, finishedAt
        """

    static func append(_ values: [DatabaseValue], of result: DeviceResult, run: Int64, _ database: Database) throws {
        guard let head = try database.first("SELECT chainLength, chainHash FROM run WHERE id = ?", [run]) else {
            throw Fault(.runNotFound, subject: RunID(number: run).rawValue)
        }
        let position: Int64 = head["chainLength"] + 1
        let row = [run.databaseValue, position.databaseValue] + values
        let files = try FileColumn.encode(result.files)?.databaseValue
        let hash = ResultChain.next(after: head["chainHash"], row + (files.map { [$0] } ?? []))
        try database.run(
            """
            INSERT INTO result (\(columns), files, hash)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """, StatementArguments(row + [files ?? .null, hash.databaseValue]))
        try database.run("UPDATE run SET chainLength = ?, chainHash = ? WHERE id = ?", [position, hash, run])
        try database.run(
            """
            INSERT INTO runDevice (run, device, isOpen, outcome, result, lastEntry)
            VALUES (?1, ?2, 0, ?3, ?4, (SELECT coalesce(max(id), 0) FROM journalEntry))
            ON CONFLICT (run, device) DO UPDATE SET isOpen = 0, outcome = excluded.outcome, result = excluded.result,
                lastEntry = excluded.lastEntry
            """, [run, result.device.rawValue, result.outcome.rawValue, position])
    }

    /// The latest result of every device; `onlyFinished` leaves out those that were begun again since.
    static func latest(of run: Int64, _ database: Database, onlyFinished: Bool) throws -> [DeviceResult] {
        let rows = try Row.fetchCursor(
            database,
            sql: """
                SELECT result.* FROM runDevice
                JOIN result ON result.run = runDevice.run AND result.position = runDevice.result
                WHERE runDevice.run = ? AND (isOpen = 0 OR ?)
                """, arguments: [run, !onlyFinished])
        var results: [DeviceResult] = []
        while let row = try rows.next() { results.append(try DeviceResult(row: row)) }
        return results
    }

    static func verifyChain(of run: Int64, _ database: Database) throws -> Data {
        let record = try RunTable.required(run, database)
        var hash = try ResultChain.start(of: run, database)
        var length: Int64 = 0
        let rows = try Row.fetchCursor(
            database, sql: "SELECT \(columns), files, hash FROM result WHERE run = ? ORDER BY position",
            arguments: [run])
        while let row = try rows.next() {
            length += 1
            hash = ResultChain.next(after: hash, row.databaseValues.dropLast(row["files"] == nil ? 2 : 1))
            guard row["hash"] == hash, row["position"] == length else { throw broken(run, row: row, length) }
        }
        guard record["chainHash"] == hash, record["chainLength"] == length else {
            throw Fault(
                .storeDamaged, subject: RunID(number: run).rawValue,
                detail: length == 0 ? "the plan was changed" : "results after number \(length) are missing")
        }
        return hash
    }

    /// The first result also vouches for the plan, with which the chain starts.
    private static func broken(_ run: Int64, row: Row, _ position: Int64) -> Fault {
        let device: String = row["device"]
        let place = position == 1 ? "the plan or result number 1" : "result number \(position)"
        return Fault(
            .storeDamaged, subject: RunID(number: run).rawValue, detail: "\(place) (\(device)) was changed or removed")
    }
}

extension DeviceResult {
    init(row: Row) throws {
        self.init(
            device: DeviceID(row["device"]), address: row["address"],
            mac: try row.optional("mac") { MACAddress($0) }, type: PhoneTypeID(row["type"]),
            outcome: try row.value("outcome", DeviceOutcome.init(rawValue:)), fault: row.fault,
            changes: try [ItemChange](flat: row["changes"]),
            files: try FileColumn.decode(row["files"], column: "files"), warnings: try [Fault](flat: row["warnings"]),
            evidence: row.evidence, softwareVersion: (row["softwareVersion"] as String?).map(SoftwareVersion.init),
            attempts: row["attempts"], duration: row["duration"], finishedAt: Date(microseconds: row["finishedAt"]))
    }

    /// The values of all columns from `device` to `finishedAt`, in the order of the table.
    var columns: [DatabaseValue] {
        let values: [(any DatabaseValueConvertible)?] = [
            device.rawValue, address, mac?.description, type.rawValue, outcome.rawValue, fault?.code.rawValue,
            fault?.subject, fault?.detail, changes.flat, warnings.flat, evidence != nil ? 1 : 0,
            evidence?.certificateFingerprint, evidence?.profile, evidence?.tlsVersion, softwareVersion?.text,
            max(0, attempts), duration.isFinite ? duration : 0, finishedAt.microseconds,
        ]
        return values.map { $0?.databaseValue ?? .null }
    }
}
