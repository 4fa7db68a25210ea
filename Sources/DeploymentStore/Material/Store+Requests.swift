public import DeploymentModel
import Foundation
import GRDB

extension Store {
    /// Keeps requests with their private keys, all in one step.
    ///
    /// Throws `input.not-found` for a device that is not on the list.
    public func saveRequests(_ requests: [(request: PendingRequest, key: SecretText)]) async throws {
        let rows = try requests.map { request in
            (request.request, try sealed(request.key, MaterialTable.keyName(request.request.keyFingerprint)))
        }
        try await write { database in
            for (request, sealed) in rows {
                try DeviceTable.requireExists(request.device, database)
                try MaterialTable.save(sealed, key: request.keyFingerprint, database)
                try database.run(
                    """
                    INSERT OR REPLACE INTO pendingRequest (keyFingerprint, device, subject, pattern, createdAt)
                    VALUES (?, ?, ?, ?, ?)
                    """,
                    [
                        request.keyFingerprint, request.device.number, request.subject, request.pattern,
                        request.createdAt.microseconds,
                    ])
            }
        }
    }

    /// The requests whose certificates have not come back, by device.
    public func pendingRequests() async throws -> [PendingRequest] {
        try await read { database in
            try Row.fetchAll(database, sql: "SELECT * FROM pendingRequest ORDER BY device, createdAt").map { row in
                PendingRequest(
                    keyFingerprint: row["keyFingerprint"], device: DeviceID(number: row["device"]),
                    subject: row["subject"], pattern: row["pattern"], createdAt: Date(microseconds: row["createdAt"]))
            }
        }
    }

    /// Keeps certificates that came back, in place of their requests, with the trust profile that goes with them.
    ///
    /// Their keys stay sealed as they are. Throws `input.not-found` for a device that is not on the list.
    public func answerRequests(with certificates: [IssuedCertificate], trust: TrustRecord?) async throws {
        try await write { database in
            if let trust { try TrustTable.save(trust, database) }
            for certificate in certificates {
                try MaterialTable.save(certificate, database)
                try database.run(
                    "DELETE FROM pendingRequest WHERE keyFingerprint = ?", [certificate.keyFingerprint])
            }
        }
    }
}
