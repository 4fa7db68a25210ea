import Dispatch
import Foundation

/// Ctrl-C in two steps: the first stops gracefully, the second at once.
enum Signals {
    /// Runs `work`; on the first SIGINT or SIGTERM `onStop` is called, on the second the work's task is cancelled.
    static func graceful<Result: Sendable>(
        onStop: @escaping @Sendable () -> Void, work: @escaping @Sendable () async throws -> Result
    ) async throws -> Result {
        let task = Task(operation: work)
        let queue = DispatchQueue(label: "phonefleet.signals")
        let counter = Counter()
        let sources = [SIGINT, SIGTERM].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
            source.setEventHandler {
                if counter.next() == 1 { onStop() } else { task.cancel() }
            }
            source.resume()
            return source
        }
        defer {
            sources.forEach { $0.cancel() }
            [SIGINT, SIGTERM].forEach { signal($0, SIG_DFL) }
        }
        return try await withTaskCancellationHandler {
            try await task.value
        } onCancel: {
            task.cancel()
        }
    }

    /// Returns at the first SIGINT or SIGTERM.
    static func untilStopped() async {
        let (signals, input) = AsyncStream.makeStream(of: Void.self)
        let sources = [SIGINT, SIGTERM].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number)
            source.setEventHandler { input.yield() }
            source.resume()
            return source
        }
        for await _ in signals { break }
        sources.forEach { $0.cancel() }
    }

    /// Counts signals; used on the signal queue only.
    private final class Counter: @unchecked Sendable {  // one serial queue calls it
        private var number = 0
        func next() -> Int {
            number += 1
            return number
        }
    }
}
