/// What kind each item of a phone type is, for comparing values as the phone means them.
public struct ValueKinds: Sendable {
    private let kinds: [String: ValueKind]

    public init(_ kinds: [String: ValueKind] = [:]) {
        self.kinds = kinds
    }

    public init(of type: PhoneType) {
        let parameters = type.tabs.flatMap(\.parameters)
        kinds = Dictionary(parameters.map { ($0.item, $0.kind) }, uniquingKeysWith: { first, _ in first })
    }

    public subscript(item: String) -> ValueKind? { kinds[item] }

    /// Whether a phone that answers `read` has what was wanted by `wanted`.
    ///
    /// Booleans are equal by meaning (`1`, `on`, `yes`, `true`), numbers by value, addresses and host names without
    /// regard to case; everything else letter by letter.
    public func isEqual(_ wanted: String, _ read: String, for item: String) -> Bool {
        if wanted == read { return true }
        switch kinds[item] {
        case .boolean:
            guard let left = Self.boolean(wanted), let right = Self.boolean(read) else { return false }
            return left == right
        case .number, .port, .duration:
            guard let left = Int(wanted), let right = Int(read) else { return false }
            return left == right
        case .address, .host:
            return wanted.lowercased() == read.lowercased()
        default:
            return false
        }
    }

    private static func boolean(_ text: String) -> Bool? {
        switch text.lowercased() {
        case "true", "1", "on", "yes": true
        case "false", "0", "off", "no": false
        default: nil
        }
    }
}
