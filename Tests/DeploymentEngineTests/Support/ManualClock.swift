import Synchronization

/// A clock that goes only when everything sleeps: then, and only then, it jumps to the next sleeper.
///
/// No test waits by it, and no pause of the engine is shorter or longer than the engine asked for. Whether everything sleeps is
/// known and not guessed: the work runs on one thread of its own (``StillThread``), which tells when nothing is left to do.
final class ManualClock: Clock, Sendable {
    struct Instant: InstantProtocol {
        var offset: Duration
        func advanced(by duration: Duration) -> Instant { Instant(offset: offset + duration) }
        func duration(to other: Instant) -> Duration { other.offset - offset }
        static func < (left: Instant, right: Instant) -> Bool { left.offset < right.offset }
    }

    private struct State {
        var now = Duration.zero
        var nextID = 0
        var sleepers: [Int: (due: Duration, continuation: CheckedContinuation<Bool, Never>)] = [:]
    }

    private let state = Mutex(State())

    var now: Instant { Instant(offset: state.withLock { $0.now }) }
    var minimumResolution: Duration { .zero }

    func sleep(until deadline: Instant, tolerance: Duration?) async throws {
        let id = state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
        let isDue = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let early: Bool? = state.withLock { state in
                    if Task.isCancelled { return false }
                    if deadline.offset <= state.now { return true }
                    state.sleepers[id] = (deadline.offset, continuation)
                    return nil
                }
                if let early { continuation.resume(returning: early) }
            }
        } onCancel: {
            state.withLock { $0.sleepers.removeValue(forKey: id) }?.continuation.resume(returning: false)
        }
        if !isDue { throw CancellationError() }
    }

    /// Does the work while the clock is driven.
    ///
    /// What the work waits for must come from the work itself or from this clock.
    func drive<Value: Sendable>(_ work: @Sendable () async throws -> Value) async rethrows -> Value {
        let thread = StillThread { self.wakeNext() }
        defer { thread.stop() }
        return try await withTaskExecutorPreference(thread) { try await work() }
    }

    private func wakeNext() {
        let due = state.withLock { state -> [CheckedContinuation<Bool, Never>] in
            guard let next = state.sleepers.values.map(\.due).min() else { return [] }
            state.now = max(state.now, next)
            let ready = state.sleepers.filter { $0.value.due <= state.now }
            for id in ready.keys { state.sleepers[id] = nil }
            return ready.sorted { $0.key < $1.key }.map(\.value.continuation)
        }
        for continuation in due { continuation.resume(returning: true) }
    }
}
