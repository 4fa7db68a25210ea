/// A value that a phone should have.
public enum WantedValue: Hashable, Sendable, Codable {
    case plain(String)
    /// The secret is revealed only when it is sent; in a plan it is always a `sealed:` reference.
    case secret(SecretReference)
}

/// One item of a device's plan, with the layer from which it comes.
public struct WantedItem: Hashable, Sendable, Codable {
    public var key: ItemKey
    public var value: WantedValue
    /// nil for the terminal number, which belongs to the device itself.
    public var origin: SettingLayer?
    public var needsRestart: Bool
    public var dependentGroup: String?
    /// A secret of which the store remembers that the phone accepted just this text; it is not sent again.
    public var isKnownAccepted: Bool

    public init(
        key: ItemKey, value: WantedValue, origin: SettingLayer? = nil, needsRestart: Bool = false,
        dependentGroup: String? = nil, isKnownAccepted: Bool = false
    ) {
        self.key = key
        self.value = value
        self.origin = origin
        self.needsRestart = needsRestart
        self.dependentGroup = dependentGroup
        self.isKnownAccepted = isKnownAccepted
    }

    public var isSecret: Bool {
        if case .secret = value { true } else { false }
    }

    mutating func replaceSecret(_ replacement: (SecretReference) throws -> SecretReference) rethrows {
        if case .secret(let reference) = value { value = .secret(try replacement(reference)) }
    }
}
