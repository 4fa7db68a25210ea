import NIOCore

/// Lets tasks run on an event loop.
///
/// A conversation with a phone is a dozen short turns between waits. On the loop of its own connection none of them costs
/// a change of threads, which is dearer than the turn itself.
final class LoopExecutor: TaskExecutor {
    let loop: any EventLoop

    init(_ loop: any EventLoop) {
        self.loop = loop
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        loop.execute { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}
