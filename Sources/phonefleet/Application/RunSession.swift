import DeploymentEngine
import DeploymentModel
import DeploymentStore
import Foundation
import PhoneTransport

/// Carries one run out: joins engine, store and transport, shows the progress, and keeps the run's final state.
struct RunSession {
    var workspace: Workspace
    var global: GlobalOptions
    /// Where phones that call find this program.
    var calls = CallSettings()
    /// What the progress line counts.
    var showsProgress = true
    /// Whether the run has a log file; one that is only tried out has none.
    var keepsLog = true
    /// Gets what phones give back in a run that reads files.
    var received: (@Sendable (DeviceID, FileKind, [UInt8]) throws -> Void)?

    /// Keeps the plan as a new run and carries it out.
    func start(_ prepared: PreparedRun) async throws -> (result: TransferResult, seconds: Double) {
        try await connected(for: prepared.plan) { connections in
            let (id, plan) = try await workspace.store.createRun(plan: prepared.plan, secrets: prepared.secrets)
            let known = prepared.secrets.map { name, secret in
                (SecretReference.sealed(Store.secretName(name, of: id)), secret)
            }
            let secrets = ReferenceResolver(store: workspace.store, known: Dictionary(uniqueKeysWithValues: known))
            return try await execute(id, plan, secrets, resuming: nil, connections)
        }
    }

    /// Goes on with a run that was stopped or interrupted.
    func resume(_ id: RunID) async throws -> (result: TransferResult, seconds: Double) {
        let plan = try await workspace.store.plan(of: id)
        return try await connected(for: plan) { connections in
            try await workspace.store.claimRun(id)
            let progress = try await workspace.store.progress(of: id)
            let secrets = ReferenceResolver(store: workspace.store)
            return try await execute(id, plan, secrets, resuming: progress, connections)
        }
    }

    /// By what phones are met: threads, and where a plan has phones that call, the end that they call.
    private struct Connections {
        var loops: EventLoops
        var calls: CallServer?

        var dialer: any PhoneDialer {
            var dialers: [ManagementProtocol: any PhoneDialer] = [.direct: DirectDialer(loops: loops)]
            if let calls { dialers[.wpi] = calls.dialer }
            return DialerByProtocol(dialers)
        }
    }

    /// Opens what the plan needs before anything is noted of the run, and closes it in the end.
    private func connected<Outcome>(
        for plan: TransferPlan, _ work: (Connections) async throws -> Outcome
    ) async throws -> Outcome {
        let loops = EventLoops()
        var connections = Connections(loops: loops)
        do {
            if plan.hasCallers(in: workspace.catalogue) {
                connections.calls = try await CallServer.start(in: workspace, calls, on: loops)
            }
            let outcome = try await work(connections)
            await connections.calls?.stop()
            try? await loops.shutDown()
            return outcome
        } catch {
            await connections.calls?.stop()
            try? await loops.shutDown()
            throw error
        }
    }

    private func execute(
        _ id: RunID, _ plan: TransferPlan, _ secrets: ReferenceResolver, resuming progress: RunProgress?,
        _ connections: Connections
    ) async throws -> (result: TransferResult, seconds: Double) {
        let started = ContinuousClock.now
        let stop = StopSignal()
        let line = ProgressLine(
            estimate: TransferEstimate(plan: plan, catalogue: workspace.catalogue).secondsLeft, noColor: global.noColor)
        let log = RunLogFile(path: keepsLog ? workspace.paths.log(of: id) : "/dev/null")
        var services = RunServices(
            catalogue: workspace.catalogue, dialer: connections.dialer, journal: workspace.store,
            secrets: secrets,
            observers: [line, log] + (global.verbose ? [EventLines()] : []))
        services.executors = connections.loops.executors
        services.calls = connections.calls?.desk
        if connections.calls != nil {
            services.web = .init(probe: DirectProbe(loops: connections.loops), port: calls.webPort)
        }
        services.received = received
        let runner = TransferRunner(services)
        let shows = showsProgress && !global.quiet && !global.verbose
        do {
            let result = try await Signals.graceful(
                onStop: {
                    stop.request()
                    Terminal.writeError("\nstopping: phones at work finish their step; once more to stop at once\n")
                },
                work: {
                    async let writing: Void = log.write()
                    let drawing = shows ? Task { await line.draw() } : nil
                    defer {
                        drawing?.cancel()
                        log.finish()
                    }
                    let result = try await runner.run(plan, as: id, resuming: progress, stop: stop)
                    log.finish()
                    drawing?.cancel()
                    await drawing?.value
                    await writing
                    return result
                })
            try await workspace.store.finishRun(id, Self.state(after: result), endedEarly: result.endedEarly)
            return (result, (ContinuousClock.now - started) / .seconds(1))
        } catch {
            // The cause matters more than a failure to note it.
            try? await workspace.store.finishRun(
                id, error is CancellationError ? .stopped : .failed, endedEarly: error as? Fault)
            if error is CancellationError { throw Fault(.runStopped, subject: id.rawValue) }
            throw error
        }
    }

    private static func state(after result: TransferResult) -> RunState {
        switch result.endedEarly?.code {
        case nil: result.devices.contains(where: \.isLeftOpen) ? .failed : .finished
        case .runStopped?: .stopped
        default: .failed
        }
    }
}
