import ArgumentParser
import DeploymentModel
import DeploymentStore
import Foundation

/// `phonefleet runs`: what was done, and going on with what was not finished.
struct RunsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "runs", abstract: "Look at runs, stop them, go on with them, try failed phones again.",
        subcommands: [
            RunsList.self, RunsShow.self, RunsLog.self, RunsStop.self, RunsResume.self, RunsRetry.self, RunsCheck.self,
        ], defaultSubcommand: RunsList.self)
}

/// A run in a list.
struct RunView: Encodable {
    var id: RunID
    var mode: RunMode
    var state: RunState
    var createdAt: Date
    var finishedAt: Date?
    var devices: Int
    var totals: [String: Int]
    var code: StatusCode?
    var chainHash: String

    init(_ record: RunRecord) {
        id = record.id
        mode = record.mode
        state = record.state
        createdAt = record.createdAt
        finishedAt = record.finishedAt
        devices = record.deviceCount
        totals = Dictionary(uniqueKeysWithValues: record.totals.map { ($0.key.rawValue, $0.value) })
        code = record.endedEarly?.code
        chainHash = record.chainHash
    }

    static func listing(_ records: [RunRecord]) -> Listing<RunView> {
        Listing(
            noun: "runs", views: records.map(RunView.init),
            columns: [
                .init(title: "ID", text: { $0.id.rawValue }),
                .init(title: "BEGUN", text: { Words.time($0.createdAt) }),
                .init(title: "MODE", text: { $0.mode.rawValue }),
                .init(title: "STATE", text: { $0.state.rawValue }),
                .init(title: "PHONES", text: { String($0.devices) }, alignsRight: true),
                .init(
                    title: "RESULTS",
                    text: { view in
                        let parts = DeviceOutcome.allCases.compactMap { outcome in
                            view.totals[outcome.rawValue].map { "\($0) \(outcome.rawValue)" }
                        }
                        return parts.isEmpty ? nil : parts.joined(separator: ", ")
                    }, wraps: true),
            ],
            whenEmpty: "no runs yet")
    }
}

/// A run that is named on the command line; the latest one where none is named.
struct RunArgument: ParsableArguments {
    @Argument(help: "The run, for example r12; the latest one by default.") var run: String?

    /// - Parameter fits: where no run is named, the latest of those that fit is taken before any other.
    func find(in workspace: Workspace, preferring fits: (RunRecord) -> Bool = { _ in true }) async throws -> RunRecord {
        if let run { return try await workspace.store.run(RunID(run)) }
        let runs = try await workspace.store.runs()
        guard let latest = runs.first(where: fits) ?? runs.first else {
            throw Fault(.runNotFound, detail: "no run was made yet")
        }
        return latest
    }
}

/// The command `phonefleet runs list`.
struct RunsList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List the runs, the latest first.")
    @OptionGroup var global: GlobalOptions

    func run() async throws {
        try RunView.listing(try await Workspace.open(global).store.runs()).write(as: global.format)
    }
}

/// The command `phonefleet runs show`.
struct RunsShow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show a run's result, the failed phones grouped by their cause.")
    @OptionGroup var argument: RunArgument
    @Flag(help: "List every phone.") var devices = false
    @OptionGroup var global: GlobalOptions

    func run() async throws {
        let workspace = try Workspace.open(global)
        let record = try await argument.find(in: workspace)
        let result = try await workspace.result(of: record)
        let seconds = (record.finishedAt ?? Date()).timeIntervalSince(record.createdAt)
        switch global.format {
        case .json: try ResultDocument(result: result, seconds: seconds).write(to: Terminal.writeOut)
        case .csv: try DeviceResultRow.listing(result).write(as: .csv)
        case .table:
            try RunView.listing([record]).write(as: .table)
            let files = HeldFileRow.all(result)
            if devices {
                try DeviceResultRow.listing(result).write(as: .table)
                if !files.isEmpty { Terminal.writeOut("\n" + HeldFileRow.listing(files).table()) }
            }
            Terminal.writeOut(
                ResultReport(result: result, seconds: seconds, palette: global.palette, showsFiles: !devices).text())
        }
    }
}

/// The command `phonefleet runs log`.
struct RunsLog: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "log", abstract: "Show a run's log file.")
    @OptionGroup var argument: RunArgument
    @Option(help: "Only the lines of this device.") var device: String?
    @OptionGroup var global: GlobalOptions

    func run() async throws {
        let workspace = try Workspace.open(global)
        let record = try await argument.find(in: workspace)
        let only = try await device.asyncMap { try await workspace.device($0).id }
        let text = try UserFile.readText(workspace.paths.log(of: record.id))
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .iso8601
        for line in text.split(separator: "\n") {
            // A line that was cut off by a crash is shown as it stands.
            guard let entry = try? decoder.decode(RunLogLine.self, from: Data(line.utf8)) else {
                if only == nil { Terminal.writeOut(SafeText.line(String(line)) + "\n") }
                continue
            }
            guard only == nil || entry.device == only else { continue }
            Terminal.writeOut((global.format == .json ? SafeText.json(line.utf8) : SafeText.line(entry.text)) + "\n")
        }
    }
}

extension Optional {
    /// `map` for a transformation that waits.
    func asyncMap<Result>(_ transform: (Wrapped) async throws -> Result) async rethrows -> Result? {
        guard let self else { return nil }
        return try await transform(self)
    }
}

/// The command `phonefleet runs stop`.
struct RunsStop: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stop", abstract: "Ask a run, also of another process, to stop gracefully.")
    @OptionGroup var argument: RunArgument
    @OptionGroup var global: GlobalOptions

    func run() async throws {
        let workspace = try Workspace.open(global)
        let record = try await argument.find(in: workspace) { $0.state == .running }
        let isAtWork = try await workspace.store.requestStop(record.id)
        global.say(
            isAtWork ? "\(record.id) will stop; phones at work finish their step" : "\(record.id) is not at work")
    }
}

/// The command `phonefleet runs resume`.
struct RunsResume: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume", abstract: "Go on with a run that was stopped, gave up or was interrupted.",
        discussion:
            """
            Phones that are finished, well or not, are not touched; the others go on from where the journal and the phone \
            say. After a failed canary nothing is left to go on with: mend the cause and use 'phonefleet runs retry'.
            """)
    @OptionGroup var argument: RunArgument
    @OptionGroup var calls: CallOptions
    @OptionGroup var global: GlobalOptions

    func run() async throws {
        let workspace = try Workspace.open(global)
        let record = try await argument.find(in: workspace) { $0.state != .finished && $0.state != .running }
        guard record.state != .finished else { throw Fault(.runNothingOpen, subject: record.id.rawValue) }
        let (result, seconds) = try await RunSession(workspace: workspace, global: global, calls: calls.settings)
            .resume(record.id)
        try ResultOutput.write(result, seconds: seconds, global: global)
    }
}

/// The command `phonefleet runs retry`.
struct RunsRetry: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "retry", abstract: "Try the phones of a run again that failed, as a new run with today's settings."
    )
    @OptionGroup var argument: RunArgument
    @OptionGroup var password: PasswordOptions
    @OptionGroup var run: RunOptions
    @OptionGroup var global: GlobalOptions

    func run() async throws {
        let workspace = try Workspace.open(global)
        let record = try await argument.find(in: workspace)
        guard record.state != .running else { throw Fault(.runActive, subject: record.id.rawValue) }
        guard record.mode != .factoryReset else {
            throw Fault(
                .inputValue, subject: record.id.rawValue,
                detail: "a factory reset is not tried again by itself; give 'phonefleet devices factory-reset' again")
        }
        let result = try await workspace.result(of: record)
        let failed = Set(
            result.devices.filter { !$0.outcome.isProven && $0.fault?.code != .runSuperseded }.map(\.device))
        let present = Set(try await workspace.store.devices().map(\.id))
        let again = failed.intersection(present).sorted().map(\.rawValue)
        guard !again.isEmpty else {
            throw Fault(.runNothingOpen, subject: record.id.rawValue, detail: "no phone failed")
        }
        let devices = try await workspace.devices(DeviceSelection(devices: again))
        let files = try await FileWork(again: record.id, in: workspace)
        let prepared = try await RunPreparation.ask(workspace, password) {
            try await $0.prepare(mode: record.mode, devices: devices, options: run.transferOptions, files: files)
        }
        let (retried, seconds) = try await RunSession(workspace: workspace, global: global, calls: run.calls.settings)
            .start(prepared)
        try ResultOutput.write(retried, seconds: seconds, global: global)
    }
}

/// The command `phonefleet runs check`.
struct RunsCheck: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Check that a run's record was not changed afterwards (hash chain).")
    @OptionGroup var argument: RunArgument
    @OptionGroup var global: GlobalOptions

    func run() async throws {
        let workspace = try Workspace.open(global)
        let record = try await argument.find(in: workspace)
        let head = try await workspace.store.verifyChain(of: record.id)
        Terminal.writeOut("\(record.id): the record is whole; its hash is \(head)\n")
    }
}
