public import DeploymentModel
public import Foundation
public import PhoneTransport

/// Looks at many addresses: connection, handshake, verdict and identification in one contact each.
public struct Scanner: Sendable {
    private let probe: any PhoneProbe
    private let catalogue: Catalogue
    private let clock: any Clock<Duration>
    private let now: @Sendable () -> Date

    public init(
        probe: any PhoneProbe, catalogue: Catalogue, clock: any Clock<Duration> = ContinuousClock(),
        now: @escaping @Sendable () -> Date = { Date() }
    ) {
        self.probe = probe
        self.catalogue = catalogue
        self.clock = clock
        self.now = now
    }

    /// Visits every address, and those that were silent or refused again in the later passes.
    ///
    /// Rows are handed out as they come and are not kept. When the signal is raised nothing new is visited, and what is
    /// under way is still heard.
    ///
    /// - Parameter receive: called from one task, one event at a time; must not block.
    /// - Throws: `CancellationError` when the task is cancelled; ``Fault`` (`input.value`) when the request is out of range.
    public func scan(
        _ request: ScanRequest, stop: StopSignal = StopSignal(), receive: (ScanEvent) -> Void
    ) async throws -> ScanSummary {
        try Self.check(request)
        let clock = RunClock(clock)
        let visitor = AddressVisitor(probe: probe, catalogue: catalogue, request: request, now: now)
        var summary = ScanSummary(totals: [.waiting: request.count])
        var again: [ScanPass.Visit]?
        for number in 1...request.passes where !summary.wasStopped {
            let count = again?.count ?? request.count
            if count == 0 { break }
            var pass = ScanPass(
                progress: ScanProgress(pass: number, passes: request.passes, visited: 0, addresses: count),
                totals: summary.totals, visitor: visitor, clock: clock, stop: stop)
            receive(.passStarted(pass: number, addresses: count))
            if let again {
                try await pass.run(over: again, receive)
            } else {
                try await pass.run(over: Self.firstVisits(request.addresses), receive)
            }
            (summary.totals, summary.passes, summary.wasStopped) = (pass.totals, number, pass.wasStopped)
            again = pass.again
        }
        summary.totals = summary.totals.filter { $0.value > 0 }
        summary.duration = clock.seconds
        receive(.finished(summary))
        return summary
    }

    private static func firstVisits(_ addresses: some Sequence<String>) -> some Sequence<ScanPass.Visit> {
        addresses.lazy.map { ScanPass.Visit(address: $0, status: .waiting) }
    }

    private static func check(_ request: ScanRequest) throws(Fault) {
        func demand(_ holds: Bool, _ name: String, _ rule: String) throws(Fault) {
            if !holds { throw Fault(.inputValue, subject: name, detail: "expects \(rule)") }
        }
        try demand(request.passes >= 1, "passes", "1 or more")
        try demand(!request.ports.isEmpty, "port", "at least one port")
        try demand(request.ports.allSatisfy { (1...65535).contains($0.number) }, "port", "1 to 65535")
        try demand(request.pace.contacts >= 1, "contacts", "1 or more")
        if let rate = request.pace.addressesPerSecond {
            try demand(rate.isFinite && rate > 0, "rate", "more than 0 addresses per second")
        }
    }
}
