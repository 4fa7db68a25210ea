public import DeploymentModel
public import Foundation
import GRDB

extension Store {
    /// Notes what was read back from phones, in one step; an older sight does not replace a later one.
    ///
    /// The results of runs are noted as they come; what a handshake shows stands in ``Device/certificateFingerprint``. Devices that are not on the list are passed over.
    public func noteHeld(_ sights: [HeldMaterial]) async throws {
        try await write { database in
            for sight in sights { try HeldTable.note(sight, database) }
        }
    }

    /// Notes that a phone was seen without a file of a kind.
    public func noteAbsent(_ kind: FileKind, on device: DeviceID, at time: Date) async throws {
        try await write { try HeldTable.noteAbsent(kind, on: device, at: time, $0) }
    }

    /// What was read back from the phones last, by device and kind.
    public func heldMaterial() async throws -> [HeldMaterial] {
        try await read { database in
            try Row.fetchAll(database, sql: "SELECT * FROM heldMaterial ORDER BY device, kind").map { row in
                HeldMaterial(
                    device: DeviceID(number: row["device"]), kind: FileKind(row["kind"] as String),
                    fingerprint: row["fingerprint"], subject: row["subject"], notAfter: row.date("notAfter"),
                    seenAt: Date(microseconds: row["seenAt"]))
            }
        }
    }
}

/// The rows of the table of what phones hold.
enum HeldTable {
    /// Notes what a run found of files; what it could not settle says nothing.
    static func note(_ result: DeviceResult, _ database: Database) throws {
        for file in result.files {
            switch file.now {
            case .holds(let facts):
                let sight = HeldMaterial(
                    device: result.device, kind: file.kind, fingerprint: facts.fingerprint, subject: facts.subject,
                    notAfter: facts.notAfter, seenAt: result.finishedAt)
                try note(sight, database)
            case .none: try noteAbsent(file.kind, on: result.device, at: result.finishedAt, database)
            case .unknown, .unreadable, .named: break
            }
        }
    }

    static func note(_ sight: HeldMaterial, _ database: Database) throws {
        guard let number = sight.device.number else { return }
        try database.run(
            """
            INSERT INTO heldMaterial (device, kind, fingerprint, subject, notAfter, seenAt)
            SELECT id, ?, ?, ?, ?, ? FROM device WHERE id = ?
            ON CONFLICT (device, kind) DO UPDATE SET fingerprint = excluded.fingerprint, subject = excluded.subject,
                notAfter = excluded.notAfter, seenAt = excluded.seenAt
            WHERE excluded.seenAt >= heldMaterial.seenAt
            """,
            [
                sight.kind.rawValue, sight.fingerprint, sight.subject, sight.notAfter?.microseconds,
                sight.seenAt.microseconds, number,
            ])
    }

    /// Notes the certificate with which a phone called.
    static func noteClient(_ fingerprint: String?, of device: DeviceID, at time: Date, _ database: Database) throws {
        guard let fingerprint else { return }
        let kind = HeldMaterial.clientCertificate
        try note(HeldMaterial(device: device, kind: kind, fingerprint: fingerprint, seenAt: time), database)
    }

    static func noteAbsent(_ kind: FileKind, on device: DeviceID, at time: Date, _ database: Database) throws {
        try database.run(
            "DELETE FROM heldMaterial WHERE device = ? AND kind = ? AND seenAt <= ?",
            [device.number, kind.rawValue, time.microseconds])
    }
}
