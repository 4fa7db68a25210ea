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

/// The command `phonefleet files fetch URL...`.
struct FilesFetch: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fetch", abstract: "Let phones fetch files of a kind from a server.",
        discussion: """
            'phonefleet types show TYPE' lists the kinds of files that a type takes. Software (kind application) is named \
            with its version; a phone that has it already is left alone, and the same software is never ordered twice \
            within 15 minutes.

            Of several files a phone is given the next when it is settled what came of the one before; one that fails \
            keeps it from no other.

            Example: phonefleet files fetch https://files.example/a.wav https://files.example/b.wav --kind ringtone \
            --group floor2
            """)
    @Argument(help: "https:// or ftp://, without user and password.") var url: [String]
    @Option(help: ArgumentHelp("What it is: logo, ringtone, screensaver, application, ...", valueName: "kind"))
    var kind: String
    @Option(
        help: ArgumentHelp(
            "The name under which phones keep it, of one URL; that of the URL by default.", valueName: "name"))
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

    func validate() throws {
        guard Set(url).count == url.count else { throw ValidationError("give each URL once") }
        guard url.count > 1 else { return }
        guard name == nil, version == nil, softwareType == nil else {
            throw ValidationError("--name, --version and --software-type go with one URL")
        }
        guard Set(url.map(Self.name)).count == url.count else {
            throw ValidationError("a phone keeps one file of a name: fetch files that have the same one by themselves")
        }
    }

    /// What a URL ends in.
    private static func name(of url: String) -> String { String(url.split(separator: "/").last ?? "") }

    func run() async throws {
        let workspace = try Workspace.open(global)
        let devices = try await workspace.someDevices(try selection.selection())
        var secrets: [String: SecretText] = [:]
        if let serverPasswordFile { secrets["file-server"] = try SecretInput.firstLine(of: serverPasswordFile) }
        let fetches = url.map { url in
            FileFetch(
                url: url, name: name ?? Self.name(of: url), version: version.map { SoftwareVersion($0) },
                softwareType: softwareType, user: user,
                password: secrets.isEmpty ? nil : .sealed("run/file-server"), isImmediate: immediately)
        }
        var work = FileWork.all(devices, FileKind(kind), fetches)
        work.secrets = secrets
        try await FileRun(workspace: workspace, options: options, global: global).carryOut(
            work, on: devices,
            question: "Let \(Words.count(devices.count, "phone")) fetch \(fetches.map(\.label).joined(separator: ", "))"
        )
    }
}

/// The command `phonefleet files delete NAME...`.
struct FilesDelete: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete", abstract: "Let phones delete files that they fetched.")
    @Argument(help: "The name under which phones keep it.") var name: [String]
    @Option(help: ArgumentHelp("What it is: logo, ringtone, screensaver, ...", valueName: "kind")) var kind: String
    @OptionGroup var selection: SelectionOptions
    @OptionGroup var options: FileRunOptions
    @OptionGroup var global: GlobalOptions

    func validate() throws {
        guard Set(name).count == name.count else { throw ValidationError("give each name once") }
    }

    func run() async throws {
        let workspace = try Workspace.open(global)
        let devices = try await workspace.someDevices(try selection.selection())
        let fetches = name.map { FileFetch(url: "", name: $0, isDeletion: true) }
        try await FileRun(workspace: workspace, options: options, global: global).carryOut(
            .all(devices, FileKind(kind), fetches), on: devices,
            question: "Let \(Words.count(devices.count, "phone")) delete \(name.joined(separator: ", "))")
    }
}
