import Dispatch
import GRDB
import Synchronization

/// Commits the writes of many callers together: whatever waits when the disk is free becomes one transaction.
///
/// A caller hears of its write only after the commit, so nothing is acknowledged that a loss of power could take back.
/// An idle queue starts at once; under load commits keep a small distance, so that more writes share the cost of one
/// `fsync` and of the pages that each commit writes again. A write that throws takes back its own changes and nobody
/// else's: the others are then done again, each in a savepoint of its own.
final class CommitQueue: Sendable {
    private struct Job: Sendable {
        /// Does the work and returns what tells the caller so, once it is committed.
        let perform: @Sendable (Database) throws -> @Sendable () -> Void
        let fail: @Sendable (any Error) -> Void
    }

    private struct Waiting {
        var jobs: [Job] = []
        var isScheduled = false
    }

    /// How far apart commits begin when several callers write at once, in seconds.
    ///
    /// Short beside the time that a phone takes for one exchange; a caller that writes alone never waits for it.
    private static let distance = 0.008

    private let database: any DatabaseWriter
    private let waiting = Mutex(Waiting())

    /// Number of writes that wait for the next commit.
    var waitingCount: Int { waiting.withLock(\.jobs.count) }

    init(_ database: any DatabaseWriter) {
        self.database = database
    }

    /// Does one write and returns its value once it is committed.
    ///
    /// Not cancellable: what was handed in is done and reported. `work` may be called again when a transaction as a
    /// whole failed, so it must touch nothing but the database.
    func submit<Value: Sendable>(_ work: @escaping @Sendable (Database) throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            enqueue(
                Job(
                    perform: { database in
                        let value = try work(database)
                        return { continuation.resume(returning: value) }
                    },
                    fail: { continuation.resume(throwing: $0) }))
        }
    }

    private func enqueue(_ job: Job) {
        let mustSchedule = waiting.withLock { waiting in
            waiting.jobs.append(job)
            defer { waiting.isScheduled = true }
            return !waiting.isScheduled
        }
        if mustSchedule { schedule() }
    }

    private func schedule(after seconds: Double = 0) {
        guard seconds > 0 else {
            return database.asyncWriteWithoutTransaction { [self] database in drain(database) }
        }
        DispatchQueue.global().asyncAfter(deadline: .now() + seconds) { [self] in schedule() }
    }

    /// Commits what waits, then lets other users of the connection have their turn before the next batch.
    private func drain(_ database: Database) {
        let begin = DispatchTime.now()
        let jobs = waiting.withLock { waiting in
            defer { waiting.jobs = [] }
            return waiting.jobs
        }
        if !jobs.isEmpty { commit(jobs, in: database) }
        let hasMore = waiting.withLock { waiting in
            // After a commit of several there will be more, also when nobody waits at this very moment.
            waiting.isScheduled = !waiting.jobs.isEmpty || jobs.count > 1
            return waiting.isScheduled
        }
        guard hasMore else { return }
        let spent = Double(DispatchTime.now().uptimeNanoseconds - begin.uptimeNanoseconds) / 1e9
        schedule(after: Self.distance - spent)
    }

    private func commit(_ jobs: [Job], in database: Database) {
        do {
            for tell in try attempt(jobs, in: database) { tell() }
        } catch let error where jobs.count > 1 && !Self.concernsAll(error) {
            // The transaction as a whole failed (a full disk, a limit): smaller ones may still succeed.
            for job in jobs { commit([job], in: database) }
        } catch {
            for job in jobs { job.fail(error) }
        }
    }

    /// Waiting for another process's lock again for each single write would take minutes and help nobody.
    private static func concernsAll(_ error: any Error) -> Bool {
        guard let code = (error as? DatabaseError)?.resultCode else { return false }
        return code == .SQLITE_BUSY || code == .SQLITE_READONLY || code == .SQLITE_NOTADB
    }

    /// Writes rarely fail, so they are tried without the cost of a savepoint each.
    private func attempt(_ jobs: [Job], in database: Database) throws -> [@Sendable () -> Void] {
        do {
            return try together(jobs, in: database)
        } catch let error where jobs.count > 1 && !Self.concernsAll(error) {
            return try apart(jobs, in: database)
        }
    }

    private func together(_ jobs: [Job], in database: Database) throws -> [@Sendable () -> Void] {
        var tellings: [@Sendable () -> Void] = []
        tellings.reserveCapacity(jobs.count)
        try database.inTransaction(.immediate) {
            for job in jobs { tellings.append(try job.perform(database)) }
            return .commit
        }
        return tellings
    }

    private func apart(_ jobs: [Job], in database: Database) throws -> [@Sendable () -> Void] {
        var tellings: [@Sendable () -> Void] = []
        tellings.reserveCapacity(jobs.count)
        try database.inTransaction(.immediate) {
            for job in jobs {
                do {
                    tellings.append(try isolated(job, in: database))
                } catch {
                    // Some errors (a full disk, for one) make SQLite roll back everything: then nobody succeeded.
                    guard database.isInsideTransaction else { throw error }
                    tellings.append { job.fail(error) }
                }
            }
            return .commit
        }
        return tellings
    }

    private func isolated(_ job: Job, in database: Database) throws -> @Sendable () -> Void {
        var tell: (@Sendable () -> Void)?
        try database.inSavepoint {
            tell = try job.perform(database)
            return .commit
        }
        return tell ?? {}
    }
}
