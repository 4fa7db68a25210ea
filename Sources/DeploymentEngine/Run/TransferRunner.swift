public import DeploymentModel

/// Runs plans: every phone through one session, many phones at once, each step in the journal.
public struct TransferRunner: Sendable {
    private let services: RunServices

    public init(_ services: RunServices) {
        self.services = services
    }

    /// Brings every phone of the plan to what it should have, and proves it.
    ///
    /// A phone's failure is a result, never an error. When the signal is raised, phones at work finish the step at which
    /// they are; they and those that were not begun end as `stopped`, and their work stays open in the journal. When the
    /// task is cancelled, sessions are dropped at once, and the result is given as for a stop.
    ///
    /// - Parameters:
    ///   - progress: what the journal knows of the run when it is resumed. Finished phones are not touched again; open
    ///     ones are decided from the journal and from what the phone says.
    /// - Throws: ``Fault`` (`store.*`) when the journal could not keep something; no side effect was made after that.
    ///   ``FaultList`` when the plan names a type, driver or trust profile that cannot be used; nothing was sent.
    public func run(
        _ plan: TransferPlan, as run: RunID, resuming progress: RunProgress? = nil, stop: StopSignal = StopSignal()
    ) async throws -> TransferResult {
        let context = try RunContext(run: run, plan: plan, services: services, stop: stop)
        context.emit(.runStarted(devices: plan.devices.count, mode: plan.mode))
        var loop = RunLoop(context: context, progress: progress ?? RunProgress())
        // Beside the visits, so that half of the phones that end are heard of without waking another thread.
        await withTaskExecutorPreference(services.executors.first) {
            await withTaskGroup(of: RunLoop.Signal.self) { group in
                await loop.run(in: &group)
            }
        }
        if let failure = loop.journalFailure { throw failure }
        let result = loop.result()
        context.emit(
            .runFinished(
                totals: Dictionary(uniqueKeysWithValues: result.totals.map { ($0.key.rawValue, $0.value) })))
        return result
    }
}
