import DeploymentModel
import Foundation
import GRDB

/// Closes the phones of an old run that a later run gave something newer, so that resuming it takes nothing back.
enum Supersession {
    /// A phone of the old run that has no final result yet.
    private struct Unfinished {
        var result: DeviceResult
        var changed: Set<FileID>
        /// The last that the old run did to it.
        var lastEntry: Int64
    }

    /// Finishes every such phone as skipped, `run.superseded`, without the phone being asked.
    ///
    /// Only files count: of two runs about items nobody knows which of them is wanted. A run is later when it was made
    /// later, and its result counts when the old run did nothing to the phone after it.
    static func close(in run: Int64, at moment: Date, _ database: Database) throws {
        let unfinished = try Self.unfinished(in: run, at: moment, database)
        guard !unfinished.isEmpty else { return }
        for result in try superseded(unfinished, in: run, database) {
            _ = try LeaseTable.giveBack(result.device, of: run, database)
            try ResultTable.append(result.columns, of: result, run: run, database)
        }
    }

    private static func unfinished(
        in run: Int64, at moment: Date, _ database: Database
    ) throws -> [String: Unfinished] {
        let rows = try Row.fetchCursor(
            database,
            sql: """
                SELECT runPlanDevice.device, address, mac, type, files, coalesce(entry.latest, 0) AS latest
                FROM run JOIN runPlanDevice ON runPlanDevice.run = run.id
                LEFT JOIN (SELECT device, max(id) AS latest FROM journalEntry WHERE run = ?1 GROUP BY device) AS entry
                    ON entry.device = runPlanDevice.device
                WHERE run.id = ?1 AND mode = 'deploy' AND files IS NOT NULL AND runPlanDevice.device NOT IN
                    (SELECT device FROM runDevice WHERE run = ?1 AND isOpen = 0)
                """, arguments: [run])
        var unfinished: [String: Unfinished] = [:]
        while let row = try rows.next() {
            let changed = try changedFiles(of: row["files"])
            guard !changed.isEmpty else { continue }
            let device: String = row["device"]
            unfinished[device] = Unfinished(
                result: DeviceResult(
                    device: DeviceID(device), address: row["address"],
                    mac: try row.optional("mac") { MACAddress($0) }, type: PhoneTypeID(row["type"]),
                    outcome: .skipped, finishedAt: moment),
                changed: changed, lastEntry: row["latest"])
        }
        return unfinished
    }

    /// The results of those that have something newer, each naming the latest run that gave it.
    private static func superseded(
        _ unfinished: [String: Unfinished], in run: Int64, _ database: Database
    ) throws -> [DeviceResult] {
        let rows = try Row.fetchCursor(
            database,
            sql: """
                SELECT result.run, result.device, result.outcome, result.files, runDevice.lastEntry,
                    runPlanDevice.files AS wantedFiles
                FROM run JOIN runPlanDevice ON runPlanDevice.run = run.id
                JOIN runDevice ON runDevice.run = run.id AND runDevice.device = runPlanDevice.device
                JOIN result ON result.run = run.id AND result.position = runDevice.result
                WHERE run.id > ? AND mode = 'deploy' AND runPlanDevice.files IS NOT NULL AND isOpen = 0
                ORDER BY run.id DESC, runPlanDevice.position
                """, arguments: [run])
        var left = unfinished
        var results: [DeviceResult] = []
        while let row = try rows.next() {
            let device: String = row["device"]
            let lastEntry: Int64 = row["lastEntry"]
            guard let mine = left[device], lastEntry >= mine.lastEntry else { continue }
            let common = try changedFiles(of: row["wantedFiles"]).intersection(mine.changed)
            guard try hasGiven(common, row) else { continue }
            var result = mine.result
            let later: Int64 = row["run"]
            result.fault = Fault(
                .runSuperseded, subject: result.address, detail: "by run \(RunID(number: later))")
            results.append(result)
            left[device] = nil
        }
        return results
    }

    /// Whether the result of a later run says that the phone has what that run gave it of one of these files.
    private static func hasGiven(_ wanted: Set<FileID>, _ row: Row) throws -> Bool {
        guard !wanted.isEmpty else { return false }
        if try row.value("outcome", DeviceOutcome.init(rawValue:)).isProven { return true }
        let files: [FileResult] = try FileColumn.decode(row["files"], column: "files")
        return files.contains { file in
            // Older versions kept no name: theirs was the only file of its kind.
            wanted.contains { $0.kind == file.kind && (file.name == nil || $0.name == file.name) } && !file.isRolledBack
                && file.before != .unknown && file.now != .unknown
                && file.before != file.now
        }
    }

    private static func changedFiles(of text: String?) throws -> Set<FileID> {
        let files: [WantedFile] = try FileColumn.decode(text, column: "files")
        return Set(files.filter { $0.change != .read }.map(\.id))
    }
}
