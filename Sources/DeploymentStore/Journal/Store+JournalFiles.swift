public import DeploymentModel
import Foundation
import GRDB

extension Store {
    /// Keeps an entry, and in the same commit the trust profiles and secrets that are valid from that moment on.
    ///
    /// Throws `device.leased` when the run does not (or no longer) hold the device's lease, `input.not-found` when a trust
    /// profile or the device does not exist, and `input.secret` when the name of a secret does not begin with `run/RUN/`.
    public func record(
        _ entry: JournalEntry, after outcome: JournalEntry?, keeping: JournalKeeping, in run: RunID
    ) async throws {
        let (number, identity, moment) = (try run.required(), identity, now())
        let rows = try [outcome, entry].compactMap { try $0?.columns }
        var sealed: [(name: String, text: Data)] = []
        for (reference, secret) in keeping.secrets {
            guard case .sealed(let name) = reference, name.hasPrefix("\(Self.runPrefix)\(run)/") else {
                throw Fault(.inputSecret, subject: reference.description, detail: "not a secret of run \(run)")
            }
            sealed.append((name, try self.sealed(secret, name)))
        }
        let secrets = sealed
        try await write { database in
            for row in rows {
                try JournalTable.append(row, of: entry.device, run: number, ownedBy: identity, at: moment, database)
            }
            for secret in secrets { try SecretTable.save(secret.text, as: secret.name, ofRun: number, database) }
            if entry.isTakenReset { try FactoryReset.note(of: entry.device, database) }
            if let trust = keeping.trust { try TrustTable.replace(of: entry.device, by: trust, database) }
        }
    }
}

extension SecretTable {
    static func save(_ sealed: Data, as name: String, ofRun run: Int64, _ database: Database) throws {
        try database.run(
            """
            INSERT INTO runSecret (run, name, sealed) VALUES (?, ?, ?)
            ON CONFLICT (name) DO UPDATE SET sealed = excluded.sealed
            """, [run, name, sealed])
    }
}

extension TrustTable {
    /// Gives a device just these profiles of its own, in this order.
    static func replace(of device: DeviceID, by profiles: [String], _ database: Database) throws {
        let (scope, target) = TrustBinding.Scope.device(device).columns
        try database.run("DELETE FROM trustBinding WHERE scope = ? AND target = ?", [scope, target])
        for (position, profile) in profiles.enumerated() {
            try save(TrustBinding(profile: profile, scope: .device(device), position: position), database)
        }
    }
}
