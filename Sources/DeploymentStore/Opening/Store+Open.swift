import Crypto
import DeploymentModel
import Foundation
import GRDB

extension Store {
    /// How a store is opened; what differs from the defaults is there for tests.
    struct Options: Sendable {
        /// How long another process's write is waited for, in seconds.
        var lockTimeout: Double = 5
        /// Most pages of the file; nil for no limit of ours.
        var maximumPages: Int?
        var bounds = CallBounds()
        var now: @Sendable () -> Date = { Date() }
    }

    /// Opens the database, and makes it when there is none.
    ///
    /// Missing directories are made with mode 0700, the database and its companions with 0600. The key file is made
    /// (0600) with a new database, and never again: a database whose key file is gone is not opened, because a new key
    /// would not open its secrets. An older database is brought up to date, each step whole or not at all.
    ///
    /// - Parameter keyFile: the key file; nil for `path` with `.key` at its end.
    /// - Throws: ``Fault`` with `store.newer-version`, `store.read-only`, `store.permission`, `store.full`,
    ///   `store.damaged` (also when the file is another program's database), `store.locked` (another process writes for
    ///   more than five seconds) or `store.key-file` (missing, not ours, or others may read it).
    public static func open(path: String, keyFile: String? = nil) throws -> Store {
        try open(path: path, keyFile: keyFile, options: Options())
    }

    /// Makes an empty database that lives in memory, with a key of its own.
    public static func inMemory() throws -> Store {
        try inMemory(options: Options())
    }

    static func open(path: String, keyFile: String?, options: Options) throws -> Store {
        do {
            try StoreFiles.prepare(path)
            // Several processes that make one new database step on each other's feet, for SQLite does not wait everywhere.
            let turn = OpeningTurn(directory: StoreFault.directory(of: path), patience: options.lockTimeout)
            defer { turn.end() }
            if StoreFiles.size(of: path) > 0 { try refuseForeign(path, options) }
            StoreFiles.keepFromOthers(path)
            let pool = try DatabasePool(path: path, configuration: configuration(options))
            // GRDB lowers this to NORMAL for WAL, with which a loss of power may take back the last commits.
            // Checkpoints at four times SQLite's distance write the pages that each commit touches again less often.
            // The writer's memory (16 MiB) holds what one change of many phones touches.
            try pool.writeWithoutTransaction {
                try $0.execute(
                    sql: """
                        PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 4000; PRAGMA cache_size = -16384
                        """)
            }
            try migrate(pool, path: path)
            let key = try key(at: keyFile ?? path + ".key", for: pool)
            return Store(database: pool, key: key, path: path, bounds: options.bounds, now: options.now)
        } catch {
            throw StoreFault.make(error, path: path)
        }
    }

    static func inMemory(options: Options) throws -> Store {
        do {
            let queue = try DatabaseQueue(configuration: configuration(options))
            try migrate(queue, path: nil)
            let key = SealingKey(master: SymmetricKey(size: .bits256))
            return Store(database: queue, key: key, path: nil, bounds: options.bounds, now: options.now)
        } catch {
            throw StoreFault.make(error, path: nil)
        }
    }

    static func configuration(_ options: Options) -> Configuration {
        var configuration = Configuration()
        configuration.busyMode = .timeout(options.lockTimeout)
        configuration.foreignKeysEnabled = true
        configuration.prepareDatabase { [pages = options.maximumPages] database in
            try database.execute(sql: "PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON")
            if let pages { try database.execute(sql: "PRAGMA max_page_count = \(pages)") }
        }
        return configuration
    }

    /// Looks at a file before anything is written to it, so that another program's or a newer database stays as it is.
    private static func refuseForeign(_ path: String, _ options: Options) throws {
        var configuration = configuration(options)
        configuration.readonly = true
        let queue = try DatabaseQueue(path: path, configuration: configuration)
        defer { try? queue.close() }
        try queue.read { database in
            let mark = try Int.fetchOne(database, sql: "PRAGMA application_id") ?? 0
            // The migrator makes a table of its own before the first step marks the file as ours; another process may be there.
            let tables =
                try Int.fetchOne(
                    database, sql: "SELECT count(*) FROM sqlite_schema WHERE tbl_name <> 'grdb_migrations'") ?? 0
            guard mark == Schema.applicationID || tables == 0 else {
                throw Fault(.storeDamaged, subject: path, detail: "a database of another program")
            }
            try refuseNewer(database, path: path)
        }
    }

    private static func refuseNewer(_ database: Database, path: String?) throws {
        guard try Schema.migrator.hasBeenSuperseded(database) else { return }
        throw Fault(.storeNewerVersion, subject: path)
    }

    /// Brings the schema up to date.
    ///
    /// Another process may do the same at the same time; then its work is taken.
    private static func migrate(_ writer: any DatabaseWriter, path: String?) throws {
        do {
            try Schema.migrator.migrate(writer)
        } catch {
            guard try writer.read({ try Schema.migrator.hasCompletedMigrations($0) }) else { throw error }
        }
        try writer.read { try refuseNewer($0, path: path) }
    }

    /// Finds the key of the database, or makes the key of a new one.
    private static func key(at keyFile: String, for writer: any DatabaseWriter) throws -> SealingKey {
        let query = "SELECT value FROM storeInfo WHERE name = 'keyCheck'"
        let known = try writer.read { try Data.fetchOne($0, sql: query) }
        if let known {
            guard let master = try KeyFile.read(keyFile) else {
                throw Fault(.storeKeyFile, subject: keyFile, detail: "the file is missing")
            }
            return try matching(SealingKey(master: master), known, keyFile)
        }
        let key = SealingKey(master: try KeyFile.read(keyFile) ?? KeyFile.create(keyFile))
        let stored = try writer.write { database in
            try database.execute(
                sql: "INSERT OR IGNORE INTO storeInfo (name, value) VALUES ('keyCheck', ?)", arguments: [key.check])
            return try Data.fetchOne(database, sql: query)
        }
        return try matching(key, stored, keyFile)
    }

    private static func matching(_ key: SealingKey, _ check: Data?, _ keyFile: String) throws -> SealingKey {
        guard key.check == check else {
            throw Fault(.storeKeyFile, subject: keyFile, detail: "the key belongs to another database")
        }
        return key
    }
}
