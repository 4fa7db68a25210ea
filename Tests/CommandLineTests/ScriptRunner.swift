import Foundation
import Synchronization

/// Runs scripts in a directory of their own, with the program that was built beside the tests first on the path.
final class ScriptRunner {
    let directory: URL
    private var beside: [Process] = []

    init() throws {
        directory = FileManager.default.temporaryDirectory.appending(path: "phonefleet-script-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    }

    /// Ends what runs beside, with everything that it started, and removes the directory.
    ///
    /// Each command leads a process group of its own. The whole group is ended, because Foundation sees the end of a process
    /// only when none of its descendants is left.
    func finish() {
        for process in beside {
            kill(-process.processIdentifier, SIGKILL)
            process.waitUntilExit()
        }
        try? FileManager.default.removeItem(at: directory)
    }

    /// What went wrong, in words; nil when the step did what it should.
    func run(_ step: Script.Step) throws -> String? {
        if step.runsBeside { return try start(step) }
        let outcome = try Self.run(step.command, in: directory)
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
    private func start(_ step: Script.Step) throws -> String? {
        let process = Self.shell(step.command, in: directory)
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        beside.append(process)
        var text = ""
        while !text.contains("\n") {
            let data = output.fileHandleForReading.availableData
            guard !data.isEmpty else { return "line \(step.line): \(step.command) ended without a word" }
            text += String(decoding: data, as: UTF8.self)
        }
        // The pipe stays open and is drained, so that the process is never blocked or broken by it.
        output.fileHandleForReading.readabilityHandler = { _ = $0.availableData }
        return nil
    }

    static func run(_ command: String, in directory: URL) throws -> (output: String, error: String, exitCode: Int32) {
        let process = shell(command, in: directory)
        let output = Pipe()
        let error = Pipe()
        process.standardOutput = output
        process.standardError = error
        process.standardInput = FileHandle.nullDevice
        try process.run()
        // Both pipes are read at the same time: a full one would block the program.
        let errorData = Mutex(Data())
        let group = DispatchGroup()
        DispatchQueue.global().async(group: group) {
            let data = error.fileHandleForReading.readDataToEndOfFile()
            errorData.withLock { $0 = data }
        }
        let outputData = output.fileHandleForReading.readDataToEndOfFile()
        group.wait()
        process.waitUntilExit()
        return (
            String(decoding: outputData, as: UTF8.self), String(decoding: errorData.withLock { $0 }, as: UTF8.self),
            process.terminationStatus
        )
    }

    private static func shell(_ command: String, in directory: URL) -> Process {
        let process = Process()
        process.executableURL = URL(filePath: "/bin/sh")
        process.arguments = ["-c", command]
        process.currentDirectoryURL = directory
        var environment = ProcessInfo.processInfo.environment
        environment["PATH"] = programDirectory.path() + ":" + (environment["PATH"] ?? "/usr/bin:/bin")
        environment["HOME"] = directory.path()
        environment["XDG_DATA_HOME"] = nil
        environment["NO_COLOR"] = "1"
        environment["PHONEFLEET_PASSWORD"] = nil
        environment["PHONEFLEET_DATABASE"] = nil
        environment["PEERS"] = peersDirectory.path()
        process.environment = environment
        return process
    }

    /// The folder of the test program, which is also that of `phonefleet`.
    static let programDirectory = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()

    /// Phones and programs that nobody built with this package's code.
    static let peersDirectory = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Peers")

    private static func lines(_ text: String) -> [String] {
        var lines = text.components(separatedBy: "\n")
        if lines.last?.isEmpty == true { lines.removeLast() }
        return lines
    }
}
