/// One line on standard error that shows how far something is.
enum LiveLine {
    /// Draws until the task is cancelled: rewritten on a terminal, a plain line every few seconds elsewhere.
    static func draw(_ text: @Sendable () -> String) async {
        let isTerminal = Terminal.errorIsTerminal
        show(text(), isTerminal)
        while !Task.isCancelled {
            try? await Task.sleep(for: isTerminal ? .milliseconds(150) : .seconds(3))
            if !Task.isCancelled { show(text(), isTerminal) }
        }
        if isTerminal { Terminal.writeError("\r\u{1B}[K") }
    }

    private static func show(_ text: String, _ isTerminal: Bool) {
        Terminal.writeError(isTerminal ? "\r\u{1B}[K\(text)" : text + "\n")
    }
}
