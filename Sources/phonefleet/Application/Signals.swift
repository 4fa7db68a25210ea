import Dispatch
import Foundation
import Synchronization

/// Ctrl-C in two steps: the first stops gracefully, the second at once.
enum Signals {
    /// Runs `work`; on the first SIGINT or SIGTERM `onStop` is called, on the second the work's task is cancelled.
    static func graceful<Result: Sendable>(
        onStop: @escaping @Sendable () -> Void, work: @escaping @Sendable () async throws -> Result
    ) async throws -> Result {
        let task = Task(operation: work)
        let count = Mutex(0)
        let listening = SignalHub.shared.listen {
            let number = count.withLock { count in
                count += 1
                return count
            }
            if number == 1 { onStop() } else { task.cancel() }
        }
        defer { SignalHub.shared.forget(listening) }
        return try await withTaskCancellationHandler {
            try await task.value
        } onCancel: {
            task.cancel()
        }
    }

    /// Runs `work`; SIGINT or SIGTERM cancels its task, so that it can clear up behind itself.
    static func cancelling(_ work: @escaping @Sendable () async throws -> Void) async throws {
        let task = Task(operation: work)
        let listening = SignalHub.shared.listen { task.cancel() }
        defer { SignalHub.shared.forget(listening) }
        try await task.value
    }

    /// Returns at the first SIGINT or SIGTERM.
    ///
    /// - Parameter ready: done once signals are heard, to say that the program is there.
    static func untilStopped(ready: () -> Void = {}) async {
        let (signals, input) = AsyncStream.makeStream(of: Void.self)
        let listening = SignalHub.shared.listen { input.yield() }
        ready()
        for await _ in signals { break }
        SignalHub.shared.forget(listening)
    }
}

/// Hears SIGINT and SIGTERM for the whole process and tells everybody who listens at the moment.
///
/// libdispatch hooks itself into a signal once in the life of a process; whoever sets the signal's action back in between
/// makes all later sources deaf. So the sources are made once and stay. While nobody listens a signal ends the process.
private final class SignalHub: @unchecked Sendable {  // the sources are never touched after init, the rest is a mutex
    private struct Listeners {
        var handlers: [Int: @Sendable () -> Void] = [:]
        var last = 0
    }

    static let shared = SignalHub()

    private let listeners = Mutex(Listeners())
    private var sources: [any DispatchSourceSignal] = []

    private init() {
        let queue = DispatchQueue(label: "phonefleet.signals")
        sources = [SIGINT, SIGTERM].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
            source.setEventHandler { [weak self] in self?.receive(number) }
            source.resume()
            return source
        }
    }

    func listen(_ handler: @escaping @Sendable () -> Void) -> Int {
        listeners.withLock { listeners in
            listeners.last += 1
            listeners.handlers[listeners.last] = handler
            return listeners.last
        }
    }

    func forget(_ listening: Int) { _ = listeners.withLock { $0.handlers.removeValue(forKey: listening) } }

    private func receive(_ number: Int32) {
        let handlers = listeners.withLock { $0.handlers }
        guard !handlers.isEmpty else {
            signal(number, SIG_DFL)
            raise(number)
            return
        }
        for handler in handlers.values { handler() }
    }
}
