import DeploymentModel
import NIOCore
import Synchronization

/// The telephony client of one phone: keeps it registered as its items and its trusted certificates want it.
///
/// Exists only for a phone that has, or had, something to register at. May be called from any thread; what it does, it
/// does on one event loop.
final class TelephonyClient: Sendable {
    /// What the phone wants of its client.
    struct Wish: Hashable, Sendable {
        var account: SIPAccount
        var trust: ServerTrust
    }

    private let loop: any EventLoop
    private let fleet: FleetContext
    private let line: NIOLoopBoundBox<TelephonyLine?>
    /// What was asked for last, and how often something was asked for: a word of an older session is not believed.
    private let asked = Mutex<(wish: Wish?, serial: Int)>((nil, 0))
    private let report: @Sendable (TelephonyState, _ serial: Int) -> Void
    private let clockError: Double

    /// - Parameters:
    ///   - clockError: by how many seconds the phone's own clock is wrong; certificates are judged by it.
    ///   - report: called on the loop with every change and the serial number of the wish that it belongs to.
    init(
        loop: any EventLoop, fleet: FleetContext, clockError: Double,
        report: @escaping @Sendable (TelephonyState, _ serial: Int) -> Void
    ) {
        self.loop = loop
        self.fleet = fleet
        self.clockError = clockError
        self.report = report
        line = .makeEmptyBox(valueType: TelephonyLine.self, eventLoop: loop)
    }

    /// Whether the wish is another than the last one; if so it counts from now on.
    ///
    /// - Parameter always: also when it is the same, as after a restart.
    func takes(_ wish: Wish?, always: Bool = false) -> Bool {
        asked.withLock { asked in
            guard always || asked.wish != wish else { return false }
            asked = (wish, asked.serial + 1)
            return true
        }
    }

    /// Whether nothing was asked for since.
    func isCurrent(_ serial: Int) -> Bool { asked.withLock { $0.serial == serial } }

    /// Ends what there is and begins what was asked for last.
    ///
    /// - Parameter isCut: the phone lost its power: nothing is said to the server any more.
    func turn(isCut: Bool) {
        loop.execute { [self] in
            guard let old = line.value else { return begin() }
            guard isCut else {
                return old.leave { [self] in if line.value === old { begin() } }
            }
            line.value = nil
            old.cut()
            begin()
        }
    }

    /// Takes the registration back and ends; completes when that is done, within seconds.
    func end() -> EventLoopFuture<Void> {
        let done = loop.makePromise(of: Void.self)
        _ = takes(nil, always: true)
        loop.execute { [self] in
            guard let old = line.value else { return done.succeed() }
            old.leave { done.succeed() }
        }
        return done.futureResult
    }

    private func begin() {
        line.value = nil
        let (wish, serial) = asked.withLock { $0 }
        guard let wish, let telephony = fleet.telephony else { return }
        let report = report
        let fresh = TelephonyLine(wish, loop: loop, fleet: fleet, clockError: clockError) { report($0, serial) }
        line.value = fresh
        fresh.start(after: telephony.pauseBeforeStart(at: fleet.now))
    }
}
