public import Foundation
import Synchronization

/// A program that a test starts; the only way in which tests start programs.
///
/// It differs from Foundation's `Process` in what makes tests beside each other safe:
///
/// * The child gets its three streams and no other file. Otherwise a socket that another test opens at this very moment slips
///   into the child, and that connection stays open for as long as the child lives.
/// * The child starts with no signal blocked or ignored, whatever holds for the thread that starts it; otherwise a polite
///   signal may never end it.
/// * It leads a process group of its own, and its end is seen whether or not a descendant is left.
///
/// Whoever starts it ends it: with ``wait()`` or with ``end()``, and at the latest when the last reference goes.
public final class ChildProcess: Sendable {
    /// Why a program could not be started.
    public struct DidNotStart: Error {
        public let program: String
        public let reason: String
    }

    /// How a program ended.
    public enum Exit: Hashable, Sendable {
        case code(Int32)
        case signal(Int32)
    }

    /// The three streams of a program; what is nil is `/dev/null`.
    public struct Streams: Sendable {
        public var input: Int32?
        public var output: Int32?
        public var errors: Int32?

        public init(input: Int32? = nil, output: Int32? = nil, errors: Int32? = nil) {
            self.input = input
            self.output = output
            self.errors = errors
        }
    }

    /// The number of the process, and of the group that it leads.
    public let identifier: pid_t
    private let exit = Mutex<Exit?>(nil)

    /// Starts a program.
    ///
    /// - Parameters:
    ///   - arguments: the program, looked up in `PATH` when it has no slash, and what it is given.
    ///   - directory: where it works; nil for that of this process.
    ///   - environment: nil for that of this process.
    ///   - streams: descriptors that the child gets copies of; they stay the caller's.
    public init(
        _ arguments: [String], directory: String? = nil, environment: [String: String]? = nil,
        streams: Streams = Streams()
    ) throws {
        let environment = environment ?? ProcessInfo.processInfo.environment
        identifier = try Spawn.start(arguments, directory: directory, environment: environment, streams: streams)
    }

    deinit { end() }

    /// Waits for the end, on the caller's thread; see ``OwnThread`` for tests that are tasks.
    @discardableResult
    public func wait() -> Exit {
        // The process is left to be collected, so that its number can not become another's between the two calls.
        var information = siginfo_t()
        while waitid(P_PID, id_t(identifier), &information, WEXITED | WNOWAIT) != 0, errno == EINTR {}
        return collect(options: 0) ?? .code(0)
    }

    public var isRunning: Bool { collect(options: WNOHANG) == nil }

    /// Sends a signal to the program alone.
    public func signal(_ number: Int32) {
        exit.withLock { if $0 == nil { _ = kill(identifier, number) } }
    }

    /// Ends the program and everything that it started, at once.
    public func end() {
        exit.withLock { if $0 == nil { _ = kill(-identifier, SIGKILL) } }
        wait()
    }

    private func collect(options: Int32) -> Exit? {
        exit.withLock { exit in
            if exit != nil { return exit }
            var status: Int32 = 0
            var ended: pid_t = -1
            repeat { ended = waitpid(identifier, &status, options) } while ended < 0 && errno == EINTR
            guard ended == identifier else { return nil }
            let signal = status & 0x7F
            exit = signal == 0 ? .code(status >> 8 & 0xFF) : .signal(signal)
            return exit
        }
    }
}
