import Foundation
import ProcessTesting
import Testing

@testable import phonefleet

/// The real program against what a false phone or an impatient person does.
@Suite("The program under attack")
struct AttackTests {
    @Test("--yes does not choose between two CAs for one type, nor let one in beside a trusted one")
    func rivalAuthorities() async throws {
        let runner = try ScriptRunner()
        defer { runner.finish() }
        let network = "\(Script.network)251"
        let phones = "phonefleet virtual-phones run --count 1 --types optipoint-410-standard-hfa --port 19443"
        try await start("\(phones) --keys p256 --listen \(network).1/32", runner)
        try await start("\(phones) --keys rsa2048 --listen \(network).2/32", runner)
        let learn = "phonefleet trust learn --port 19443 --database t.db --yes"
        let both = try await ScriptRunner.run("\(learn) \(network).1 \(network).2", in: runner.directory)
        #expect(both.exitCode == 2)
        #expect(both.error.contains("is not the only one for optipoint-410-standard-hfa"))
        let first = try await ScriptRunner.run("\(learn) \(network).1", in: runner.directory)
        #expect(first.exitCode == 0)
        #expect(first.error.contains("to be trusted for type optipoint-410-standard-hfa, as the phones say they are"))
        let second = try await ScriptRunner.run("\(learn) \(network).2", in: runner.directory)
        #expect(second.exitCode == 2)
        let list = try await ScriptRunner.run(
            "phonefleet trust list --database t.db --format json", in: runner.directory)
        #expect(list.output.ranges(of: "\"name\"").count == 1)
    }

    private func start(_ command: String, _ runner: ScriptRunner) async throws {
        #expect(try await runner.run(Script.Step(line: 0, command: command, runsBeside: true)) == nil)
    }

    @Test("a signal at the password prompt leaves the terminal with its echo", arguments: [SIGINT, SIGTERM, SIGHUP])
    func echoComesBack(number: Int32) async throws {
        let runner = try ScriptRunner()
        defer { runner.finish() }
        let terminal = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
        defer { close(terminal) }
        let name = try #require(Self.otherEnd(of: terminal))
        let other = open(name, O_RDWR | O_NOCTTY)
        defer { close(other) }
        let error = try ChildPipe()
        let process = try ChildProcess(
            [ScriptRunner.program, "config", "password", "--site", "--database", runner.directory.path() + "/t.db"],
            environment: ScriptRunner.environment(in: runner.directory),
            streams: .init(input: other, errors: error.output))
        error.closeWriteEnd()
        // The prompt is written before the echo goes, so the silence of the terminal is what is waited for.
        await OwnThread.run { while Self.hasEcho(other), process.isRunning { usleep(1000) } }
        #expect(process.isRunning)
        process.signal(number)
        #expect(await OwnThread.run { process.wait() } == .signal(number))
        #expect(Self.hasEcho(other))
        #expect(await OwnThread.run { error.text() }.contains("password"))
    }

    /// Unlocks the other end of a pseudo terminal and names it (TIOCSPTLCK, TIOCGPTN of Linux).
    private static func otherEnd(of terminal: Int32) -> String? {
        var (lock, number): (Int32, Int32) = (0, 0)
        guard ioctl(terminal, UInt(0x4004_5431), &lock) == 0, ioctl(terminal, UInt(0x8004_5430), &number) == 0 else {
            return nil
        }
        return "/dev/pts/\(number)"
    }

    private static func hasEcho(_ terminal: Int32) -> Bool {
        var attributes = termios()
        return tcgetattr(terminal, &attributes) == 0 && attributes.c_lflag & tcflag_t(ECHO) != 0
    }
}
