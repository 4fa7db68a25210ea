public import DeploymentModel
import Foundation
import GRDB

/// Which secrets which phones are known to have accepted, so that an unchanged secret is not sent again.
///
/// Holds no secret: only marks (HMAC-SHA256 under the key file) by which the same text is known again.
public struct AcceptedSecrets: Sendable {
    private struct Place: Hashable {
        let device: String
        let item: String
    }

    private let marks: [Place: Data]
    private let key: SealingKey

    init(rows: [Row], key: SealingKey) {
        self.key = key
        marks = Dictionary(
            rows.map { (Place(device: $0["device"], item: $0["item"]), $0["mark"]) }, uniquingKeysWith: { $1 })
    }

    /// Whether just this text is what the phone accepted last for the item.
    public func contains(_ secret: SecretText, for item: ItemKey, on device: DeviceID) -> Bool {
        guard let mark = marks[Place(device: device.rawValue, item: item.description)] else { return false }
        return mark == key.mark(secret, device: device.rawValue, item: item.description)
    }
}

extension Store {
    /// What all phones accepted of secrets; the material for planning many phones at once.
    public func acceptedSecrets() async throws -> AcceptedSecrets {
        let key = key
        return try await read { database in
            AcceptedSecrets(rows: try Row.fetchAll(database, sql: "SELECT * FROM acceptedSecret"), key: key)
        }
    }

    /// Whether just this text is what the phone accepted last for the item.
    public func isAccepted(_ device: DeviceID, _ item: ItemKey, _ secret: SecretText) async throws -> Bool {
        let key = key
        return try await read { database in
            let rows = try Row.fetchAll(
                database, sql: "SELECT * FROM acceptedSecret WHERE device = ? AND item = ?",
                arguments: [device.rawValue, item.description])
            return AcceptedSecrets(rows: rows, key: key).contains(secret, for: item, on: device)
        }
    }

    /// Forgets what phones accepted, so that their secrets are sent again; for phones that were reset.
    public func forgetAcceptedSecrets(of devices: [DeviceID]) async throws {
        try await write { database in
            for device in devices {
                try database.run("DELETE FROM acceptedSecret WHERE device = ?", [device.rawValue])
            }
        }
    }
}
