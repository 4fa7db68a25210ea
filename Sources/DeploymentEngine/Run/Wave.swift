import DeploymentModel

/// Phones that are visited before the next ones may be begun.
struct Wave {
    let name: String
    let isCanary: Bool
    /// All phones of the wave, by their place in the plan.
    let all: Range<Int>
    /// Those that were not begun yet.
    var places: Range<Int>

    private init(name: String, isCanary: Bool, places: Range<Int>) {
        self.name = name
        self.isCanary = isCanary
        all = places
        self.places = places
    }

    /// The canary wave, if the plan wants one and writes at all, and the rest.
    static func waves(of plan: TransferPlan) -> [Wave] {
        let count = plan.devices.count
        let canary = plan.mode.isChange ? min(max(0, plan.options.canary), count) : 0
        let parts = [
            Wave(name: "canary", isCanary: true, places: 0..<canary),
            Wave(name: "all", isCanary: false, places: canary..<count),
        ]
        return parts.filter { !$0.all.isEmpty }
    }
}

/// Counts phones that ended badly against the limit of the run.
struct FailureTally {
    private var finished = 0
    private var failed = 0

    /// Below so many finished phones a share says nothing.
    private static let minimumSample = 20

    mutating func add(_ outcome: DeviceOutcome) {
        guard outcome != .stopped, outcome != .skipped else { return }
        finished += 1
        if outcome == .failed || outcome == .differs { failed += 1 }
    }

    func exceeds(_ limit: TransferOptions.FailureLimit?) -> Bool {
        switch limit {
        case nil: false
        case .count(let most): failed > 0 && failed >= most
        case .percent(let share):
            finished >= Self.minimumSample && Double(failed) * 100 > share * Double(finished)
        }
    }
}
