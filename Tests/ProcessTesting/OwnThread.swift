import Foundation

/// Threads for what blocks.
///
/// Tests are tasks, and there are only as many threads for tasks as there are processors: two tests that wait for a program on
/// such a thread would stop all others on a machine with two.
public enum OwnThread {
    /// Does blocking work on a thread of its own.
    public static func run<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread { continuation.resume(with: Result { try work() }) }
        }
    }

    /// Does blocking work that can not fail on a thread of its own.
    public static func run<Value: Sendable>(_ work: @escaping @Sendable () -> Value) async -> Value {
        await withCheckedContinuation { continuation in
            Thread.detachNewThread { continuation.resume(returning: work()) }
        }
    }
}
