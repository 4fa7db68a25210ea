import DeploymentModel

/// `phonefleet help CODE`: what a status code means and what to do about it; `phonefleet help codes`: all of them.
enum CodeHelp {
    /// Answers when the arguments ask for a code; false when they ask for something else.
    static func answer(_ arguments: [String]) throws -> Bool {
        guard arguments.count == 2, arguments[0] == "help" else { return false }
        if arguments[1] == "codes" {
            Terminal.writeOut(StatusMessagePage.text())
            return true
        }
        guard arguments[1].contains(".") else { return false }
        let code = StatusCode(arguments[1])
        guard let message = StatusMessage.of(code) else {
            let near = NearestName.of(
                code.rawValue, among: StatusMessage.groups.flatMap(\.messages).map(\.code.rawValue))
            throw Fault(
                .inputNotFound, subject: code.rawValue,
                detail: "no such status code" + (near.map { ", did you mean \($0)?" } ?? ""))
        }
        Terminal.writeOut("\(message.code): \(message.summary)\n\n\(message.meaning)\nWhat to do: \(message.remedy)\n")
        return true
    }
}
