import DeploymentModel

/// All status codes as a page of Markdown; `docs/reference/status-messages.md` is what this prints.
enum StatusMessagePage {
    static func text() -> String {
        head
            + StatusMessage.groups.map { group in
                "\n## \(group.title)\n" + group.messages.map(section).joined()
            }.joined()
    }

    private static let head = """
        # Status messages

        Every failure has a stable code. The code stands in brackets at the end of an error line, in the `code` of JSON
        documents and in the run log; the words around it may change, the code does not. `phonefleet help CODE` explains one
        code, and this page is what `phonefleet help codes` prints.

        *Exit* is the exit code of a command that ends with this failure. A phone that fails within a run makes the command end
        with 1, after all other phones had their turn; see [exit codes](command-line.md#exit-codes).

        """

    private static func section(_ message: StatusMessage) -> String {
        """

        ### `\(message.code)`

        \(message.summary.prefix(1).uppercased() + message.summary.dropFirst()). Exit \(Ending.status(of: message.code).rawValue).

        \(message.meaning)

        *What to do:* \(message.remedy).

        """
    }
}
