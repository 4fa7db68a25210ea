import Foundation

/// A probe (see `DeploymentStoreCrashProbe`) as a child process.
final class ProbeProcess {
    private let process = Process()
    private let input = Pipe()
    private let output = Pipe()
    private var rest: [UInt8] = []

    /// The probe lies beside the binary that runs the tests.
    static var path: String {
        let tests = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        return (tests as NSString).deletingLastPathComponent + "/DeploymentStoreCrashProbe"
    }

    /// Starts `probe ARGUMENTS`, or a command line in which `PROBE` stands for it.
    init(_ arguments: [String], environment: [String: String] = [:], shell: String? = nil) throws {
        if let shell {
            process.executableURL = URL(fileURLWithPath: "/usr/bin/unshare")
            process.arguments = ["-m", "sh", "-c", shell, Self.path] + arguments
        } else {
            process.executableURL = URL(fileURLWithPath: Self.path)
            process.arguments = arguments
        }
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        process.standardInput = input
        process.standardOutput = output
        try process.run()
    }

    deinit {
        if process.isRunning { kill() }
    }

    /// The next line; nil when the probe has ended and everything is read.
    ///
    /// A line without its end does not count.
    func line() -> String? {
        while true {
            if let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
                let line = String(decoding: rest[..<end], as: UTF8.self)
                rest.removeSubrange(...end)
                return line
            }
            guard readMore() else { return nil }
        }
    }

    /// Reads what there is, by system call: `FileHandle.availableData` traps when a signal interrupts it.
    private func readMore() -> Bool {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        var count = -1
        repeat {
            count = buffer.withUnsafeMutableBytes {
                read(output.fileHandleForReading.fileDescriptor, $0.baseAddress, $0.count)
            }
        } while count < 0 && errno == EINTR
        rest.append(contentsOf: buffer.prefix(max(0, count)))
        return count > 0
    }

    func lines() -> [String] {
        var lines: [String] = []
        while let line = line() { lines.append(line) }
        return lines
    }

    func kill() {
        Foundation.kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }
}
