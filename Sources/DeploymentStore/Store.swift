import Crypto
import DeploymentModel
import Foundation
import GRDB

/// The one owner of the database: device list, settings, trust, sealed secrets, scans, runs and their journal.
///
/// Make one per process, at start, with ``open(path:keyFile:)``; in tests with ``inMemory()``. All methods may be
/// called from any task at the same time. A write returns only when it would survive a loss of power, and is done even
/// when the calling task is cancelled meanwhile.
///
/// Every method throws a ``Fault``: `store.*` when the database cannot do its part, `input.*` or `run.*` as the method
/// says. Nothing is changed by a call that throws.
public final class Store: Sendable {
    let database: any DatabaseWriter
    let commits: CommitQueue
    let key: SealingKey
    let identity: ProcessIdentity
    /// Where the database lies; nil in memory.
    public let path: String?
    let now: @Sendable () -> Date
    let bounds: CallBounds

    init(
        database: any DatabaseWriter, key: SealingKey, path: String?, bounds: CallBounds,
        now: @escaping @Sendable () -> Date
    ) {
        self.database = database
        self.key = key
        self.path = path
        self.bounds = bounds
        self.now = now
        commits = CommitQueue(database)
        identity = ProcessIdentity.enlist()
    }

    deinit {
        identity.retire()
    }

    /// Closes the database; later calls throw.
    ///
    /// Runs that this store owns count as interrupted from now on.
    ///
    /// Throws `store.locked` when calls are still being served.
    public func close() throws {
        identity.retire()
        do {
            // Readers first: the last connection to go brings the `-wal` file into the database, and only a writer can.
            (database as? DatabasePool)?.invalidateReadOnlyConnections()
            try database.close()
        } catch {
            throw StoreFault.make(error, path: path)
        }
    }

    /// Reads from one consistent state of the database.
    func read<Value: Sendable>(_ work: @escaping @Sendable (Database) throws -> Value) async throws -> Value {
        do {
            return try await withCheckedThrowingContinuation { continuation in
                database.asyncRead { result in
                    continuation.resume(with: Result { try work(result.get()) })
                }
            }
        } catch {
            throw StoreFault.make(error, path: path)
        }
    }

    /// Does one write, alone or together with others, and returns once it is durable.
    ///
    /// `work` may be called more than once; see ``CommitQueue/submit(_:)``.
    func write<Value: Sendable>(_ work: @escaping @Sendable (Database) throws -> Value) async throws -> Value {
        do {
            return try await commits.submit(work)
        } catch {
            throw StoreFault.make(error, path: path)
        }
    }
}
