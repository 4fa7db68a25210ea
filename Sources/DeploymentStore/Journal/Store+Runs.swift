public import DeploymentModel
import Foundation
import GRDB

extension Store {
    /// Keeps a plan as a new run that this process owns.
    ///
    /// A plan names secrets of its own as `sealed:run/NAME`, and `secrets` has their texts by NAME. They are sealed
    /// with the run, which makes their references `sealed:run/r12/NAME` (see ``plan(of:)``), and removed when every
    /// phone of the run is proven. A `sealed:run/...` reference of an earlier run's plan is taken over with its secret,
    /// so a part of that plan can be run again.
    ///
    /// - Returns: the run's id and the plan as it is to be run.
    /// - Throws: `input.secret` when a `sealed:run/...` reference has no secret.
    public func createRun(
        plan: TransferPlan, secrets: [String: SecretText] = [:]
    ) async throws -> (id: RunID, plan: TransferPlan) {
        let (identity, moment, key) = (identity, now(), key)
        return try await write { database in
            try database.run(
                """
                INSERT INTO run (mode, createdAt, deviceCount, state, owner, ownedUntil, chainHash)
                VALUES (?, ?, ?, 'running', ?, ?, zeroblob(32))
                """,
                [
                    plan.mode.rawValue, moment.microseconds, plan.devices.count, identity.text,
                    moment.addingTimeInterval(Ownership.span).microseconds,
                ])
            let run = database.lastInsertedRowID
            var sealing = PlanSecrets(run: run, given: secrets, key: key)
            let plan = try sealing.adopt(plan, database)
            try PlanTable.insert(plan, run: run, database)
            let start = try ResultChain.start(of: run, database)
            try database.run("UPDATE run SET chainHash = ? WHERE id = ?", [start, run])
            return (RunID(number: run), plan)
        }
    }

    /// All runs, the latest first.
    public func runs() async throws -> [RunRecord] {
        let moment = now()
        return try await read { try RunTable.all($0, at: moment) }
    }

    /// One run; throws `run.not-found`.
    public func run(_ id: RunID) async throws -> RunRecord {
        let (number, moment) = (try id.required(), now())
        return try await read { database in
            let row = try RunTable.required(number, database)
            return try RunRecord(row: row, totals: try RunTable.totals(of: number, database), at: moment)
        }
    }

    /// The plan of a run as it is to be run; throws `run.not-found`.
    public func plan(of id: RunID) async throws -> TransferPlan {
        let number = try id.required()
        return try await read { try PlanTable.plan(of: number, $0) }
    }

    /// Makes this process the owner of a run that nobody works on, so that it can be resumed; takes back a request to stop.
    ///
    /// Phones without a final result to which a later run gave the same file are finished as skipped
    /// (`run.superseded`): the old run would take the newer file back.
    ///
    /// Throws `run.not-found`, or `run.active` when a living process (this one included) works on the run.
    public func claimRun(_ id: RunID) async throws {
        let (number, identity, moment) = (try id.required(), identity, now())
        try await write { database in
            let row = try RunTable.required(number, database)
            if row["state"] == RunState.running.rawValue, Ownership(row: row).isLiving(at: moment) {
                throw Fault(.runActive, subject: id.rawValue)
            }
            try database.run(
                """
                UPDATE run SET owner = ?, ownedUntil = ?, state = 'running', isStopRequested = 0, finishedAt = NULL,
                    faultCode = NULL, faultSubject = NULL, faultDetail = NULL WHERE id = ?
                """, [identity.text, moment.addingTimeInterval(Ownership.span).microseconds, number])
            try Supersession.close(in: number, at: moment, database)
        }
    }

    /// Ends this process's work on a run: keeps its state and gives back its devices.
    ///
    /// The secrets of the run go when every phone of its plan is proven; otherwise they stay for a resumption.
    /// Throws `run.not-found`, or `run.active` when another process owns the run.
    public func finishRun(_ id: RunID, _ state: RunState, endedEarly fault: Fault? = nil) async throws {
        let (number, identity, moment) = (try id.required(), identity, now())
        try await write { database in
            try RunTable.requireOwner(identity, of: number, at: moment, database)
            try database.run(
                """
                UPDATE run SET state = ?, finishedAt = ?, faultCode = ?, faultSubject = ?, faultDetail = ? WHERE id = ?
                """,
                [state.rawValue, moment.microseconds, fault?.code.rawValue, fault?.subject, fault?.detail, number])
            try database.run("DELETE FROM lease WHERE run = ?", [number])
            guard state == .finished, try RunTable.isProven(number, database) else { return }
            try database.run("DELETE FROM runSecret WHERE run = ?", [number])
        }
    }

    /// Asks whoever works on a run to stop; see ``isStopRequested(_:)``.
    ///
    /// Throws `run.not-found`.
    ///
    /// - Returns: whether a living process will see the request.
    @discardableResult
    public func requestStop(_ id: RunID) async throws -> Bool {
        let (number, moment) = (try id.required(), now())
        return try await write { database in
            let row = try RunTable.required(number, database)
            try database.run("UPDATE run SET isStopRequested = 1 WHERE id = ?", [number])
            return row["state"] == RunState.running.rawValue && Ownership(row: row).isLiving(at: moment)
        }
    }

    /// Removes a run with its plan, journal, results and secrets.
    ///
    /// Throws `run.not-found`, or `run.active` while it runs.
    public func removeRun(_ id: RunID) async throws {
        let (number, moment) = (try id.required(), now())
        try await write { database in
            let row = try RunTable.required(number, database)
            if row["state"] == RunState.running.rawValue, Ownership(row: row).isLiving(at: moment) {
                throw Fault(.runActive, subject: id.rawValue)
            }
            try database.run("DELETE FROM run WHERE id = ?", [number])
        }
    }
}

/// The rows of the run table.
enum RunTable {
    static func all(_ database: Database, at moment: Date) throws -> [RunRecord] {
        try Row.fetchAll(database, sql: "SELECT * FROM run ORDER BY id DESC").map { row in
            try RunRecord(row: row, totals: try totals(of: row["id"], database), at: moment)
        }
    }

    static func required(_ number: Int64, _ database: Database) throws -> Row {
        guard let row = try database.first("SELECT * FROM run WHERE id = ?", [number]) else {
            throw Fault(.runNotFound, subject: RunID(number: number).rawValue)
        }
        return row
    }

    static func totals(of number: Int64, _ database: Database) throws -> [DeviceOutcome: Int] {
        let rows = try Row.fetchAll(
            database.cachedStatement(
                sql: """
                    SELECT outcome, count(*) AS number FROM runDevice
                    WHERE run = ? AND outcome IS NOT NULL GROUP BY outcome
                    """), arguments: [number])
        return Dictionary(
            try rows.map { (try $0.value("outcome", DeviceOutcome.init(rawValue:)), $0["number"]) },
            uniquingKeysWith: +)
    }

    static func isProven(_ number: Int64, _ database: Database) throws -> Bool {
        let proven = try totals(of: number, database).filter(\.key.isProven).values.reduce(0, +)
        return try required(number, database)["deviceCount"] == proven
    }

    /// Throws `run.active` unless the run belongs to `identity`; renews the ownership when half of its time is over.
    ///
    /// A process that was taken for dead while it slept is stopped here before it does harm.
    static func requireOwner(
        _ identity: ProcessIdentity, of number: Int64, at moment: Date, _ database: Database
    ) throws {
        guard let row = try database.first("SELECT owner, ownedUntil FROM run WHERE id = ?", [number]) else {
            throw Fault(.runNotFound, subject: RunID(number: number).rawValue)
        }
        let ownership = Ownership(row: row)
        guard ownership.owner == identity.text else {
            throw Fault(
                .runActive, subject: RunID(number: number).rawValue, detail: "the run belongs to another process")
        }
        guard ownership.until < moment.addingTimeInterval(Ownership.span / 2).microseconds else { return }
        let until = moment.addingTimeInterval(Ownership.span).microseconds
        try database.run("UPDATE run SET ownedUntil = ? WHERE id = ?", [until, number])
    }
}
