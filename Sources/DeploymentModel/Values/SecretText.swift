/// A password or other text that must never be shown: it prints as `••••••` and is not `Codable` by accident.
///
/// Call ``reveal()`` only where the bytes leave for the phone or are sealed for the store.
public struct SecretText: Hashable, Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    private let text: String

    public init(_ text: String) {
        self.text = text
    }

    /// The secret itself.
    public func reveal() -> String { text }

    public var isEmpty: Bool { text.isEmpty }
    public var description: String { Self.mask }
    public var debugDescription: String { Self.mask }
    public var customMirror: Mirror { Mirror(self, children: []) }

    /// What stands in every view in place of a secret.
    public static let mask = "••••••"
}

/// Where a secret is to be had.
///
/// Deployment files and settings carry references, never the secret itself.
public enum SecretReference: Hashable, Sendable {
    /// `env:NAME`: an environment variable of the tool's process.
    case environment(String)
    /// `file:PATH`: the first line of a file.
    case file(String)
    /// `sealed:NAME`: an entry of the store's sealed secrets.
    case sealed(String)

    /// Parses `env:NAME`, `file:PATH` or `sealed:NAME`; nil for any other text.
    public init?(_ text: some StringProtocol) {
        guard let colon = text.firstIndex(of: ":") else { return nil }
        let rest = String(text[text.index(after: colon)...])
        guard !rest.isEmpty, rest.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else { return nil }
        switch text[..<colon] {
        case "env": self = .environment(rest)
        case "file": self = .file(rest)
        case "sealed": self = .sealed(rest)
        default: return nil
        }
    }
}

extension SecretReference: CustomStringConvertible {
    public var description: String {
        switch self {
        case .environment(let name): "env:\(name)"
        case .file(let path): "file:\(path)"
        case .sealed(let name): "sealed:\(name)"
        }
    }
}

extension SecretReference: Codable {
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let reference = SecretReference(try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "not a secret reference (env:NAME, file:PATH or sealed:NAME)")
        }
        self = reference
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
