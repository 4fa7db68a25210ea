import Foundation

/// One thread for tasks, which tells whenever all of them wait for something.
final class StillThread: TaskExecutor, @unchecked Sendable {
    // Safe: every access to `jobs` and `isStopped` holds the condition's lock.
    private let condition = NSCondition()
    private var jobs: [UnownedJob] = []
    private var isStopped = false
    private let whenStill: @Sendable () -> Void

    /// - Parameter whenStill: called on the thread when nothing is left to do.
    init(whenStill: @escaping @Sendable () -> Void) {
        self.whenStill = whenStill
        Thread.detachNewThread { self.run() }
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        condition.withLock {
            jobs.append(job)
            condition.signal()
        }
    }

    /// Lets the thread end when it has nothing left to do.
    func stop() {
        condition.withLock {
            isStopped = true
            condition.signal()
        }
    }

    private func run() {
        while true {
            if condition.withLock({ jobs.isEmpty && !isStopped }) { whenStill() }
            let ready = condition.withLock { () -> [UnownedJob]? in
                while jobs.isEmpty {
                    if isStopped { return nil }
                    condition.wait()
                }
                defer { jobs = [] }
                return jobs
            }
            guard let ready else { return }
            for job in ready { job.runSynchronously(on: asUnownedTaskExecutor()) }
        }
    }
}
