import Foundation
import Testing

@testable import phonefleet

/// The real program against what a false phone or an impatient person does.
@Suite("The program under attack")
struct AttackTests {
    @Test("--yes does not choose between two CAs for one type, nor let one in beside a trusted one")
    func rivalAuthorities() throws {
        let runner = try ScriptRunner()
        defer { runner.finish() }
        let phones = "phonefleet virtual-phones run --count 1 --types optipoint-410-standard-hfa --port 19443"
        try start("\(phones) --keys p256 --listen 127.67.8.1/32", runner)
        try start("\(phones) --keys rsa2048 --listen 127.67.8.2/32", runner)
        let learn = "phonefleet trust learn --port 19443 --database t.db --yes"
        let both = try ScriptRunner.run("\(learn) 127.67.8.1 127.67.8.2", in: runner.directory)
        #expect(both.exitCode == 2)
        #expect(both.error.contains("is not the only one for optipoint-410-standard-hfa"))
        let first = try ScriptRunner.run("\(learn) 127.67.8.1", in: runner.directory)
        #expect(first.exitCode == 0)
        #expect(first.error.contains("to be trusted for type optipoint-410-standard-hfa, as the phones say they are"))
        let second = try ScriptRunner.run("\(learn) 127.67.8.2", in: runner.directory)
        #expect(second.exitCode == 2)
        let list = try ScriptRunner.run("phonefleet trust list --database t.db --format json", in: runner.directory)
        #expect(list.output.ranges(of: "\"name\"").count == 1)
    }

    private func start(_ command: String, _ runner: ScriptRunner) throws {
        #expect(try runner.run(Script.Step(line: 0, command: command, runsBeside: true)) == nil)
    }

    @Test("a signal at the password prompt leaves the terminal with its echo", arguments: [SIGINT, SIGTERM, SIGHUP])
    func echoComesBack(number: Int32) throws {
        let runner = try ScriptRunner()
        defer { runner.finish() }
        let terminal = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
        defer { close(terminal) }
        let name = try #require(Self.otherEnd(of: terminal))
        let other = open(name, O_RDWR | O_NOCTTY)
        defer { close(other) }
        let process = Process()
        process.executableURL = ScriptRunner.programDirectory.appending(path: "phonefleet")
        process.arguments = ["config", "password", "--site", "--database", runner.directory.path() + "/t.db"]
        process.standardInput = FileHandle(fileDescriptor: other)
        process.standardOutput = FileHandle.nullDevice
        let error = Pipe()
        process.standardError = error
        try process.run()
        // The prompt is written before the echo goes, so the silence of the terminal is what is waited for.
        #expect(String(decoding: error.fileHandleForReading.availableData, as: UTF8.self).contains("password"))
        while hasEcho(other), process.isRunning { sched_yield() }
        #expect(process.isRunning)
        kill(process.processIdentifier, number)
        process.waitUntilExit()
        #expect(process.terminationReason == .uncaughtSignal)
        #expect(hasEcho(other))
    }

    /// Unlocks the other end of a pseudo terminal and names it (TIOCSPTLCK, TIOCGPTN of Linux).
    private static func otherEnd(of terminal: Int32) -> String? {
        var (lock, number): (Int32, Int32) = (0, 0)
        guard ioctl(terminal, UInt(0x4004_5431), &lock) == 0, ioctl(terminal, UInt(0x8004_5430), &number) == 0 else {
            return nil
        }
        return "/dev/pts/\(number)"
    }

    private func hasEcho(_ terminal: Int32) -> Bool {
        var attributes = termios()
        return tcgetattr(terminal, &attributes) == 0 && attributes.c_lflag & tcflag_t(ECHO) != 0
    }
}
