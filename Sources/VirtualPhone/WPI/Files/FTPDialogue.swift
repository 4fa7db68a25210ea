import DeploymentModel

/// The control connection of an FTP client that fetches one file in passive mode (RFC 959, RFC 2428), without I/O.
struct FTPDialogue {
    enum Step: Hashable {
        case send(String)
        /// Open the data connection to this port of the same server.
        ///
        /// The address that PASV names is not believed: it may be somebody else's.
        case openData(port: Int)
        case finished
        case failed
    }

    private enum State {
        case greeting, user, password, type, extendedPassive, passive, retrieve, end
    }

    private let path: String
    private let user: String
    private let password: SecretText
    private var state = State.greeting
    private var isDataComplete = false
    private var isConfirmed = false
    private var lines = 0
    private var isInMultiline: String?
    private static let mostLines = 200

    init(path: String, user: String, password: SecretText) {
        self.path = path
        self.user = user
        self.password = password
    }

    /// A line of the server came, without its end.
    mutating func received(_ line: String) -> [Step] {
        lines += 1
        guard lines <= Self.mostLines else { return fail() }
        let code = line.prefix(3)
        if let open = isInMultiline {
            if code == open, line.dropFirst(3).first == " " { isInMultiline = nil } else { return [] }
        }
        guard code.utf8.count == 3, let number = Int(code), (100...599).contains(number) else { return fail() }
        if line.dropFirst(3).first == "-" {
            isInMultiline = String(code)
            return []
        }
        return answer(number, line)
    }

    /// The data connection was closed after the whole file.
    mutating func dataEnded() -> [Step] {
        isDataComplete = true
        return conclude()
    }

    private mutating func answer(_ code: Int, _ line: String) -> [Step] {
        switch (state, code) {
        case (.greeting, 120), (.retrieve, 100..<200): return []
        case (.greeting, 220): return go(.user, "USER \(user)")
        case (.user, 331): return go(.password, "PASS \(password.reveal())")
        case (.user, 230), (.password, 200..<300): return go(.type, "TYPE I")
        case (.type, 200..<300): return go(.extendedPassive, "EPSV")
        case (.extendedPassive, 229):
            guard let port = Self.extendedPort(line) else { return fail() }
            return retrieve(port)
        case (.extendedPassive, 500..<600): return go(.passive, "PASV")
        case (.passive, 227):
            guard let port = Self.port(line) else { return fail() }
            return retrieve(port)
        case (.retrieve, 200..<300):
            isConfirmed = true
            return conclude()
        default: return fail()
        }
    }

    private mutating func go(_ next: State, _ command: String) -> [Step] {
        state = next
        return [.send(command)]
    }

    private mutating func retrieve(_ port: Int) -> [Step] {
        state = .retrieve
        return [.openData(port: port), .send("RETR \(path)")]
    }

    private mutating func conclude() -> [Step] {
        guard isConfirmed, isDataComplete, state == .retrieve else { return [] }
        state = .end
        return [.send("QUIT"), .finished]
    }

    private mutating func fail() -> [Step] {
        guard state != .end else { return [] }
        state = .end
        return [.failed]
    }

    /// The port in `229 Entering Extended Passive Mode (|||6446|)`.
    private static func extendedPort(_ line: String) -> Int? {
        guard let open = line.firstIndex(of: "("), let close = line.lastIndex(of: ")"), open < close else { return nil }
        let digits = line[open..<close].drop { !$0.isNumber }.prefix { $0.isNumber }
        return Int(digits).flatMap { (1...65535).contains($0) ? $0 : nil }
    }

    /// The port in `227 Entering Passive Mode (127,0,0,1,25,46)`.
    private static func port(_ line: String) -> Int? {
        let numbers = line.dropFirst(4).split { !$0.isNumber }.compactMap { Int($0) }
        guard numbers.count >= 6, numbers.suffix(2).allSatisfy({ (0...255).contains($0) }) else { return nil }
        let port = numbers[numbers.count - 2] * 256 + numbers[numbers.count - 1]
        return port > 0 ? port : nil
    }
}
