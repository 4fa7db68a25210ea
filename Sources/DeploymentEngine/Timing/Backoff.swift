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
    func seconds(after failures: Int, using generator: inout SplitMix) -> Double {
        var step = first
        for _ in 1..<max(1, min(failures, 32)) where step < longest { step *= factor }
        return min(step, longest) * (0.75 + 0.5 * generator.nextUnit())
    }
}

/// A small seeded generator (SplitMix64), so that a run can be repeated exactly.
struct SplitMix: Sendable {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// At least 0 and less than 1.
    mutating func nextUnit() -> Double {
        Double(next() >> 11) * 0x1p-53
    }
}
