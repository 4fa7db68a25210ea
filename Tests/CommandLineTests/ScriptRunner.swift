import Foundation
import ProcessTesting
import Synchronization

/// Runs scripts in a directory of their own, with the program that was built beside the tests first on the path.
final class ScriptRunner: Sendable {
    let directory: URL
    private let beside = Mutex<[ChildProcess]>([])

    init() throws {
        directory = FileManager.default.temporaryDirectory.appending(path: "phonefleet-script-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    }

    /// Ends what runs beside, with everything that it started, and removes the directory.
    func finish() {
        for process in beside.withLock({ $0 }) { process.end() }
        try? FileManager.default.removeItem(at: directory)
    }

    /// What went wrong, in words; nil when the step did what it should.
    func run(_ step: Script.Step) async throws -> String? {
        if step.runsBeside { return try await start(step) }
        let outcome = try await Self.run(step.command, in: directory)
        var problems: [String] = []
        if outcome.exitCode != step.exitCode {
            problems.append("exit code \(outcome.exitCode), expected \(step.exitCode)")
        }
        if let expected = step.output, !Expectation.matches(expected, Self.lines(outcome.output)) {
            problems.append("standard output is not\n" + expected.joined(separator: "\n"))
        }
        if let expected = step.error, !Expectation.matches(expected, Self.lines(outcome.error)) {
            problems.append("standard error is not\n" + expected.joined(separator: "\n"))
        }
        guard !problems.isEmpty else { return nil }
        return "line \(step.line): \(step.command)\n" + problems.joined(separator: "\n")
            + "\n--- standard output\n\(outcome.output)\n--- standard error\n\(outcome.error)"
    }

    /// Starts a command and waits until it has said its first line, which stands for being ready.
    private func start(_ step: Script.Step) async throws -> String? {
        let output = try ChildPipe()
        let process = try ChildProcess(
            Self.shell(step.command), directory: directory.path(), environment: Self.environment(in: directory),
            streams: .init(output: output.output))
        output.closeWriteEnd()
        beside.withLock { $0.append(process) }
        guard await OwnThread.run({ output.line() }) != nil else {
            return "line \(step.line): \(step.command) ended without a word"
        }
        output.drain()
        return nil
    }

    static func run(
        _ command: String, in directory: URL
    ) async throws -> (output: String, error: String, exitCode: Int32) {
        let said = try await Tool.run(
            shell(command), directory: directory.path(), environment: environment(in: directory))
        return (said.text, said.errors, said.status)
    }

    private static func shell(_ command: String) -> [String] { ["/bin/sh", "-c", command] }

    static func environment(in directory: URL) -> [String: String] {
        var environment = ProcessInfo.processInfo.environment
        environment["PATH"] = programDirectory.path() + ":" + (environment["PATH"] ?? "/usr/bin:/bin")
        environment["HOME"] = directory.path()
        environment["XDG_DATA_HOME"] = nil
        environment["NO_COLOR"] = "1"
        environment["PHONEFLEET_PASSWORD"] = nil
        environment["PHONEFLEET_DATABASE"] = nil
        environment["PEERS"] = peersDirectory.path()
        return environment
    }

    /// The folder of the test program, which is also that of `phonefleet`.
    static let programDirectory = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()

    static let program = programDirectory.appending(path: "phonefleet").path()

    /// Phones and programs that nobody built with this package's code.
    static let peersDirectory = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Peers")

    private static func lines(_ text: String) -> [String] {
        var lines = text.components(separatedBy: "\n")
        if lines.last?.isEmpty == true { lines.removeLast() }
        return lines
    }
}
