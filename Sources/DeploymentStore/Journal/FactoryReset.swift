import DeploymentModel
import GRDB

extension JournalEntry {
    /// Whether the phone took the order to reset itself, or was seen to have done so.
    var isTakenReset: Bool { step == .factoryReset && moment == .outcome && fault == nil }
}

/// What is not believed any more of a phone that was reset to the state of the factory.
///
/// It has the password of the factory, no key material of its own, and has forgotten all that it was given. What it shall
/// have (settings, number) stays. A phone that calls is in default mode again, so it is served there: that is what the
/// order to reset it says. How often it was heard to start and where it listens stays true, and so does which
/// certificates were made for it, but for those with which it called in secure mode.
enum FactoryReset {
    private static let forgotten = ["localChange", "knownItems", "fileOrder", "heldMaterial", "serverTrust"]

    static func note(of device: DeviceID, _ database: Database) throws {
        guard let number = device.number else { return }
        for table in forgotten { try database.run("DELETE FROM \(table) WHERE device = ?", [number]) }
        try database.run("DELETE FROM acceptedSecret WHERE device = ?", [device.rawValue])
        try SecretTable.remove(StoredPassword.name(for: .device(device)), database)
        try SecretTable.remove(SecureModeSecret.name(of: device), database)
        try MaterialTable.disownClient(of: device, database)
        // Of a type that is reached over TLS that stays true: only who calls leaves secure mode.
        try database.run(
            """
            UPDATE device SET status = 'new', certificateFingerprint = NULL, wasAuthenticated = CASE
                WHEN id IN (SELECT device FROM phoneCall WHERE secureMode IS NOT NULL) THEN 0 ELSE wasAuthenticated END
            WHERE id = ?
            """, [number])
        try database.run("UPDATE phoneCall SET secureMode = NULL WHERE device = ?", [number])
    }
}
