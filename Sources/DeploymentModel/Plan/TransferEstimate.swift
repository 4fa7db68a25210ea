import struct Foundation.Date

/// How long a run will still take: first by the catalogue's usual durations, then by what was measured.
///
/// A value that is fed with the run's events and asked at any time; it watches and never steers.
public struct TransferEstimate: Sendable {
    private var expected: [DeviceID: Double]
    private var expectedLeft: Double
    private let concurrency: Double
    /// Measured share of the expected duration, smoothed; 1 until something was measured.
    private var pace = 1.0
    private var measured = 0
    private var recent = RecentFinishes()

    /// Weight of the newest measurement in the smoothed pace.
    private static let weight = 0.1

    public init(plan: TransferPlan, catalogue: Catalogue) {
        var expected: [DeviceID: Double] = [:]
        expected.reserveCapacity(plan.devices.count)
        for device in plan.devices {
            guard !device.isEmpty || plan.mode.isOrder, let durations = catalogue[device.type]?.durations else {
                continue
            }
            guard !plan.mode.isOrder else {
                expected[device.device] = durations.restart
                continue
            }
            let mayRestart = plan.mode == .deploy && plan.options.restarts
            let restarts = mayRestart && (device.common + device.own).contains(where: \.needsRestart)
            expected[device.device] = durations.transfer + (restarts ? durations.restart : 0)
        }
        self.expected = expected
        expectedLeft = expected.values.reduce(0, +)
        concurrency = Double(max(1, min(plan.options.concurrency, expected.count)))
    }

    /// Takes in what happened; events of other kinds than finished phones change nothing.
    public mutating func receive(_ event: TransferEvent) {
        guard case .deviceFinished(let result) = event.kind, let usual = expected.removeValue(forKey: result.device)
        else { return }
        expectedLeft = max(0, expectedLeft - usual)
        guard result.outcome.isProven || result.outcome == .differs, usual > 0 else { return }
        let sample = result.duration / usual
        measured += 1
        // The first samples count by their mean, so that a poor first guess of the catalogue does not linger.
        let weight = max(Self.weight, 1 / Double(measured))
        pace += (sample - pace) * weight
        recent.add(event.at)
    }

    /// Phones that are not finished yet.
    public var devicesLeft: Int { expected.count }

    /// Seconds until the last phone is finished; 0 when none is left.
    ///
    /// Phones that are absent are counted as if they came at once.
    public var secondsLeft: Double {
        guard !expected.isEmpty else { return 0 }
        let byDuration = expectedLeft * pace / min(concurrency, Double(expected.count))
        guard let rate = recent.rate else { return byDuration }
        return max(byDuration, Double(expected.count) / rate)
    }

    /// Phones finished per second of late; nil before enough of them were seen.
    public var rate: Double? { recent.rate }
}

/// The times at which the last phones were finished, for a rate that follows the run.
private struct RecentFinishes {
    private var times: [Double] = []
    private var next = 0
    private static let size = 64

    mutating func add(_ date: Date) {
        let time = date.timeIntervalSinceReferenceDate
        if times.count < Self.size {
            times.append(time)
        } else {
            times[next] = time
            next = (next + 1) % Self.size
        }
    }

    var rate: Double? {
        guard times.count >= 8, let first = times.min(), let last = times.max(), last > first else { return nil }
        return Double(times.count - 1) / (last - first)
    }
}
