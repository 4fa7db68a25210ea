/// A clock as a run uses it: time since the run began, and sleep.
///
/// Made from any clock, so that tests need not wait.
struct RunClock: Sendable {
    private let elapsedSinceStart: @Sendable () -> Duration
    private let clock: any Clock<Duration>

    init(_ clock: any Clock<Duration>) {
        self.clock = clock
        elapsedSinceStart = Self.stopwatch(clock)
    }

    /// Seconds since the clock was made.
    var seconds: Double {
        let (seconds, attoseconds) = elapsedSinceStart().components
        return Double(seconds) + Double(attoseconds) * 1e-18
    }

    /// Throws `CancellationError` when the task is cancelled.
    func sleep(seconds: Double) async throws {
        try await clock.sleep(for: .seconds(max(0, seconds)))
    }

    private static func stopwatch<C: Clock<Duration>>(_ clock: C) -> @Sendable () -> Duration {
        let start = clock.now
        return { start.duration(to: clock.now) }
    }
}
