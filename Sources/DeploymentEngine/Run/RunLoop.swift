import DeploymentModel

/// The one loop that decides which phone is visited when: a sliding window over waves of phones.
///
/// Phones at work are child tasks; phones that wait are entries of a queue and cost neither a task nor a slot.
struct RunLoop {
    /// What a child task has to tell.
    enum Signal: Sendable {
        case visited(Int, DeviceVisit.End)
        case timer
        case stopRequested
        /// A phone that is waited for has called.
        case called(Int)
        case watchEnded((any Error)?)
    }

    private struct Waiting {
        var place: Int
        var state: DeviceState
    }

    private let context: RunContext
    private let progress: RunProgress
    private var waves: [Wave]
    private var wave: Wave?
    private var waiting = DelayQueue<Waiting>()
    private var results: [DeviceResult?]
    private var tally = FailureTally()
    private var atWork = 0
    private var armedTimer: Double?
    private var endedEarly: Fault?
    private(set) var journalFailure: (any Error)?

    init(context: RunContext, progress: RunProgress) {
        self.context = context
        self.progress = progress
        let devices = context.plan.devices
        results = devices.map { progress.finished[$0.device] }
        waves = Wave.waves(of: context.plan)
        for case let result? in results { tally.add(result.outcome) }
    }

    mutating func run(in group: inout TaskGroup<Signal>) async {
        watch(in: &group)
        advance(in: &group)
        while !isOver, let signal = await group.next() {
            receive(signal, in: &group)
            advance(in: &group)
        }
        group.cancelAll()
    }

    /// What became of every phone of the plan, in its order.
    func result() -> TransferResult {
        let hadItsTurn = results.allSatisfy { $0.map { $0.outcome != .stopped } ?? false }
        let devices = zip(context.plan.devices, results).map { plan, result in
            result ?? Self.untouched(plan, because: endedEarly ?? Fault(.runStopped), at: context)
        }
        return TransferResult(
            run: context.run, mode: context.plan.mode, devices: devices, endedEarly: hadItsTurn ? nil : endedEarly)
    }

    private static func untouched(_ plan: DevicePlan, because fault: Fault, at context: RunContext) -> DeviceResult {
        DeviceResult(
            device: plan.device, address: plan.address, mac: plan.mac, type: plan.type,
            outcome: fault.code == .runStopped ? .stopped : .skipped, fault: Fault(fault.code),
            finishedAt: context.date)
    }
}

extension RunLoop {
    private var isOver: Bool {
        atWork == 0 && waiting.isEmpty && (wave == nil || isEnding)
    }

    /// Whether no phone is begun any more.
    private var isEnding: Bool { endedEarly != nil || journalFailure != nil }

    private mutating func receive(_ signal: Signal, in group: inout TaskGroup<Signal>) {
        switch signal {
        case .visited(let place, let end):
            atWork -= 1
            receive(end, of: place)
        case .timer, .stopRequested: break
        case .called(let place):
            waiting.hasten({ $0.place == place }, due: context.clock.seconds)
            listen(in: &group)
        case .watchEnded(let error):
            if let error { fail(error) }
        }
        if context.stop.isRequested || Task.isCancelled { endEarly(Fault(.runStopped)) }
        if isEnding { releaseWaiting(in: &group) }
    }

    private mutating func receive(_ end: DeviceVisit.End, of place: Int) {
        switch end {
        case .finished(let result), .left(let result):
            results[place] = result
            tally.add(result.outcome)
            if tally.exceeds(context.plan.options.failureLimit) { endEarly(Fault(.runMaxFailures)) }
        case .again(let state, let seconds, _):
            let pause = context.isCalling(deviceAt: place) ? 0 : seconds
            waiting.insert(Waiting(place: place, state: state), due: context.clock.seconds + pause)
        case .journalFailed(let error): fail(error)
        }
    }

    private mutating func endEarly(_ fault: Fault) {
        if endedEarly == nil { endedEarly = fault }
    }

    /// The journal cannot keep what is done: phones at work end with their step, and the run is given up.
    private mutating func fail(_ error: any Error) {
        if journalFailure == nil { journalFailure = error }
        context.halt()
    }

    /// Gives back the phones that are waited for; their work stays open.
    private mutating func releaseWaiting(in group: inout TaskGroup<Signal>) {
        let (context, fault) = (context, endedEarly ?? Fault(.runStopped))
        for entry in waiting.removeAll() {
            let (place, state) = (entry.place, entry.state)
            guard let visit = DeviceVisit(context: context, place: place, state: state) else { continue }
            atWork += 1
            group.addTask {
                await context.forgetCall(ofDeviceAt: place)
                var visit = visit
                return .visited(place, await visit.leave(because: Fault(fault.code)))
            }
        }
    }
}

extension RunLoop {
    /// Begins what can be begun, and goes over to the next wave when one is through.
    private mutating func advance(in group: inout TaskGroup<Signal>) {
        guard !isEnding else { return }
        if wave == nil { openWave() }
        while !isEnding, wave != nil {
            fill(in: &group)
            guard atWork == 0, waiting.isEmpty else { break }
            closeWave()
        }
        armTimer(in: &group)
    }

    private mutating func fill(in group: inout TaskGroup<Signal>) {
        let now = context.clock.seconds
        while atWork < context.plan.options.concurrency {
            if let due = waiting.popDue(at: now) {
                begin(due.place, due.state, in: &group)
            } else if let place = nextPlace() {
                begin(place, firstState(of: place), in: &group)
            } else {
                break
            }
        }
    }

    private mutating func nextPlace() -> Int? {
        while let place = wave?.places.popFirst() {
            if results[place] == nil { return place }
        }
        return nil
    }

    private func firstState(of place: Int) -> DeviceState {
        var state = context.state(forDeviceAt: place)
        let plan = context.plan.devices[place]
        if let entries = progress.open[plan.device] {
            state.restore(from: entries, wanted: plan.wanted, files: plan.files, at: context.clock.seconds)
        }
        return state
    }

    private mutating func begin(_ place: Int, _ state: DeviceState, in group: inout TaskGroup<Signal>) {
        guard let visit = DeviceVisit(context: context, place: place, state: state) else { return }
        atWork += 1
        let executors = context.services.executors
        group.addTask(executorPreference: executors.isEmpty ? nil : executors[place % executors.count]) {
            var visit = visit
            let end = await visit.run()
            if case .again = end { return .visited(place, end) }
            await visit.context.forgetCall(ofDeviceAt: place)
            return .visited(place, end)
        }
    }

    private mutating func openWave() {
        guard !waves.isEmpty else { return }
        let next = waves.removeFirst()
        wave = next
        context.emit(.waveStarted(name: next.name, devices: next.places.count))
    }

    /// After the canary wave the rest follows only when each of its phones is as it should be.
    private mutating func closeWave() {
        guard let closed = wave else { return }
        wave = nil
        let bad = results[closed.all].lazy.compactMap(\.self).first { !$0.isCanaryPassed }
        if closed.isCanary, let bad {
            endEarly(Fault(.runCanaryFailed, subject: bad.address, detail: bad.fault?.code.rawValue))
            return
        }
        openWave()
    }

    private mutating func armTimer(in group: inout TaskGroup<Signal>) {
        let now = context.clock.seconds
        if let armed = armedTimer, armed <= now { armedTimer = nil }
        guard let due = waiting.nextDue, armedTimer.map({ due < $0 }) ?? true else { return }
        armedTimer = due
        let clock = context.clock
        group.addTask {
            try? await clock.sleep(seconds: due - now)
            return .timer
        }
    }

    /// One task waits for the next phone that calls.
    private func listen(in group: inout TaskGroup<Signal>) {
        guard context.services.calls != nil else { return }
        let called = context.called
        group.addTask {
            for await place in called { return .called(place) }
            return .timer
        }
    }

    /// One task hears of stop requests from outside and keeps the leases alive, one hears of the signal in this process.
    private func watch(in group: inout TaskGroup<Signal>) {
        listen(in: &group)
        let context = context
        group.addTask {
            await context.stop.wait()
            return .stopRequested
        }
        group.addTask {
            do {
                while true {
                    try await context.clock.sleep(seconds: 1)
                    if try await context.services.journal.isStopRequested(context.run) { context.stop.request() }
                }
            } catch is CancellationError {
                return .watchEnded(nil)
            } catch {
                return .watchEnded(error)
            }
        }
    }
}

extension DeviceResult {
    fileprivate var isCanaryPassed: Bool {
        outcome.isProven || fault?.code == .planNothingToDo || fault?.code == .runSuperseded
    }
}
