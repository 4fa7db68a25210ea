/// Lets so many things through per second, with short bursts that a coarse clock needs.
struct TokenBucket {
    private let perSecond: Double?
    private let burst: Double
    private var tokens: Double
    private var last: Double

    /// - Parameter perSecond: nil lets everything through.
    init(perSecond: Double?, now: Double) {
        self.perSecond = perSecond
        // A twentieth of a second's worth: sleeps are rounded up, and the bucket makes good what they lose.
        burst = max(1, (perSecond ?? 0) / 20)
        tokens = 1
        last = now
    }

    /// Takes one token and returns the seconds to wait before using it.
    mutating func take(at now: Double) -> Double {
        guard let perSecond else { return 0 }
        tokens = min(burst, tokens + max(0, now - last) * perSecond)
        last = now
        tokens -= 1
        return tokens >= 0 ? 0 : -tokens / perSecond
    }
}
