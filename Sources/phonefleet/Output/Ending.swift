import ArgumentParser
import DeploymentModel
import Foundation

/// The exit codes of the command line, a contract with scripts.
enum ExitStatus: Int32 {
    case done = 0
    /// Finished, but some phones failed or differ.
    case phonesFailed = 1
    /// Wrong usage or input; nothing was sent.
    case usage = 2
    case stopped = 3
    /// Could not start: database, key file, permission, port.
    case cannotStart = 4
    case defect = 70
}

/// Ends a command with an exit status after everything was already said.
struct Finish: Error {
    var status: ExitStatus
}

/// Turns whatever ended a command into words on standard error and the exit code.
enum Ending {
    static func exit(for error: any Error, of root: Phonefleet.Type) -> Never {
        switch error {
        case let finish as Finish:
            leave(finish.status)
        case let fault as Fault:
            ErrorText.write(fault)
            leave(status(of: fault.code))
        case let list as FaultList:
            ErrorText.write(list)
            // A list comes from planning or from reading input, so nothing was sent, whatever its codes are.
            let ending = list.faults.first.map { status(of: $0.code) } ?? .defect
            leave(ending == .phonesFailed ? .usage : ending)
        case is CancellationError:
            ErrorText.write(Fault(.runStopped))
            leave(.stopped)
        default:
            leaveForParser(error, of: root)
        }
    }

    /// Which exit status a fault has when it ended the whole command.
    static func status(of code: StatusCode) -> ExitStatus {
        switch code {
        case .runStopped: return .stopped
        case .runNotFound, .runNothingOpen, .runActive: return .usage
        case .netLocal, .callPortTaken: return .cannotStart
        default: break
        }
        return switch code.rawValue.prefix(while: { $0 != "." }) {
        case "input", "material", "plan": .usage
        case "store": .cannotStart
        case "internal": .defect
        default: .phonesFailed
        }
    }

    /// Help and version go to standard output with 0; errors of usage get this program's form and exit code 2.
    private static func leaveForParser(_ error: any Error, of root: Phonefleet.Type) -> Never {
        let code = root.exitCode(for: error)
        if code.isSuccess {
            Terminal.writeOut(root.fullMessage(for: error) + "\n")
            leave(.done)
        }
        if code == .validationFailure || error is ValidationError {
            let message = root.message(for: error)
            let end = message.hasSuffix(".") ? message.dropLast() : message[...]
            ErrorText.write(line: end.prefix(1).lowercased() + end.dropFirst())
            ErrorText.write(hint: "see '\(usageCommand(root.fullMessage(for: error))) --help'")
            leave(.usage)
        }
        ErrorText.write(Fault(.internalDefect, detail: String(describing: error)))
        leave(.defect)
    }

    private static func usageCommand(_ fullMessage: String) -> String {
        let usage =
            fullMessage.split(separator: "\n").first { $0.hasPrefix("Usage: ") }?.dropFirst("Usage: ".count)
            ?? "phonefleet"
        let words = usage.split(separator: " ").prefix { word in
            word.first.map { $0.isLetter } ?? false
        }
        return words.joined(separator: " ")
    }

    private static func leave(_ status: ExitStatus) -> Never {
        fflush(nil)
        Foundation.exit(status.rawValue)
    }
}

/// Error and hint lines on standard error, the one form in which the command line speaks of failures.
enum ErrorText {
    /// `phonefleet: error: subject: what happened`, and the hint on a line of its own.
    static func write(_ fault: Fault) {
        write(line: [fault.subject, fault.summary].compactMap(\.self).joined(separator: ": ") + " (\(fault.code))")
        if let remedy = fault.remedy { write(hint: remedy) }
    }

    /// Faults that differ in nothing but their subject are one line, and a hint is said once.
    static func write(_ list: FaultList) {
        let groups = FaultGroup.groups(of: list.faults)
        for (index, group) in groups.enumerated() {
            write(line: group.text)
            let isLastOfItsKind = index + 1 == groups.count || groups[index + 1].code != group.code
            if isLastOfItsKind, let remedy = Fault(group.code).remedy { write(hint: remedy) }
        }
    }

    static func write(line: some StringProtocol) {
        Terminal.writeError("phonefleet: error: \(SafeText.line(String(line)))\n")
    }

    static func write(hint: String) {
        Terminal.writeError("hint: \(hint)\n")
    }
}

/// Makes text of unknown origin (a phone, a file) harmless for a terminal.
enum SafeText {
    /// Control characters, which could steer a terminal, and what is invisible or turns the direction of writing, become
    /// `?`; line breaks become spaces.
    static func line(_ text: String) -> String {
        var safe = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar.value {
            case 0x0A, 0x0D, 0x09: safe.append(" ")
            case _ where steers(scalar): safe.append("?")
            default: safe.append(scalar)
            }
        }
        return String(safe)
    }

    /// The text of a JSON document in which such characters are written as `\u` and digits, so that it says the same.
    ///
    /// The encoder escapes only those below the space (RFC 8259 section 7). Outside of strings JSON has no others.
    static func json(_ document: some Collection<UInt8>) -> String {
        let text = String(decoding: document, as: UTF8.self)
        guard document.contains(where: { $0 >= 0x7F }) else { return text }
        var safe = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            // The line breaks of the document's form; those of values are escaped.
            guard scalar.value >= 0x20, steers(scalar) else {
                safe.append(scalar)
                continue
            }
            safe.append(contentsOf: escaped(scalar).unicodeScalars)
        }
        return String(safe)
    }

    /// A character as a string of JSON may have it in any case (RFC 8259 section 7).
    static func escaped(_ scalar: Unicode.Scalar) -> String {
        String(scalar).utf16.map { unit in
            let digits = String(unit, radix: 16)
            return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        }.joined()
    }

    /// Whether a character could steer a terminal, is invisible, or turns the direction of writing.
    static func steers(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0..<0x20, 0x7F..<0xA0, 0x2028, 0x2029: true
        case 0..<0x7F: false
        default: scalar.properties.generalCategory == .format
        }
    }
}
