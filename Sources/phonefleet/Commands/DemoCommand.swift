import ArgumentParser
import DeploymentModel
import Foundation

/// `phonefleet demo`: a whole roll-out on virtual phones.
struct DemoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo", abstract: "Show a whole roll-out on virtual phones; nothing to configure.",
        discussion: """
            Starts virtual phones of every type on loopback addresses (some with faults), scans, learns by which CAs \
            they are authenticated, numbers, configures and verifies them. With --serve phones and database stay until \
            Ctrl-C, to try things out.
            """)
    @Option(help: ArgumentHelp("Number of virtual phones.", valueName: "n")) var phones = 24
    @Flag(help: "Keep the phones and the database until Ctrl-C.") var serve = false
    @Flag(name: .long, help: "No colours, as with the environment variable NO_COLOR.") var noColor = false

    func validate() throws {
        guard (1...10_000).contains(phones) else { throw ValidationError("--phones is 1 to 10000") }
    }

    func run() async throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "phonefleet-demo-\(getpid())").path()
        try FileManager.default.createDirectory(
            atPath: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let stage = try await DemoStage.build(phones: phones, directory: directory, noColor: noColor)
        do {
            try await Demo(stage: stage, palette: .forOutput(noColor: noColor)).run(serves: serve)
            if serve { await Signals.untilStopped() }
        } catch {
            await stage.close()
            throw error
        }
        await stage.close()
    }
}
