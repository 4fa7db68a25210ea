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
    private let nameLookups: NIOThreadPool

    /// Starts the threads.
    ///
    /// - Parameter threads: number of event loops; nil takes one per processor core.
    public init(threads: Int? = nil) {
        loops = MultiThreadedEventLoopGroup(numberOfThreads: max(1, threads ?? System.coreCount))
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

    func next() -> any EventLoop { loops.next() }

    /// Runs a blocking name look-up off the event loops.
    func lookUp<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await nameLookups.runIfActive(body)
    }
}
