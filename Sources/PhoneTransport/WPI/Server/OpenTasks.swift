import Synchronization

/// Tasks that live as long as a conversation: started from an event loop, and waited for at the end.
final class OpenTasks: Sendable {
    private struct State {
        var count = 0
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())

    func start(on executor: (any TaskExecutor)?, _ body: @escaping @Sendable () async -> Void) {
        state.withLock { $0.count += 1 }
        Task(executorPreference: executor) {
            await body()
            self.ended()
        }
    }

    private func ended() {
        let waiting = state.withLock { state in
            state.count -= 1
            guard state.count == 0 else { return [CheckedContinuation<Void, Never>]() }
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
    }

    /// Returns when none is left.
    func allEnded() async {
        await withCheckedContinuation { continuation in
            let isIdle = state.withLock { state in
                if state.count > 0 { state.waiting.append(continuation) }
                return state.count == 0
            }
            if isIdle { continuation.resume() }
        }
    }
}
