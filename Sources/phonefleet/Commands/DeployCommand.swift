import ArgumentParser
import DeploymentModel
import DeploymentStore
import Foundation

/// The command `phonefleet deploy`.
struct DeployCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "deploy", abstract: "Give phones what they shall have, and prove it by reading back.",
        discussion: """
            Each phone is authenticated, identified, read, written where it differs, and read back, over one \
            connection. A deployment FILE is loaded when the plan was confirmed (as 'phonefleet load' does); without a \
            selection all devices of the list are meant then. Ctrl-C stops gracefully, a second one at once; 'phonefleet runs resume' goes on.
            """)
    @Argument(help: "A deployment file to load first; '-' for standard input.", completion: .file()) var file: String?
    @OptionGroup var selection: SelectionOptions
    @OptionGroup var password: PasswordOptions
    @OptionGroup var run: RunOptions
    @Flag(help: "Show the plan and contact no phone.") var dryRun = false
    @Flag(help: "Do not ask, neither for the whole fleet nor for another password.") var yes = false
    @OptionGroup var global: GlobalOptions

    func run() async throws {
        let workspace = try Workspace.open(global)
        let document = try file.map { try LoadedFile(path: $0).checked(in: workspace) }
        let chosen = document == nil ? try selection.selection() : try selection.selectionOrAll()
        // A file is tried on a copy, so that what is refused, declined or only looked at leaves nothing behind.
        var prepared = try await RunPreparation.ask(
            try await workspace.trying(document), mode: .deploy, selection: chosen, password: password,
            options: run.transferOptions)
        guard !dryRun else { return try PlanReport(plan: prepared.plan).write(as: global.format) }
        try confirm(prepared.plan, of: workspace)
        if let document {
            try await workspace.store.load(document, .merge)
            prepared = try await RunPreparation(workspace: workspace, password: prepared.password).prepare(
                mode: .deploy, devices: try await workspace.devices(chosen), options: run.transferOptions)
        }
        let (result, seconds) = try await RunSession(workspace: workspace, global: global, calls: run.calls.settings)
            .start(prepared)
        try ResultOutput.write(result, seconds: seconds, global: global)
    }

    /// Asks where the whole fleet is concerned, or where phones get another administrator password.
    private func confirm(_ plan: TransferPlan, of workspace: Workspace) throws {
        let phones = Words.count(plan.devices.count, "phone")
        let isWholeFile = try selection.selection().isEmpty
        let changed = plan.devices.count { device in
            device.wanted.contains { $0.key.name == WellKnownItem.administratorPassword && !$0.isKnownAccepted }
        }
        if changed > 0 {
            try Question.confirm(
                "Deploy to \(phones), giving \(changed) of them another administrator password", yes: yes)
        } else if selection.all || (file != nil && isWholeFile) {
            try Question.confirm("Deploy to the whole fleet of \(phones)", yes: yes)
        }
    }
}

/// The command `phonefleet plan`.
struct PlanCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan", abstract: "Read the phones and show what a deployment would change; changes nothing.",
        discussion: "A deployment FILE is tried on a copy of the database, so nothing of it is kept.")
    @Argument(help: "A deployment file to load first; '-' for standard input.", completion: .file()) var file: String?
    @OptionGroup var selection: SelectionOptions
    @OptionGroup var password: PasswordOptions
    @OptionGroup var run: RunOptions
    @OptionGroup var global: GlobalOptions

    func run() async throws {
        var workspace = try Workspace.open(global)
        let document = try file.map { try LoadedFile(path: $0).checked(in: workspace) }
        workspace = try await workspace.trying(document)
        let prepared = try await RunPreparation.ask(
            workspace, mode: .compare,
            selection: document == nil ? try selection.selection() : try selection.selectionOrAll(),
            password: password, options: run.transferOptions)
        let session = RunSession(
            workspace: workspace, global: global, calls: run.calls.settings, keepsLog: document == nil)
        let (result, seconds) = try await session.start(prepared)
        guard global.format == .table else {
            return try ResultOutput.write(result, seconds: seconds, global: global, differingIsDone: true)
        }
        Terminal.writeOut(DifferenceReport(result: result, palette: global.palette).text())
        try ResultOutput.finish(result, differingIsDone: true)
    }
}

/// The command `phonefleet verify`.
struct VerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify", abstract: "Read the phones and show which differ from what they should have.",
        discussion: """
            Of phones that call (WPI) it also tells what was changed at the phone itself and not written over since, \
            whether or not a setting is chosen for it.
            """)
    @OptionGroup var selection: SelectionOptions
    @OptionGroup var password: PasswordOptions
    @OptionGroup var run: RunOptions
    @OptionGroup var global: GlobalOptions

    func run() async throws {
        let workspace = try Workspace.open(global)
        let prepared = try await RunPreparation.ask(
            workspace, mode: .compare, selection: try selection.selection(), password: password,
            options: run.transferOptions)
        let (result, seconds) = try await RunSession(workspace: workspace, global: global, calls: run.calls.settings)
            .start(prepared)
        let changes = try await workspace.store.localChanges()
        if global.format == .table {
            Terminal.writeOut(DifferenceReport(result: result, palette: global.palette).text())
            Terminal.writeOut(LocalChangeReport(result: result, changes: changes, palette: global.palette).text)
        }
        try ResultOutput.write(result, seconds: seconds, global: global, localChanges: changes)
    }
}

extension RunPreparation {
    /// Prepares a run for a selection, asking for the password at the terminal where none is known.
    static func ask(
        _ workspace: Workspace, mode: RunMode, selection: DeviceSelection, password: PasswordOptions,
        options: TransferOptions
    ) async throws -> PreparedRun {
        let devices = try await workspace.someDevices(selection)
        return try await ask(workspace, password) {
            try await $0.prepare(mode: mode, devices: devices, options: options)
        }
    }

    /// Prepares in the given way, and once more with a password from the terminal where only that is missing.
    static func ask(
        _ workspace: Workspace, _ password: PasswordOptions, known: SecretText? = nil,
        prepare: (RunPreparation) async throws -> PreparedRun
    ) async throws -> PreparedRun {
        var preparation = RunPreparation(workspace: workspace, password: try known ?? password.password())
        do {
            return try await prepare(preparation)
        } catch let list as FaultList where list.faults.allSatisfy({ $0.code == .planNoPassword }) {
            guard let typed = Question.secret("Administrator password of the phones"), !typed.isEmpty else {
                throw list
            }
            preparation.password = typed
            return try await prepare(preparation)
        }
    }
}

/// Writes the result of a run as the user asked, and ends with the exit status that it has.
enum ResultOutput {
    static func write(
        _ result: TransferResult, seconds: Double, global: GlobalOptions, differingIsDone: Bool = false,
        localChanges: [DeviceID: [LocalChange]] = [:]
    ) throws {
        switch global.format {
        case .table: Terminal.writeOut(ResultReport(result: result, seconds: seconds, palette: global.palette).text())
        case .json:
            try ResultDocument(result: result, seconds: seconds, localChanges: localChanges).write(
                to: Terminal.writeOut)
        case .csv: try DeviceResultRow.listing(result).write(as: .csv)
        }
        try finish(result, differingIsDone: differingIsDone)
    }

    /// - Parameter differingIsDone: for a preview, phones that differ are what was asked about and no failure.
    static func finish(_ result: TransferResult, differingIsDone: Bool = false) throws {
        var status = result.exitStatus
        if differingIsDone, status == .phonesFailed,
            result.devices.allSatisfy({ $0.outcome.isProven || $0.outcome == .differs || $0.outcome == .skipped })
        {
            status = .done
        }
        guard status == .done else { throw Finish(status: status) }
    }
}

/// A phone's result as one row of CSV.
enum DeviceResultRow {
    static func listing(_ result: TransferResult) -> Listing<ResultView.DeviceEntry> {
        Listing(
            noun: "devices", views: ResultView(result).devices,
            columns: [
                .init(title: "ID", text: { $0.id.rawValue }),
                .init(title: "MAC", text: { $0.mac?.description }),
                .init(title: "ADDRESS", text: { $0.address }),
                .init(title: "TYPE", text: { $0.type.rawValue }, wraps: true),
                .init(title: "OUTCOME", text: { $0.outcome.rawValue }),
                .init(title: "CODE", text: { $0.code?.rawValue }),
                .init(title: "REASON", text: { $0.reason }, wraps: true),
                .init(
                    title: "CHANGES", text: { $0.changes.map { "\($0.item)=\($0.after)" }.joined(separator: " ") },
                    onlyCSV: true),
                .init(title: "SECONDS", text: { String($0.seconds) }, onlyCSV: true),
            ],
            whenEmpty: "no phones")
    }
}
