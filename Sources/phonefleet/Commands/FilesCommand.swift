import ArgumentParser
import DeploymentModel
import DeploymentStore

/// `phonefleet files`: files that phones fetch by themselves (WPI).
struct FilesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "files", abstract: "Let phones fetch files and software by themselves, or delete them.",
        discussion: """
            For OpenStage and OpenScape Desk Phones, which fetch from a file server that they reach. The result of each \
            phone is what the phone itself says or shows afterwards. Keys and certificates have commands of their own.
            """,
        subcommands: [FilesFetch.self, FilesDelete.self])
}

/// The command `phonefleet files fetch URL`.
struct FilesFetch: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fetch", abstract: "Let phones fetch a file from a server.",
        discussion: """
            'phonefleet types show TYPE' lists the kinds of files that a type takes. Software (kind application) is named \
            with its version; a phone that has it already is left alone, and the same software is never ordered twice \
            within 15 minutes.

            Example: phonefleet files fetch https://files.example/logo.png --kind logo --group floor2
            """)
    @Argument(help: "https:// or ftp://, without user and password.") var url: String
    @Option(help: ArgumentHelp("What it is: logo, ringtone, screensaver, application, ...", valueName: "kind"))
    var kind: String
    @Option(help: ArgumentHelp("The name under which phones keep it; that of the URL by default.", valueName: "name"))
    var name: String?
    @Option(help: ArgumentHelp("Of software: its version.", valueName: "version")) var version: String?
    @Option(help: ArgumentHelp("Of software: its type, as phones name it.", valueName: "type"))
    var softwareType: String?
    @Option(help: ArgumentHelp("The user at the file server.", valueName: "name")) var user: String?
    @Option(
        help: ArgumentHelp(
            "Read the password at the file server from the first line of a file ('-' for standard input).",
            valueName: "file"))
    var serverPasswordFile: String?
    @Flag(help: "Do not wait until a phone is idle.") var immediately = false
    @OptionGroup var selection: SelectionOptions
    @OptionGroup var options: FileRunOptions
    @OptionGroup var global: GlobalOptions

    func run() async throws {
        let workspace = try Workspace.open(global)
        let devices = try await workspace.someDevices(try selection.selection())
        var fetch = FileFetch(
            url: url, name: name ?? String(url.split(separator: "/").last ?? ""),
            version: version.map { SoftwareVersion($0) },
            softwareType: softwareType, user: user, isImmediate: immediately)
        var work = FileWork()
        if let serverPasswordFile {
            work.secrets["file-server"] = try SecretInput.firstLine(of: serverPasswordFile)
            fetch.password = .sealed("run/file-server")
        }
        for device in devices { work.files[device.id] = [WantedFile(kind: FileKind(kind), change: .fetch(fetch))] }
        try await FileRun(workspace: workspace, options: options, global: global).carryOut(
            work, on: devices, question: "Let \(Words.count(devices.count, "phone")) fetch \(fetch.label)")
    }
}

/// The command `phonefleet files delete NAME`.
struct FilesDelete: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete", abstract: "Let phones delete a file that they fetched.")
    @Argument(help: "The name under which phones keep it.") var name: String
    @Option(help: ArgumentHelp("What it is: logo, ringtone, screensaver, ...", valueName: "kind")) var kind: String
    @OptionGroup var selection: SelectionOptions
    @OptionGroup var options: FileRunOptions
    @OptionGroup var global: GlobalOptions

    func run() async throws {
        let workspace = try Workspace.open(global)
        let devices = try await workspace.someDevices(try selection.selection())
        let fetch = FileFetch(url: "", name: name, isDeletion: true)
        try await FileRun(workspace: workspace, options: options, global: global).carryOut(
            .all(devices, FileKind(kind), .fetch(fetch)), on: devices,
            question: "Let \(Words.count(devices.count, "phone")) delete \(name)")
    }
}
