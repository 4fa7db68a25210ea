import DeploymentModel
import DeploymentStore

/// Carries out what shall become of files on phones, or what they are ordered, in the same way as a deployment.
struct FileRun {
    var workspace: Workspace
    var options: FileRunOptions
    var global: GlobalOptions
    /// The administrator password, where it was asked for already.
    var password: SecretText?

    /// A run in which nothing is done yet, to look at the phones beforehand; asks for the password where none is known.
    func preparation(on devices: [Device]) async throws -> PreparedRun {
        try await RunPreparation.ask(workspace, options.password) {
            try await $0.prepare(
                mode: .compare, devices: devices, options: options.run.transferOptions, files: FileWork())
        }
    }

    /// Plans, shows the plan or asks, runs, and writes the result.
    ///
    /// - Parameters:
    ///   - question: what is about to happen to how many phones; nil where nothing is changed.
    ///   - keeping: what is to be kept before a phone gets anything, once nothing stands in the way.
    ///   - tidying: what is to be cleared away when phones may have got something, however it ended; done while the result
    ///     is written.
    func carryOut(
        _ work: FileWork, on devices: [Device], as mode: RunMode = .deploy, question: String?,
        keeping: () async throws -> Void = {}, tidying: @escaping @Sendable () async throws -> Void = {}
    ) async throws {
        let prepared = try await RunPreparation.ask(workspace, options.password, known: password) {
            try await $0.prepare(mode: mode, devices: devices, options: options.run.transferOptions, files: work)
        }
        guard !options.dryRun else { return try PlanReport(plan: prepared.plan).write(as: global.format) }
        if let question { try Question.confirm(question, yes: options.yes) }
        for record in work.newProfiles { try await workspace.store.saveTrust(record, binding: []) }
        try await keeping()
        let session = RunSession(workspace: workspace, global: global, calls: options.run.calls.settings)
        let (result, seconds): (TransferResult, Double)
        do {
            (result, seconds) = try await session.start(prepared)
        } catch {
            // Why the run ended matters more.
            try? await tidying()
            throw error
        }
        async let tidied: Void = tidying()
        let written = Result { try ResultOutput.write(result, seconds: seconds, global: global) }
        do { try await tidied } catch { try written.get(); throw error }
        try written.get()
    }
}
