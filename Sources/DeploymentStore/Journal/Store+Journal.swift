public import DeploymentModel
import Foundation
import GRDB

extension Store: RunJournal {
    /// Takes the lease of a device for a run of this process and notes that work on it begins.
    ///
    /// A lease is void when its run has ended, or when its owner is gone or gave no sign of life for two minutes (every
    /// call of the journal is one). Throws `device.leased` naming the run that holds the device, `run.not-found`, or
    /// `run.active` when the run belongs to another process (see ``claimRun(_:)``).
    public func begin(_ device: DeviceID, in run: RunID) async throws {
        let (number, identity, moment) = (try run.required(), identity, now())
        try await write { database in
            try RunTable.requireOwner(identity, of: number, at: moment, database)
            try LeaseTable.take(device, for: number, at: moment, database)
            try database.run(
                """
                INSERT INTO runDevice (run, device, isOpen) VALUES (?, ?, 1)
                ON CONFLICT (run, device) DO UPDATE SET isOpen = 1
                """, [number, device.rawValue])
        }
    }

    /// Keeps the final result of a device as the next link of the run's chain, and what it tells of the phone.
    ///
    /// In the same step: the accepted secrets are remembered, a proven administrator password becomes the one by which the
    /// device is reached from now on, the device list learns status, software, fingerprint and
    /// when the phone was seen, and the lease is given back. A device that was never begun (skipped) may be finished
    /// too. Throws `device.leased` when another living run holds the device, or `input.secret` when an accepted secret
    /// is no sealed one.
    public func finish(
        _ result: DeviceResult, after outcome: JournalEntry?, acceptedSecrets: [ItemKey: SecretReference],
        in run: RunID
    ) async throws {
        let (number, identity, moment, key) = (try run.required(), identity, now(), key)
        let (values, outcomeValues) = (result.columns, try outcome?.columns)
        try await write { database in
            if let outcomeValues {
                // Also makes sure that the run is this process's.
                try JournalTable.append(
                    outcomeValues, of: result.device, run: number, ownedBy: identity, at: moment, database)
            } else {
                try RunTable.requireOwner(identity, of: number, at: moment, database)
            }
            if try !LeaseTable.giveBack(result.device, of: number, database) {
                try LeaseTable.requireFree(result.device, besides: number, at: moment, database)
            }
            try ResultTable.append(values, of: result, run: number, database)
            for (item, reference) in acceptedSecrets {
                let secret = try SecretTable.reveal(reference, key, database)
                let mark = key.mark(secret, device: result.device.rawValue, item: item.description)
                try database.run(
                    """
                    INSERT INTO acceptedSecret (device, item, mark) VALUES (?, ?, ?)
                    ON CONFLICT (device, item) DO UPDATE SET mark = excluded.mark
                    """, [result.device.rawValue, item.description, mark])
                if item.name == WellKnownItem.administratorPassword {
                    let name = StoredPassword.name(for: .device(result.device))
                    try SecretTable.save(try key.seal(secret, name: name), as: name, database)
                }
            }
            try result.updateDevice(after: number, database)
            try HeldTable.note(result, database)
            try LocalChangeTable.settle(result, in: number, database)
        }
    }

    /// Gives the device back without a result; does nothing when the run does not hold it.
    public func release(_ device: DeviceID, in run: RunID) async throws {
        let number = try run.required()
        try await write { database in
            _ = try LeaseTable.giveBack(device, of: number, database)
        }
    }

    /// What is finished and what is open in a run; throws `run.not-found`.
    ///
    /// A device that was begun again after a result is open, with the entries made since that result.
    public func progress(of run: RunID) async throws -> RunProgress {
        let number = try run.required()
        return try await read { database in
            _ = try RunTable.required(number, database)
            var progress = RunProgress()
            for result in try ResultTable.latest(of: number, database, onlyFinished: true) {
                progress.finished[result.device] = result
            }
            progress.open = try JournalTable.open(of: number, database)
            return progress
        }
    }

    /// Whether somebody asked, from any process, that the run be stopped.
    ///
    /// A sign of life of its owner.
    public func isStopRequested(_ run: RunID) async throws -> Bool {
        let (number, identity, moment) = (try run.required(), identity, now())
        let (isRequested, ownership) = try await read { database in
            let row = try RunTable.required(number, database)
            return (row["isStopRequested"] as Bool, Ownership(row: row))
        }
        guard ownership.owner == identity.text,
            ownership.until < moment.addingTimeInterval(Ownership.span / 2).microseconds
        else { return isRequested }
        try await write { try RunTable.requireOwner(identity, of: number, at: moment, $0) }
        return isRequested
    }
}

/// The rows of the lease table: which run works on which device.
enum LeaseTable {
    /// Throws `device.leased` when another run or command has the device and its process lives.
    ///
    /// - Parameters:
    ///   - run: whose own lease does not count.
    ///   - process: whose own claim does not count.
    static func requireFree(
        _ device: DeviceID, besides run: Int64?, process: ProcessIdentity? = nil, at moment: Date, _ database: Database
    ) throws {
        try ClaimTable.requireFree(device, for: process, at: moment, database)
        let row = try database.first(
            """
            SELECT run, owner, ownedUntil, state FROM lease JOIN run ON run.id = lease.run WHERE device = ?
            """, [device.rawValue])
        // Looking after the owner's process is dear: not for one's own lease.
        guard let row, row["run"] != run, row["state"] == RunState.running.rawValue,
            Ownership(row: row).isLiving(at: moment)
        else { return }
        throw Fault(
            .deviceLeased, subject: device.rawValue, detail: "run \(RunID(number: row["run"])) works on it")
    }

    /// Takes the lease of a device that is free, or whose holder is gone; throws `device.leased`.
    static func take(_ device: DeviceID, for run: Int64, at moment: Date, _ database: Database) throws {
        try database.run(
            """
            INSERT INTO lease (device, run) SELECT ?, ? WHERE NOT EXISTS (SELECT 1 FROM claim WHERE device = ?)
            ON CONFLICT (device) DO NOTHING
            """, [device.rawValue, run, device.number])
        guard database.changesCount == 0 else { return }
        // Somebody has the phone, or had it and is gone.
        try requireFree(device, besides: run, at: moment, database)
        try database.run(
            "INSERT INTO lease (device, run) VALUES (?, ?) ON CONFLICT (device) DO UPDATE SET run = excluded.run",
            [device.rawValue, run])
    }

    /// Gives a lease back; tells whether the run held it.
    static func giveBack(_ device: DeviceID, of run: Int64, _ database: Database) throws -> Bool {
        try database.run("DELETE FROM lease WHERE device = ? AND run = ?", [device.rawValue, run])
        return database.changesCount > 0
    }

    static func require(_ device: DeviceID, heldBy run: Int64, _ database: Database) throws {
        let row = try database.first("SELECT run FROM lease WHERE device = ?", [device.rawValue])
        guard row?["run"] == run else {
            let holder = (row?["run"] as Int64?).map { "run \(RunID(number: $0)) works on it" }
            throw Fault(
                .deviceLeased, subject: device.rawValue, detail: holder ?? "the run does not hold the phone")
        }
    }
}

extension DeviceResult {
    /// What the result tells of the phone; nothing when the phone was not reached.
    func updateDevice(after run: Int64, _ database: Database) throws {
        guard let number = device.number else { return }
        let status = try isOfOrder(in: run, database) ? nil : deviceStatus
        let wasReached = evidence != nil || softwareVersion != nil || outcome.isProven || outcome == .differs
        try database.run(
            """
            UPDATE device SET status = coalesce(?, status), softwareVersion = coalesce(?, softwareVersion),
                certificateFingerprint = coalesce(?, certificateFingerprint),
                wasAuthenticated = max(wasAuthenticated, ?), lastSeen = coalesce(?, lastSeen)
            WHERE id = ?
            """,
            [
                status?.rawValue, softwareVersion?.text, evidence?.certificateFingerprint,
                evidence?.isAuthenticated ?? false, wasReached ? finishedAt.microseconds : nil, number,
            ])
    }

    /// Whether the phone was just restarted or reset, which says nothing of its settings.
    private func isOfOrder(in run: Int64, _ database: Database) throws -> Bool {
        guard outcome == .verified, changes.isEmpty, files.isEmpty else { return false }
        let row = try database.first("SELECT mode FROM run WHERE id = ?", [run])
        return (row?["mode"] as String?).flatMap(RunMode.init)?.isOrder ?? false
    }

    /// nil when the run says nothing new of the phone.
    private var deviceStatus: DeviceStatus? {
        switch outcome {
        // A look at the phone's files says nothing of its settings.
        case .unchanged where !files.isEmpty: nil
        case .verified, .unchanged: .verified
        case .differs: .differs
        case .waiting: .waiting
        case .stopped, .skipped: nil
        case .failed: isDistrust ? .notTrusted : .failed
        }
    }

    /// A handshake that fell silent or broke says nothing of who the phone is.
    private var isDistrust: Bool {
        guard let code = fault?.code, code.rawValue.hasPrefix("tls.") else { return false }
        return code != .tlsSilent && code != .tlsFailed
    }
}
