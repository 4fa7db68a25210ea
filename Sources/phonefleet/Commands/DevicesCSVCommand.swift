import ArgumentParser
import DeploymentModel
import DeploymentStore
import Foundation

/// The command `phonefleet devices import FILE`.
struct DevicesImport: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import", abstract: "Take devices over from a CSV file: all of it or nothing.",
        discussion: """
            Columns are recognised by their names and may stand in any order; see docs/reference/csv.md. \
            Devices are recognised by ID, MAC address or address: what is known is changed, what is new is added.
            """)
    @Argument(help: "The file; '-' for standard input.", completion: .file()) var file: String
    @Flag(help: "Show what would change and change nothing.") var dryRun = false
    @Flag(help: "Do not ask.") var yes = false
    @OptionGroup var global: GlobalOptions

    func run() async throws {
        let workspace = try Workspace.open(global)
        let preview = DeviceCSV.preview(try UserFile.read(file), in: try await workspace.csvContext())
        guard preview.faults.isEmpty else {
            throw FaultList(
                preview.faults.map { fault in
                    Fault(
                        fault.code, subject: [file, fault.subject].compactMap(\.self).joined(separator: ": "),
                        detail: fault.detail)
                })
        }
        if !preview.skippedColumns.isEmpty {
            global.say("columns not taken over: \(preview.skippedColumns.joined(separator: ", "))")
        }
        let created = preview.created.count
        let updated = preview.updated.count
        let summary = "\(created) new, \(updated) changed, \(preview.unchangedCount) as they are"
        guard !dryRun else {
            try ImportView.listing(preview).write(as: global.format)
            return global.say("\(summary); nothing was changed")
        }
        if updated > 0 { try Question.confirm("Change \(Words.count(updated, "device")) of the list", yes: yes) }
        try await workspace.store.apply(preview)
        global.say(summary)
    }
}

/// A row of an import as the preview shows it.
struct ImportView: Encodable {
    var line: Int
    var device: DeviceID?
    var what: String
    var changes: String

    static func listing(_ preview: DeviceImport) -> Listing<ImportView> {
        let rows = preview.rows.filter { $0.device == nil || !$0.changes.isEmpty }
        return Listing(
            noun: "rows",
            views: rows.map { row in
                let changes = row.changes.map { change in
                    "\(change.item?.description ?? change.field.rawValue): \(change.before ?? "-") -> \(change.after ?? "-")"
                }
                return ImportView(
                    line: row.line, device: row.device, what: row.device == nil ? "new" : "changed",
                    changes: changes.joined(separator: ", "))
            },
            columns: [
                .init(title: "LINE", text: { String($0.line) }, alignsRight: true),
                .init(title: "DEVICE", text: { $0.device?.rawValue }),
                .init(title: "WHAT", text: { $0.what }),
                .init(title: "CHANGES", text: { $0.changes }, wraps: true),
            ],
            whenEmpty: "nothing would change")
    }
}

/// The command `phonefleet devices export`.
struct DevicesExport: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export", abstract: "Write devices as CSV, in the form that import reads.")
    @OptionGroup var selection: SelectionOptions
    @Option(help: ArgumentHelp("Write to a file instead of standard output.", valueName: "file"), completion: .file())
    var output: String = "-"
    @OptionGroup var global: GlobalOptions

    func run() async throws {
        let workspace = try Workspace.open(global)
        let devices = try await workspace.devices(try selection.selectionOrAll())
        try UserFile.write(DeviceCSV.text(of: devices, in: try await workspace.csvContext()), to: output)
        if output != "-" { global.say("wrote \(Words.count(devices.count, "device")) to \(output)") }
    }
}

extension Workspace {
    func csvContext() async throws -> DeviceCSVContext {
        DeviceCSVContext(
            devices: try await store.devices(), groups: try await store.groups(), settings: try await store.settings(),
            catalogue: catalogue, isSecret: catalogue.secretTest)
    }
}

extension Catalogue {
    /// Whether an item is a secret on any type.
    var secretTest: @Sendable (ItemKey) -> Bool {
        let names = Set(types.flatMap { $0.parameters.filter(\.isSecret).map(\.item) })
        return { names.contains($0.name) }
    }
}
