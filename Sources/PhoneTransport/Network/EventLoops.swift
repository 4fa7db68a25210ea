public import NIOCore
import NIOPosix

/// The threads on which all connections of a process live; made once by the composition root and handed to whoever
/// dials or listens.
///
/// Nothing here is global: a test makes its own and shuts it down.
public final class EventLoops: Sendable {
    /// The group for everything that needs one, virtual phones and tests among them.
    public var group: any EventLoopGroup { loops }

    private let loops: MultiThreadedEventLoopGroup
    private let loopExecutors: [LoopExecutor]
    private let nameLookups: NIOThreadPool

    /// Starts the threads.
    ///
    /// - Parameter threads: number of event loops; nil takes one per processor core.
    public init(threads: Int? = nil) {
        loops = MultiThreadedEventLoopGroup(numberOfThreads: max(1, threads ?? System.coreCount))
        loopExecutors = loops.makeIterator().map(LoopExecutor.init)
        // Name look-ups block, and a dead name server blocks them for long: they have few threads of their own, so
        // that a thousand of them wait in line instead of stopping the event loops.
        nameLookups = NIOThreadPool(numberOfThreads: 4)
        nameLookups.start()
    }

    /// Ends all threads and closes what is still open.
    ///
    /// Call it once, at the end; nothing that was made from it may be used afterwards.
    public func shutDown() async throws {
        try await nameLookups.shutdownGracefully()
        try await loops.shutdownGracefully()
    }

    /// The threads as executors: a task on one of them talks to its phone without changing threads.
    ///
    /// What runs there must not block, and goes on undisturbed only as long as the loops are not shut down.
    public var executors: [any TaskExecutor] { loopExecutors }

    /// The executor of one of these loops; nil for any other.
    func executor(of loop: any EventLoop) -> (any TaskExecutor)? {
        loopExecutors.first { $0.loop === loop }
    }

    /// The loop on which the caller runs, if it is one of these; otherwise each in turn.
    func next() -> any EventLoop {
        guard let current = MultiThreadedEventLoopGroup.currentEventLoop,
            loopExecutors.contains(where: { $0.loop === current })
        else { return loops.next() }
        return current
    }

    /// Waits until the loops have done what was queued on them, and what came of that on each other.
    ///
    /// A connection that was accepted goes from its listener's loop to its own, and back if it is not wanted.
    func settle() async {
        for _ in 0..<4 {
            for loop in loops.makeIterator() { try? await loop.submit {}.get() }
        }
    }

    /// Runs a blocking name look-up off the event loops.
    func lookUp<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await nameLookups.runIfActive(body)
    }
}
