public import DeploymentModel
import Foundation
import GRDB

extension Store {
    /// All certificate authorities by name.
    public func authorities() async throws -> [AuthorityRecord] {
        try await read { database in
            try Row.fetchAll(database, sql: "SELECT * FROM authority ORDER BY name").map(AuthorityRecord.init(row:))
        }
    }

    /// Adds an authority with its key and the trust profile of its phones, in one step.
    ///
    /// - Parameter key: the private key as a text; sealed, and never shown again but by ``authorityKey(_:)``.
    /// - Throws: `input.duplicate` when there is an authority or a trust profile of its name.
    public func addAuthority(_ record: AuthorityRecord, key: SecretText, trust: TrustRecord) async throws {
        let name = AuthorityTable.keyName(record.name)
        let sealedKey = try sealed(key, name)
        try await write { database in
            guard try database.first("SELECT 1 FROM authority WHERE name = ?", [record.name]) == nil else {
                throw Fault(.inputDuplicate, subject: record.name, detail: "there is an authority of this name")
            }
            guard try database.first("SELECT 1 FROM trustProfile WHERE name = ?", [trust.name]) == nil else {
                throw Fault(.inputDuplicate, subject: trust.name, detail: "there is a trust profile of this name")
            }
            try AuthorityTable.save(record, database)
            try TrustTable.save(trust, database)
            try SecretTable.save(sealedKey, as: name, database)
        }
    }

    /// Changes an authority, and where they are given its key and its trust profile, in one step.
    ///
    /// Throws `input.not-found` when there is none of its name.
    public func changeAuthority(
        _ record: AuthorityRecord, key: SecretText? = nil, trust: TrustRecord? = nil
    ) async throws {
        let name = AuthorityTable.keyName(record.name)
        let sealedKey = try key.map { try sealed($0, name) }
        try await write { database in
            guard try database.first("SELECT 1 FROM authority WHERE name = ?", [record.name]) != nil else {
                throw AuthorityTable.notFound(record.name)
            }
            try AuthorityTable.save(record, database)
            if let trust { try TrustTable.save(trust, database) }
            if let sealedKey { try SecretTable.save(sealedKey, as: name, database) }
        }
    }

    /// The private key of an authority; throws `input.secret` when there is none or it was changed.
    public func authorityKey(_ name: String) async throws -> SecretText {
        try await reveal(.sealed(AuthorityTable.keyName(name)))
    }
}

/// The rows of the table of authorities.
enum AuthorityTable {
    static func keyName(_ authority: String) -> String { "ca-key/\(authority)" }

    static func notFound(_ name: String) -> Fault {
        Fault(.inputNotFound, subject: name, detail: "no such authority")
    }

    static func save(_ record: AuthorityRecord, _ database: Database) throws {
        try database.run(
            """
            INSERT INTO authority (name, chain, former, cross, policy, profile, createdAt) VALUES (?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (name) DO UPDATE SET chain = excluded.chain, former = excluded.former, cross = excluded.cross,
                policy = excluded.policy, profile = excluded.profile
            """,
            [
                record.name, FlatList.encode(record.chain), FlatList.encode(record.former),
                FlatList.encode(record.cross), try policyText(record.policy), record.profile,
                record.createdAt.microseconds,
            ])
    }

    private static func policyText(_ policy: AuthorityRecord.Policy) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(policy), as: UTF8.self)
    }
}

extension AuthorityRecord {
    init(row: Row) throws {
        func list(_ column: String) throws -> [String] {
            try FlatList.decode(row[column], width: 1, column: column).compactMap(\.[0])
        }
        guard let policy = try? JSONDecoder().decode(Policy.self, from: Data((row["policy"] as String).utf8)) else {
            throw StoredValueError(column: "policy")
        }
        self.init(
            name: row["name"], chain: try list("chain"), former: try list("former"), cross: try list("cross"),
            policy: policy, profile: row["profile"], createdAt: Date(microseconds: row["createdAt"]))
    }
}
