public import DeploymentModel
import Foundation
import GRDB

extension Store: SecretSource {
    /// Names that begin so belong to runs; see ``createRun(_:secrets:)``.
    static let runPrefix = "run/"

    /// The name under which a secret is sealed that was given to ``createRun(plan:secrets:)`` under another.
    public static func secretName(_ name: String, of run: RunID) -> String { "\(runPrefix)\(run)/\(name)" }

    /// Seals a secret under a name, in place of one that had it.
    ///
    /// Throws `input.secret` when the name is empty or begins with `run/`.
    public func seal(_ secret: SecretText, as name: String) async throws {
        try await seal([name: secret])
    }

    /// Seals several secrets, each under its name, and removes those that are nil: all in one commit.
    ///
    /// Throws `input.secret` when a name is empty or begins with `run/`.
    public func seal(_ secrets: [String: SecretText?]) async throws {
        var sealed: [String: Data?] = [:]
        for (name, secret) in secrets {
            guard !name.isEmpty, !name.hasPrefix(Self.runPrefix) else {
                throw Fault(.inputSecret, subject: "sealed:\(name)", detail: "the name is empty or kept for runs")
            }
            sealed[name] = .some(try secret.map { try self.sealed($0, name) })
        }
        try await write { [sealed] database in
            for (name, content) in sealed {
                if let content {
                    try SecretTable.save(content, as: name, database)
                } else {
                    try SecretTable.remove(name, database)
                }
            }
        }
    }

    /// Opens a `sealed:` entry.
    ///
    /// Throws `input.secret` when there is none of this name, when it was changed or is another entry in disguise, and
    /// for `env:` and `file:` references, which are not the store's.
    public func reveal(_ reference: SecretReference) async throws -> SecretText {
        let key = key
        return try await read { try SecretTable.reveal(reference, key, $0) }
    }

    /// The names of all sealed secrets but those of runs, sorted.
    public func secretNames() async throws -> [String] {
        try await read { try String.fetchAll($0, sql: "SELECT name FROM sealedSecret ORDER BY name") }
    }

    /// Removes a sealed secret; throws `input.not-found` when there is none of this name.
    public func removeSecret(_ name: String) async throws {
        try await write { database in
            try SecretTable.remove(name, database)
            guard database.changesCount == 1 else {
                throw Fault(.inputNotFound, subject: "sealed:\(name)", detail: "no such secret")
            }
        }
    }

    func sealed(_ secret: SecretText, _ name: String) throws -> Data {
        do {
            return try key.seal(secret, name: name)
        } catch {
            throw Fault(.internalDefect, subject: "sealed:\(name)", detail: "could not be sealed")
        }
    }
}

/// The rows of the tables of sealed secrets.
enum SecretTable {
    static func save(_ sealed: Data, as name: String, _ database: Database) throws {
        try database.run(
            """
            INSERT INTO sealedSecret (name, sealed) VALUES (?, ?)
            ON CONFLICT (name) DO UPDATE SET sealed = excluded.sealed
            """, [name, sealed])
    }

    static func remove(_ name: String, _ database: Database) throws {
        try database.run("DELETE FROM sealedSecret WHERE name = ?", [name])
    }

    /// Forgets what is secret between the tool and one phone, because the entry goes or becomes another phone.
    static func forget(_ device: DeviceID, _ database: Database) throws {
        try database.run("DELETE FROM acceptedSecret WHERE device = ?", [device.rawValue])
        try remove(StoredPassword.name(for: .device(device)), database)
        try remove(SecureModeSecret.name(of: device), database)
    }

    static func reveal(_ reference: SecretReference, _ key: SealingKey, _ database: Database) throws -> SecretText {
        guard case .sealed(let name) = reference else {
            throw Fault(.inputSecret, subject: reference.description, detail: "not a sealed secret")
        }
        let table = name.hasPrefix(Store.runPrefix) ? "runSecret" : "sealedSecret"
        let row = try database.first("SELECT sealed FROM \(table) WHERE name = ?", [name])
        guard let sealed = row?["sealed"] as Data? else {
            throw Fault(.inputSecret, subject: reference.description, detail: "no such secret")
        }
        return try key.open(sealed, name: name)
    }
}
