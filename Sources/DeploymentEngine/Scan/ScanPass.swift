import DeploymentModel
import Synchronization

/// One walk over addresses: a sliding window of contacts behind a rate limit.
struct ScanPass {
    /// An address to visit, with what was last known of it.
    struct Visit: Sendable {
        var address: String
        var status: ScanStatus
    }

    private var progress: ScanProgress
    private let visitor: AddressVisitor
    private let clock: RunClock
    private let stop: StopSignal
    /// Of all addresses of the scan, by the last that was seen of them.
    private(set) var totals: [ScanStatus: Int]
    /// What a later pass is to visit.
    private(set) var again: [Visit] = []
    private(set) var wasStopped = false

    init(
        progress: ScanProgress, totals: [ScanStatus: Int], visitor: AddressVisitor, clock: RunClock, stop: StopSignal
    ) {
        self.progress = progress
        self.totals = totals
        self.visitor = visitor
        self.clock = clock
        self.stop = stop
    }

    /// Visits until all are seen or the signal is raised; what is under way then is still heard.
    mutating func run(over visits: some Sequence<Visit>, _ receive: (ScanEvent) -> Void) async throws {
        let pace = visitor.request.pace
        let window = max(1, pace.contacts / visitor.request.ports.count)
        var bucket = TokenBucket(perSecond: pace.addressesPerSecond, now: clock.seconds)
        let seen = Seen()
        let visitor = visitor
        try await withThrowingTaskGroup(of: Void.self) { group in
            var underWay = 0
            for visit in visits {
                let pause = bucket.take(at: clock.seconds)
                if pause > 0 { try await clock.sleep(seconds: pause) }
                if underWay >= window, try await group.next() != nil { underWay -= 1 }
                // Heard as they come, not only when the window is full: whoever watches sees the scan move.
                takeAll(seen, receive)
                if stop.isRequested {
                    wasStopped = true
                    break
                }
                group.addTask { seen.add(visit, try await visitor.visit(visit.address)) }
                underWay += 1
            }
            while try await group.next() != nil { takeAll(seen, receive) }
        }
        takeAll(seen, receive)
    }

    /// What the visits have brought and nobody has taken yet.
    private final class Seen: Sendable {
        private let rows = Mutex<[(Visit, ScanRow)]>([])

        func add(_ visit: Visit, _ row: ScanRow) { rows.withLock { $0.append((visit, row)) } }

        func takeAll() -> [(Visit, ScanRow)] {
            rows.withLock { rows in
                defer { rows = [] }
                return rows
            }
        }
    }

    private mutating func takeAll(_ seen: Seen, _ receive: (ScanEvent) -> Void) {
        for (visit, row) in seen.takeAll() { take(row, instead: visit, receive) }
    }

    private mutating func take(_ row: ScanRow, instead visit: Visit, _ receive: (ScanEvent) -> Void) {
        progress.visited += 1
        totals[visit.status, default: 0] -= 1
        totals[row.status, default: 0] += 1
        if row.status.isRetried, progress.pass < progress.passes {
            again.append(Visit(address: visit.address, status: row.status))
        }
        receive(.row(row, progress))
    }
}
