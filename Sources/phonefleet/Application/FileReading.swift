import DeploymentModel
import DeploymentStore

/// Reads what phones hold of one kind of file, and shows it.
struct FileReading {
    var kind: FileKind
    var options: FileReadOptions
    var global: GlobalOptions

    func run(_ selection: DeviceSelection) async throws {
        let workspace = try Workspace.open(global)
        let devices = try await workspace.someDevices(selection)
        let work = FileWork.all(devices, kind, .read)
        let prepared = try await RunPreparation.ask(workspace, options.password) {
            try await $0.prepare(mode: .compare, devices: devices, options: options.run.transferOptions, files: work)
        }
        let (result, seconds) = try await RunSession(workspace: workspace, global: global).start(prepared)
        switch global.format {
        case .json: try ResultDocument(result: result, seconds: seconds).write(to: Terminal.writeOut)
        case .csv: try HeldFileRow.listing(HeldFileRow.all(result)).write(as: .csv)
        case .table:
            let rows = HeldFileRow.all(result)
            if !rows.isEmpty { try HeldFileRow.listing(rows).write(as: .table) }
            Terminal.writeOut(
                ResultReport(result: result, seconds: seconds, palette: global.palette, showsFiles: false).text())
        }
        try ResultOutput.finish(result)
    }
}
