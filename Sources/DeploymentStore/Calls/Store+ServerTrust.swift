public import DeploymentModel
import GRDB

/// By which authorities phones in secure mode believe this program, as was proven by their calls.
///
/// Authorities are named by the SHA-256 of their certificates, in lower-case hexadecimal.
extension Store {
    /// The authorities of all phones in secure mode; empty for a phone of which nothing was noted.
    public func serverTrust() async throws -> [DeviceID: Set<String>] {
        try await read { database in
            let rows = try Row.fetchCursor(
                database,
                sql: """
                    SELECT phoneCall.device, authority FROM phoneCall
                    JOIN device ON device.id = phoneCall.device AND wasAuthenticated
                    LEFT JOIN serverTrust ON serverTrust.device = phoneCall.device WHERE secureMode = 'active'
                    """)
            var trust: [DeviceID: Set<String>] = [:]
            while let row = try rows.next() {
                let authority: String? = row["authority"]
                trust[DeviceID(number: row["device"]), default: []].formUnion(authority.map { [$0] } ?? [])
            }
            return trust
        }
    }

    /// Notes by which authorities a phone believes, in place of what was noted before.
    ///
    /// - Throws: `input.not-found` for an unknown id.
    public func setServerTrust(_ authorities: Set<String>, of device: DeviceID) async throws {
        try await write { database in
            try DeviceTable.requireExists(device, database)
            try ServerTrustTable.set(authorities, of: device, database)
        }
    }

    /// Notes one authority for each phone in secure mode of which nothing was noted.
    ///
    /// These were brought there under the certificate in use: to be noted before another one comes into its place.
    public func noteServerTrust(ofOthers authority: String) async throws {
        try await write { database in
            try database.run(
                """
                INSERT INTO serverTrust (device, authority) SELECT device, ? FROM phoneCall
                WHERE secureMode = 'active' AND device NOT IN (SELECT device FROM serverTrust)
                """, [authority])
        }
    }
}

enum ServerTrustTable {
    static func set(_ authorities: Set<String>, of device: DeviceID, _ database: Database) throws {
        try forget(device, database)
        for authority in authorities {
            try database.run(
                "INSERT INTO serverTrust (device, authority) VALUES (?, ?)", [device.number, authority])
        }
    }

    static func forget(_ device: DeviceID, _ database: Database) throws {
        try database.run("DELETE FROM serverTrust WHERE device = ?", [device.number])
    }
}
