import Foundation
import ProcessTesting

/// A probe (see `DeploymentStoreCrashProbe`) as a child process.
final class ProbeProcess: Sendable {
    private let process: ChildProcess
    /// Its end would end a probe that holds a lease.
    private let input: ChildPipe
    private let output: ChildPipe

    /// The probe lies beside the binary that runs the tests.
    static var path: String {
        let tests = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        return (tests as NSString).deletingLastPathComponent + "/DeploymentStoreCrashProbe"
    }

    /// Starts `probe ARGUMENTS`, or a command line in which `"$0" "$@"` stand for it, with mounts of its own.
    init(_ arguments: [String], environment: [String: String] = [:], shell: String? = nil) throws {
        let command = shell.map { ["unshare", "-m", "sh", "-c", $0, Self.path] } ?? [Self.path]
        (input, output) = (try ChildPipe(), try ChildPipe())
        process = try ChildProcess(
            command + arguments, environment: ProcessInfo.processInfo.environment.merging(environment) { $1 },
            streams: .init(input: input.input, output: output.output, errors: STDERR_FILENO))
        output.closeWriteEnd()
    }

    /// The next line; nil when the probe has ended and everything is read.
    ///
    /// A line without its end does not count.
    func line() async -> String? { await OwnThread.run { self.output.line() } }

    func lines() async -> [String] { await OwnThread.run { self.output.lines() } }

    func kill() async { await OwnThread.run { self.process.end() } }
}
