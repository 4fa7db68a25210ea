import ArgumentParser
import DeploymentModel
import DeploymentStore

/// The command `phonefleet save FILE`.
struct SaveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "save",
        abstract: "Write the whole work to a deployment file (YAML): devices, groups, settings, trust.",
        discussion: "Secrets are written as references only; the content of sealed ones stays in this database.")
    @Argument(help: "The file; '-' for standard output.", completion: .file()) var file: String
    @OptionGroup var global: GlobalOptions

    func run() async throws {
        let workspace = try Workspace.open(global)
        let document = try await workspace.store.work()
        try UserFile.write(try DeploymentFile.text(of: document, isSecret: workspace.catalogue.secretTest), to: file)
        guard file != "-" else { return }
        global.say(
            "wrote \(Words.count(document.devices.count, "device")), \(Words.count(document.groups.count, "group")), "
                + "\(Words.count(document.settings.count, "setting")) and "
                + "\(Words.count(document.profiles.count, "trust profile")) to \(file)")
    }
}

/// The command `phonefleet load FILE`.
struct LoadCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "load", abstract: "Take a deployment file over: all of it or nothing.",
        discussion: """
            Without --replace the file is added to what is there; what both have is as in the file afterwards. With \
            --replace the database has just the file's content afterwards; runs and sealed secrets stay.
            """)
    @Argument(help: "The file; '-' for standard input.", completion: .file()) var file: String
    @Flag(help: "Remove what the file does not have.") var replace = false
    @Flag(help: "Check the file and change nothing.") var dryRun = false
    @Flag(help: "Do not ask.") var yes = false
    @OptionGroup var global: GlobalOptions

    func run() async throws {
        let workspace = try Workspace.open(global)
        let loaded = LoadedFile(path: file)
        if dryRun {
            let document = try loaded.checked(in: workspace)
            return global.say(
                "\(file) is in order: \(Words.count(document.devices.count, "device")); nothing was changed")
        }
        let present = try await workspace.store.deviceCount()
        if replace, present > 0 {
            try Question.confirm("Replace the list of \(Words.count(present, "device")) by that of \(file)", yes: yes)
        }
        let summary = try await loaded.apply(to: workspace, replacing: replace)
        global.say("\(summary.added) added, \(summary.updated) updated, \(summary.removed) removed")
    }
}
