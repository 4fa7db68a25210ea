import DeploymentModel

/// Growing pauses with jitter, the same for the same seed.
struct Backoff: Sendable {
    /// Seconds before the second try.
    var first: Double
    /// Longest pause in seconds.
    var longest: Double
    var factor = 2.0

    /// Between tries of a phone whose connection failed.
    static let retry = Backoff(first: 0.25, longest: 5)
    /// Between visits to a phone that is absent or in a call.
    static let absence = Backoff(first: 1, longest: 30)
    /// Seconds to wait after so many failures (from 1), between 75 % and 125 % of the step.
    func seconds(after failures: Int, using generator: inout SeededGenerator) -> Double {
        var step = first
        for _ in 1..<max(1, min(failures, 32)) where step < longest { step *= factor }
        return min(step, longest) * (0.75 + 0.5 * generator.nextUnit())
    }
}
