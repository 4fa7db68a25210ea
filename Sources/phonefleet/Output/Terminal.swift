import DeploymentModel
import Foundation

/// What is known of the terminal, and the only place that writes to it.
enum Terminal {
    static let errorIsTerminal = isatty(STDERR_FILENO) == 1
    static let outputIsTerminal = isatty(STDOUT_FILENO) == 1
    static let inputIsTerminal = isatty(STDIN_FILENO) == 1

    /// Columns of the terminal; 80 when there is none.
    static var columns: Int {
        var size = winsize()
        guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col >= 20 else { return 80 }
        return Int(size.ws_col)
    }

    static func writeOut(_ text: String) { write(text, to: STDOUT_FILENO) }
    static func writeError(_ text: String) { write(text, to: STDERR_FILENO) }

    /// Writes all of the text; a closed pipe ends the program quietly, as users of `head` expect.
    private static func write(_ text: String, to descriptor: Int32) {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let written = bytes.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
            if written > 0 {
                bytes = bytes.dropFirst(written)
            } else if errno == EPIPE {
                exit(0)
            } else if errno != EINTR && errno != EAGAIN {
                return
            }
        }
    }
}

/// Colours, only where a person looks and did not forbid them.
struct Palette {
    var isOn: Bool

    /// Honours `NO_COLOR`, `--no-color`, and that the stream is a terminal.
    static func forOutput(noColor: Bool) -> Palette {
        Palette(isOn: Terminal.outputIsTerminal && allowed(noColor))
    }

    static func forError(noColor: Bool) -> Palette {
        Palette(isOn: Terminal.errorIsTerminal && allowed(noColor))
    }

    private static func allowed(_ noColor: Bool) -> Bool {
        let environment = ProcessInfo.processInfo.environment
        return !noColor && (environment["NO_COLOR"] ?? "").isEmpty && environment["TERM"] != "dumb"
    }

    func good(_ text: String) -> String { wrap(text, "32") }
    func bad(_ text: String) -> String { wrap(text, "31") }
    func warn(_ text: String) -> String { wrap(text, "33") }
    func strong(_ text: String) -> String { wrap(text, "1") }
    func faint(_ text: String) -> String { wrap(text, "2") }

    private func wrap(_ text: String, _ code: String) -> String {
        isOn ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
    }
}

/// Questions to the person at the terminal.
enum Question {
    /// Asks once, naming what is about to happen.
    ///
    /// Refused when nobody can be asked and `--yes` was not given.
    static func confirm(_ what: String, yes: Bool) throws {
        if yes { return }
        guard Terminal.inputIsTerminal else {
            throw Fault(.inputUnconfirmed, detail: "'\(what)' needs a yes, and there is no terminal to ask at")
        }
        Terminal.writeError("\(what). Go on? [yes/no] ")
        let answer = readLine()?.lowercased().trimmingCharacters(in: .whitespaces)
        guard answer == "yes" || answer == "y" else { throw Fault(.inputUnconfirmed, detail: "answered no") }
    }

    /// Reads a secret without echo; nil when there is no terminal.
    static func secret(_ prompt: String) -> SecretText? {
        guard Terminal.inputIsTerminal else { return nil }
        var saved = termios()
        guard tcgetattr(STDIN_FILENO, &saved) == 0 else { return nil }
        var silent = saved
        silent.c_lflag &= ~tcflag_t(ECHO)
        // The echo goes first: who sees the prompt may type at once.
        EchoGuard.begin(saved)
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent)
        Terminal.writeError("\(prompt): ")
        defer {
            tcsetattr(STDIN_FILENO, TCSAFLUSH, &saved)
            EchoGuard.end()
            Terminal.writeError("\n")
        }
        return readLine().map(SecretText.init)
    }
}

/// Gives the terminal its echo back when a signal ends the program while a secret is typed.
private enum EchoGuard {
    /// Written before the handlers are set and read by them only, so that never two threads are at it.
    nonisolated(unsafe) private static var attributes = termios()
    private static let deadly = [SIGINT, SIGTERM, SIGHUP, SIGQUIT]

    static func begin(_ saved: termios) {
        attributes = saved
        for number in deadly {
            signal(number) { number in
                // Only functions that POSIX allows in a handler.
                tcsetattr(STDIN_FILENO, TCSANOW, &EchoGuard.attributes)
                signal(number, SIG_DFL)
                raise(number)
            }
        }
        // Who comes back from a stop would type with echo.
        signal(SIGTSTP, SIG_IGN)
    }

    static func end() {
        for number in deadly + [SIGTSTP] { signal(number, SIG_DFL) }
    }
}
