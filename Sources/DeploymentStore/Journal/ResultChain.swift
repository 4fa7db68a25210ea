import Crypto
import DeploymentModel
import Foundation
import GRDB

/// The hash chain over a run's plan and results: SHA-256(hash before, canonical bytes of the row).
///
/// The chain starts with the run and its plan, so a result cannot be moved to another plan either. Canonical bytes: of
/// every column but the hash, in the order of the table, a byte for its kind (0 none, 1 integer, 2 real, 3 text,
/// 4 bytes) and, but for none, the value: integers and reals (IEEE 754) as 8 bytes, texts (UTF-8) and bytes after
/// their length as 8 bytes; all numbers big-endian. Files of a plan or a result are part of it where
/// there are any.
enum ResultChain {
    /// The hash with which the chain of a run starts.
    static func start(of run: Int64, _ database: Database) throws -> Data {
        var hasher = SHA256()
        hasher.update(data: Array("phonefleet-run-1".utf8))
        for (sql, table) in [
            ("SELECT id, mode, createdAt, deviceCount FROM run WHERE id = ?", "run"),
            ("SELECT header FROM runPlan WHERE run = ?", "runPlan"),
            ("SELECT run, place, wanted FROM runPlanItems WHERE run = ? ORDER BY place", "runPlanItems"),
            ("SELECT \(PlanTable.columns) FROM runPlanDevice WHERE run = ? ORDER BY position", "runPlanDevice"),
        ] {
            hasher.update(data: Array(table.utf8))
            let rows = try Row.fetchCursor(database, sql: sql, arguments: [run])
            while let row = try rows.next() { hasher.update(data: canonical(row.databaseValues)) }
        }
        try addFiles(of: run, to: &hasher, database)
        return Data(hasher.finalize())
    }

    /// Only what is there, so that runs from before there were files keep their chains.
    private static func addFiles(of run: Int64, to hasher: inout SHA256, _ database: Database) throws {
        let rows = try Row.fetchCursor(
            database,
            sql: """
                SELECT run, position, files FROM runPlanDevice WHERE run = ? AND files IS NOT NULL ORDER BY position
                """, arguments: [run])
        while let row = try rows.next() { hasher.update(data: canonical(row.databaseValues)) }
    }

    static func next(after hash: Data, _ values: some Sequence<DatabaseValue>) -> Data {
        var hasher = SHA256()
        hasher.update(data: hash)
        hasher.update(data: canonical(values))
        return Data(hasher.finalize())
    }

    static func canonical(_ values: some Sequence<DatabaseValue>) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(1024)
        func append(_ number: UInt64) {
            withUnsafeBytes(of: number.bigEndian) { bytes.append(contentsOf: $0) }
        }
        for value in values {
            switch value.storage {
            case .null: bytes.append(0)
            case .int64(let number):
                bytes.append(1)
                append(UInt64(bitPattern: number))
            case .double(let number):
                bytes.append(2)
                append(number.bitPattern)
            case .string(let text):
                bytes.append(3)
                append(UInt64(text.utf8.count))
                bytes.append(contentsOf: text.utf8)
            case .blob(let data):
                bytes.append(4)
                append(UInt64(data.count))
                bytes.append(contentsOf: data)
            }
        }
        return bytes
    }
}
