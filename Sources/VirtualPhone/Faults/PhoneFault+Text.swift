import DeploymentModel

// The text form of a fault: `name` or `name:argument`, as the command line takes it.
extension PhoneFault: CustomStringConvertible {
    /// The text form; a password stands masked.
    public var description: String {
        switch self {
        case .refuses: "refuses"
        case .resetsHandshake: "resets"
        case .silent: "silent"
        case .slow(let seconds): "slow:\(FaultDuration.text(seconds))"
        case .closesInReply: "closes-in-reply"
        case .malformedXML: "malformed-xml"
        case .oversized: "oversized"
        case .wrongType(let name): "wrong-type:\(name)"
        case .certificate(let kind): "certificate:\(kind.rawValue)"
        case .onlyTLS1_0: "tls1.0"
        case .plain: "plain"
        case .busy(let seconds): "busy:\(FaultDuration.text(seconds))"
        case .rejects(let name): name.map { "rejects:\($0)" } ?? "rejects"
        case .keepsNothing(let name): name.map { "keeps-nothing:\($0)" } ?? "keeps-nothing"
        case .restartsOnWrite: "restarts-on-write"
        case .losesPower(let keepsNew): keepsNew ? "loses-power:new" : "loses-power"
        case .refusesFile(let kind): kind.map { "refuses-file:\($0)" } ?? "refuses-file"
        case .keepsNoFile(let kind): kind.map { "keeps-no-file:\($0)" } ?? "keeps-no-file"
        case .servesOldChain: "serves-old-chain"
        case .breaksTLS: "breaks-tls"
        case .losesFileAnswer: "loses-file-answer"
        case .reencodesFiles: "reencodes-files"
        case .wrongClock(let seconds): "wrong-clock:\(FaultDuration.text(seconds))"
        case .wrongPassword: "wrong-password"
        case .absent(let seconds): "absent:\(FaultDuration.text(seconds))"
        case .keepsReferences: "keeps-references"
        case .refusesChunks: "no-chunks"
        case .closesConnections: "connection-close"
        case .callsSilently: "calls-silently"
        case .badNonce: "bad-nonce"
        case .repeatsNonce: "repeats-nonce"
        case .sameMAC(let mac): "same-mac:\(mac)"
        case .changesIdentity: "changes-identity"
        }
    }

    /// Reads `name` or `name:argument`; throws `input.value` with what is wrong.
    init(text: Substring) throws(Fault) {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        let argument = parts.count > 1 ? parts[1] : nil
        if let argument, argument.isEmpty {
            throw Fault(.inputValue, subject: String(text), detail: "nothing stands after the colon")
        }
        self = try Self.named(parts[0], argument: argument, text: text)
    }

    private static func named(
        _ name: Substring, argument: Substring?, text: Substring
    ) throws(Fault) -> PhoneFault {
        func seconds(_ usual: Double) throws(Fault) -> Double {
            guard let argument else { return usual }
            return try FaultDuration.parse(argument, in: text)
        }
        switch name {
        case "slow": return .slow(seconds: try seconds(0.1))
        case "busy": return .busy(seconds: try seconds(5))
        case "absent": return .absent(seconds: try seconds(10))
        case "wrong-clock": return .wrongClock(seconds: try seconds(-20 * 365.25 * 86400))
        case "rejects": return .rejects(argument.map(String.init))
        case "keeps-nothing": return .keepsNothing(argument.map(String.init))
        case "wrong-type": return .wrongType(argument.map(String.init) ?? "OpenStage 1")
        case "wrong-password": return .wrongPassword(argument.map(String.init) ?? "24682468")
        case "certificate": return try certificate(argument, text: text)
        case "loses-power": return .losesPower(keepsNew: try isNew(argument, text: text))
        case "refuses-file": return .refusesFile(try fileKind(argument, text: text))
        case "same-mac": return .sameMAC(try mac(argument, text: text))
        case "keeps-no-file": return .keepsNoFile(try fileKind(argument, text: text))
        default: break
        }
        guard let fault = withoutArgument[String(name)] else {
            throw Fault(.inputValue, subject: String(text), detail: "no such fault; there are \(names)")
        }
        guard argument == nil else {
            throw Fault(.inputValue, subject: String(text), detail: "\(name) takes no argument")
        }
        return fault
    }

    private static func certificate(_ argument: Substring?, text: Substring) throws(Fault) -> PhoneFault {
        let kinds = WrongCertificate.allCases.map(\.rawValue).joined(separator: ", ")
        guard let argument, let kind = WrongCertificate(rawValue: String(argument)) else {
            throw Fault(.inputValue, subject: String(text), detail: "certificate needs one of \(kinds)")
        }
        return .certificate(kind)
    }

    private static func mac(_ argument: Substring?, text: Substring) throws(Fault) -> MACAddress {
        guard let argument, let mac = MACAddress(argument) else {
            throw Fault(.inputValue, subject: String(text), detail: "same-mac needs a MAC address")
        }
        return mac
    }

    private static func isNew(_ argument: Substring?, text: Substring) throws(Fault) -> Bool {
        guard let argument else { return false }
        guard argument == "new" || argument == "old" else {
            throw Fault(.inputValue, subject: String(text), detail: "loses-power needs one of old, new")
        }
        return argument == "new"
    }

    private static func fileKind(_ argument: Substring?, text: Substring) throws(Fault) -> FileKind? {
        guard let argument else { return nil }
        guard let kind = PhoneBehaviour.transferable.first(where: { $0.rawValue == argument }) else {
            let kinds = PhoneBehaviour.transferable.map(\.rawValue).joined(separator: ", ")
            throw Fault(.inputValue, subject: String(text), detail: "expected one of \(kinds)")
        }
        return kind
    }

    private static let withoutArgument: [String: PhoneFault] = [
        "refuses": .refuses, "resets": .resetsHandshake, "silent": .silent, "closes-in-reply": .closesInReply,
        "malformed-xml": .malformedXML, "oversized": .oversized, "tls1.0": .onlyTLS1_0, "plain": .plain,
        "restarts-on-write": .restartsOnWrite, "serves-old-chain": .servesOldChain, "breaks-tls": .breaksTLS,
        "loses-file-answer": .losesFileAnswer, "reencodes-files": .reencodesFiles,
        "keeps-references": .keepsReferences, "no-chunks": .refusesChunks, "connection-close": .closesConnections,
        "calls-silently": .callsSilently, "bad-nonce": .badNonce, "repeats-nonce": .repeatsNonce,
        "changes-identity": .changesIdentity,
    ]

    /// All names in alphabetical order, for messages.
    static let names: String = {
        let others = [
            "slow", "busy", "absent", "wrong-clock", "rejects", "keeps-nothing", "wrong-type", "wrong-password",
            "certificate", "loses-power", "refuses-file", "keeps-no-file", "same-mac",
        ]
        return (withoutArgument.keys + others).sorted().joined(separator: ", ")
    }()
}

/// Durations of faults: `250ms`, `5s`, `10m`, `2h`, `30d`, with a minus sign where it makes sense.
enum FaultDuration {
    private static let units: [(String, Double)] = [("ms", 0.001), ("s", 1), ("m", 60), ("h", 3600), ("d", 86400)]

    static func parse(_ text: Substring, in whole: Substring) throws(Fault) -> Double {
        for (unit, factor) in units where text.hasSuffix(unit) {
            let digits = text.dropLast(unit.count)
            guard let number = Double(digits), number.isFinite, abs(number) <= 1_000_000,
                digits.utf8.allSatisfy({ ($0 >= 48 && $0 <= 57) || $0 == 45 || $0 == 46 })
            else { continue }
            return number * factor
        }
        throw Fault(.inputValue, subject: String(whole), detail: "\(text) is no duration such as 250ms, 5s or 10m")
    }

    static func text(_ seconds: Double) -> String {
        let milliseconds = Int((seconds * 1000).rounded())
        for (unit, size) in [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000)]
        where milliseconds != 0 && milliseconds.isMultiple(of: size) {
            return "\(milliseconds / size)\(unit)"
        }
        return "\(milliseconds)ms"
    }
}
