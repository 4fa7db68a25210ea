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
        SignalHub.shared.listen {
            let number = count.withLock { count in
                count += 1
                return count
            }
            if number == 1 { onStop() } else { task.cancel() }
        }
        defer { SignalHub.shared.listen(nil) }
        return try await withTaskCancellationHandler {
            try await task.value
        } onCancel: {
            task.cancel()
        }
    }

    /// Returns at the first SIGINT or SIGTERM.
    static func untilStopped() async {
        let (signals, input) = AsyncStream.makeStream(of: Void.self)
        SignalHub.shared.listen { input.yield() }
        for await _ in signals { break }
        SignalHub.shared.listen(nil)
    }
}

/// Hears SIGINT and SIGTERM for the whole process and tells whoever listens at the moment.
///
/// libdispatch hooks itself into a signal once in the life of a process; whoever sets the signal's action back in between
/// makes all later sources deaf. So the sources are made once and stay. While nobody listens a signal ends the process.
private final class SignalHub: @unchecked Sendable {  // the sources are never touched after init, the rest is a mutex
    static let shared = SignalHub()

    private let listener = Mutex<(@Sendable () -> Void)?>(nil)
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

    func listen(_ handler: (@Sendable () -> Void)?) { listener.withLock { $0 = handler } }

    private func receive(_ number: Int32) {
        guard let handler = listener.withLock({ $0 }) else {
            signal(number, SIG_DFL)
            raise(number)
            return
        }
        handler()
    }
}
