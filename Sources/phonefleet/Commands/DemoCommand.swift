import ArgumentParser
import DeploymentModel
import Foundation

/// `phonefleet demo`: a whole roll-out on virtual phones.
struct DemoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo", abstract: "Show a whole roll-out on virtual phones; nothing to configure.",
        discussion: """
            Starts virtual phones of both families on loopback addresses (some with faults), scans, asks those to call \
            that are not called, learns by which CAs they are authenticated, numbers, configures and verifies them, and gives them certificates. With --serve phones and database stay until \
            Ctrl-C, to try things out.
            """)
    @Option(help: ArgumentHelp("Number of virtual phones.", valueName: "n")) var phones = 28
    @Flag(help: "Keep the phones and the database until Ctrl-C.") var serve = false
    @Flag(name: .long, help: "No colours, as with the environment variable NO_COLOR.") var noColor = false

    func validate() throws {
        guard (1...10_000).contains(phones) else { throw ValidationError("--phones is 1 to 10000") }
    }

    func run() async throws {
        let (phones, serve, noColor) = (phones, serve, noColor)
        try await Signals.cancelling { try await Self.show(phones, serves: serve, noColor: noColor) }
    }

    /// Plays the story in a folder of its own, which goes afterwards, also when it is interrupted.
    private static func show(_ phones: Int, serves: Bool, noColor: Bool) async throws {
        let directory = try PrivateDirectory.make()
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let stage = try await DemoStage.build(phones: phones, directory: directory, noColor: noColor)
        do {
            try await Demo(stage: stage, palette: .forOutput(noColor: noColor)).run(serves: serves)
        } catch {
            await stage.close()
            throw error
        }
        while serves, !Task.isCancelled { try? await Task.sleep(for: .seconds(3600)) }
        await stage.close()
    }
}

/// A folder of our own among everybody's temporary files.
enum PrivateDirectory {
    /// Makes a folder with mode 0700 under a name that was free, so that nobody can have laid anything into it before.
    static func make(in parent: String = FileManager.default.temporaryDirectory.path()) throws(Fault) -> String {
        var template = Array("\(parent)/phonefleet-demo-XXXXXX".utf8CString)
        let isMade = template.withUnsafeMutableBufferPointer { $0.baseAddress.map { mkdtemp($0) != nil } ?? false }
        guard isMade else {
            throw Fault(.storePermission, subject: parent, detail: String(cString: strerror(errno)).lowercased())
        }
        return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
