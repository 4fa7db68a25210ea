import DeploymentModel

/// How long a phone waits before it tries again: the pauses grow, have a bound, and differ from phone to phone.
///
/// The pause before attempt n is drawn between half and all of `base * 2^(n-1)`, at most ``longest`` (RFC 5626
/// section 4.5), so that a thousand phones do not come back to a restarted server at one moment.
struct BackOff: Sendable {
    static let longest = 1800.0

    let base: Double
    private var failures = 0
    private var generator: SeededGenerator

    init(base: Double, seed: UInt64) {
        self.base = base
        generator = SeededGenerator(seed: seed)
    }

    /// The pause after one more failure, in seconds.
    ///
    /// - Parameter asked: what the server asked for, if it did; taken within the bound.
    mutating func pause(asked: Double? = nil) -> Double {
        failures = min(failures + 1, 32)
        let most = min(Self.longest, base * Double(UInt64(1) << UInt64(failures - 1)))
        return max(most * (0.5 + generator.nextUnit() / 2), min(asked ?? 0, Self.longest))
    }

    /// The short pause after a connection that had served was lost: up to a twelfth of the base.
    mutating func spread() -> Double {
        base / 12 * generator.nextUnit()
    }

    /// Begins anew after a success.
    mutating func reset() { failures = 0 }
}
