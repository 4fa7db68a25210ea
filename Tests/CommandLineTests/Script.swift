import Foundation

/// A readable script that drives the real program and compares its words.
///
/// Lines: `$ command` runs a shell command and waits for it; `& command` starts one and waits for its first line of output;
/// then `> text` are the expected lines of standard output, `2> text` those of standard error, `= 2` the exit code (0 when
/// left out). In an expected line `...` stands for any text; a line that is only `...` stands for any number of lines. Without
/// any `>` line standard output is not compared, and likewise standard error. `\` at the end of a command goes on in the next
/// line. A line that is only `>` or `2>` stands for nothing at all. Everything else is a remark.
///
/// Addresses are written as `127.100.N.x`, with another N in each script; each process of tests moves them to a network of its
/// own, so that two of them can run at one time.
struct Script {
    struct Step {
        var line: Int
        var command: String
        var runsBeside: Bool
        var output: [String]?
        var error: [String]?
        var exitCode: Int32 = 0
    }

    var name: String
    var steps: [Step] = []

    init(contentsOf url: URL) throws {
        name = url.deletingPathExtension().lastPathComponent
        let text = try String(contentsOf: url, encoding: .utf8).replacing("127.100.", with: Self.network)
        let lines = text.split(
            separator: "\n", omittingEmptySubsequences: false)
        var number = 0
        while number < lines.count {
            let line = String(lines[number])
            number += 1
            if line.hasPrefix("$ ") || line.hasPrefix("& ") {
                var command = String(line.dropFirst(2))
                while command.hasSuffix("\\"), number < lines.count {
                    command += "\n" + lines[number]
                    number += 1
                }
                steps.append(Step(line: number, command: command, runsBeside: line.hasPrefix("&")))
            } else if !steps.isEmpty {
                expect(line, of: &steps[steps.count - 1])
            }
        }
    }

    /// What `127.100.` becomes: as long, so that tables keep their shape, and taken by one process of tests at a time.
    static let network: String = {
        let first = Int(getpid())
        let number = (0..<100).map { (first + $0) % 100 }.first { isTaken("127.1\(two($0)).0.1") } ?? first % 100
        return "127.1\(two(number))."
    }()

    private static func two(_ number: Int) -> String { String(format: "%02d", number) }

    /// Takes an address for as long as this process lives: the socket that holds it is never closed.
    private static func isTaken(_ address: String) -> Bool {
        let socket = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var place = sockaddr_in()
        place.sin_family = sa_family_t(AF_INET)
        place.sin_port = UInt16(10_009).bigEndian
        inet_pton(AF_INET, address, &place.sin_addr)
        let isMine = withUnsafePointer(to: &place) { place in
            place.withMemoryRebound(to: sockaddr.self, capacity: 1) { place in
                bind(socket, place, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        if !isMine { close(socket) }
        return isMine
    }

    private func expect(_ line: String, of step: inout Step) {
        if line == ">" {
            step.output = step.output.map { $0 + [""] } ?? []
        } else if line.hasPrefix("> ") {
            step.output = (step.output ?? []) + [String(line.dropFirst(2))]
        } else if line == "2>" {
            step.error = step.error.map { $0 + [""] } ?? []
        } else if line.hasPrefix("2> ") {
            step.error = (step.error ?? []) + [String(line.dropFirst(3))]
        } else if line.hasPrefix("= "), let code = Int32(line.dropFirst(2)) {
            step.exitCode = code
        }
    }
}

/// Compares lines with a pattern in which `...` stands for anything.
enum Expectation {
    static func matches(_ expected: [String], _ actual: [String]) -> Bool {
        matches(expected[...], actual[...])
    }

    private static func matches(_ expected: ArraySlice<String>, _ actual: ArraySlice<String>) -> Bool {
        guard let first = expected.first else { return actual.isEmpty }
        if first == "..." {
            let rest = expected.dropFirst()
            if rest.isEmpty { return true }
            return (actual.startIndex...actual.endIndex).contains { matches(rest, actual[$0...]) }
        }
        guard let line = actual.first, matches(line: first, line) else { return false }
        return matches(expected.dropFirst(), actual.dropFirst())
    }

    static func matches(line pattern: String, _ text: String) -> Bool {
        let parts = pattern.components(separatedBy: "...")
        guard parts.count > 1 else { return pattern == text }
        guard text.hasPrefix(parts[0]) else { return false }
        var rest = text[text.index(text.startIndex, offsetBy: parts[0].count)...]
        for part in parts.dropFirst().dropLast() where !part.isEmpty {
            guard let found = rest.range(of: part) else { return false }
            rest = rest[found.upperBound...]
        }
        return rest.hasSuffix(parts[parts.count - 1])
    }
}
