public import DeploymentModel
import Foundation
import GRDB

extension Store {
    /// Has phones for work outside of a run, such as bringing them into secure mode, for as long as that lasts.
    ///
    /// All of them or none. Meanwhile no run begins with one of them, and no other process gets it. What a process holds
    /// is free when it is gone; of one that cannot be seen from here, 15 minutes after its last sign of life.
    /// - Throws: `device.leased` naming a phone that somebody else works on, `input.not-found`, and what the work throws.
    public func claiming<Outcome>(_ devices: [DeviceID], _ work: () async throws -> Outcome) async throws -> Outcome {
        let (identity, moment) = (identity, now())
        try await write { database in
            for device in devices { try ClaimTable.hold(device, by: identity, at: moment, database) }
        }
        let outcome: Outcome
        do {
            outcome = try await work()
        } catch {
            try? await giveBack(devices)
            throw error
        }
        try await giveBack(devices)
        return outcome
    }

    private func giveBack(_ devices: [DeviceID]) async throws {
        let identity = identity
        try await write { database in
            for device in devices {
                try database.run(
                    "DELETE FROM claim WHERE device = ? AND owner = ?", [device.number, identity.text])
            }
        }
    }
}

/// The rows of the claim table: which process works on which phone outside of a run.
enum ClaimTable {
    /// For how long the word of a process counts that cannot be seen from here, in seconds.
    private static let span: Double = 900

    /// Takes a phone that is free, or renews what is held; throws `device.leased` or `input.not-found`.
    static func hold(
        _ device: DeviceID, by identity: ProcessIdentity, at moment: Date, _ database: Database
    ) throws {
        try DeviceTable.requireExists(device, database)
        try LeaseTable.requireFree(device, besides: nil, process: identity, at: moment, database)
        try database.run(
            """
            INSERT INTO claim (device, owner, ownedUntil) VALUES (?, ?, ?)
            ON CONFLICT (device) DO UPDATE SET owner = excluded.owner, ownedUntil = excluded.ownedUntil
            """, [device.number, identity.text, moment.addingTimeInterval(span).microseconds])
    }

    /// Throws `device.leased` when another process than `own` has the phone and lives.
    static func requireFree(
        _ device: DeviceID, for own: ProcessIdentity?, at moment: Date, _ database: Database
    ) throws {
        guard let row = try database.first("SELECT owner, ownedUntil FROM claim WHERE device = ?", [device.number]),
            let owner = ProcessIdentity(row["owner"]), owner != own
        else { return }
        let isHeld =
            switch owner.life {
            case .alive: true
            case .dead: false
            case .unknown: row["ownedUntil"] as Int64 > moment.microseconds
            }
        if isHeld { throw Fault(.deviceLeased, subject: device.rawValue, detail: "another command works on it") }
    }
}
