/// What a part in braces stands for; the phone's own values are put in its place.
public enum PhonePlaceholder: String, Hashable, Sendable, CaseIterable {
    case mac, number, type, ip

    /// For people: `{mac}, {number}, {type}, {ip}`.
    public static let names = allCases.map { "{\($0.rawValue)}" }.joined(separator: ", ")
}

/// What is known of one phone, for patterns.
public struct PhoneValues: Hashable, Sendable {
    /// As it is written everywhere, `00:01:E3:10:00:01`.
    public var mac: String?
    /// The terminal number.
    public var number: String?
    /// The phone type's identifier.
    public var type: String?
    /// The address by which the phone is reached.
    public var ip: String?

    /// Takes what is known.
    public init(mac: String? = nil, number: String? = nil, type: String? = nil, ip: String? = nil) {
        self.mac = mac
        self.number = number
        self.type = type
        self.ip = ip
    }

    subscript(_ placeholder: PhonePlaceholder) -> String? {
        let value =
            switch placeholder {
            case .mac: mac
            case .number: number
            case .type: type
            case .ip: ip
            }
        return value.flatMap { $0.isEmpty ? nil : $0 }
    }
}

/// A text with placeholders, `{{` for one brace; taken apart once.
struct PatternText: Hashable, Sendable {
    private enum Part: Hashable, Sendable {
        case literal(String)
        case placeholder(PhonePlaceholder)
    }

    private let parts: [Part]

    /// Throws `.badName` for a placeholder that there is not.
    init(_ text: String) throws(MaterialError) {
        var parts: [Part] = []
        var literal = ""
        var rest = text[...]
        while let open = rest.firstIndex(of: "{") {
            literal += rest[..<open]
            rest = rest[rest.index(after: open)...]
            if rest.first == "{" {
                literal += "{"
                rest = rest.dropFirst()
                continue
            }
            guard let close = rest.firstIndex(of: "}"),
                let placeholder = PhonePlaceholder(rawValue: String(rest[..<close]))
            else {
                let names = PhonePlaceholder.names
                throw MaterialError(.badName, detail: "unknown placeholder; there are \(names), and {{ for a brace")
            }
            if !literal.isEmpty { parts.append(.literal(literal)) }
            literal = ""
            parts.append(.placeholder(placeholder))
            rest = rest[rest.index(after: close)...]
        }
        literal += rest
        if !literal.isEmpty { parts.append(.literal(literal)) }
        self.parts = parts
    }

    var placeholders: Set<PhonePlaceholder> {
        Set(parts.compactMap { if case .placeholder(let placeholder) = $0 { placeholder } else { nil } })
    }

    /// Puts a phone's values in place; throws `.noValue` for a value that the phone does not have.
    func filled(
        _ what: @autoclosure () -> String, with value: (PhonePlaceholder) -> String?
    ) throws(MaterialError) -> String {
        var text = ""
        for part in parts {
            switch part {
            case .literal(let literal): text += literal
            case .placeholder(let placeholder):
                guard let value = value(placeholder) else {
                    throw MaterialError(
                        .noValue, detail: "\(what()) needs {\(placeholder.rawValue)}, and the phone has none")
                }
                text += value
            }
        }
        return text
    }

    /// The text as a literal of a pattern.
    static func escape(_ text: String) -> String {
        text.contains("{") ? text.split(separator: "{", omittingEmptySubsequences: false).joined(separator: "{{") : text
    }
}
