/// The number under which a phone is reached (E.164 or an internal number): 1 to 24 of `0-9 * #`, with or without a leading `+`.
public struct TerminalNumber: Hashable, Sendable, Codable, RawRepresentable, CustomStringConvertible {
    public let rawValue: String

    /// Accepts the text exactly as it stands; nil when it is empty, too long or holds another character.
    public init?(rawValue: String) {
        let digits = rawValue.utf8.first == UInt8(ascii: "+") ? rawValue.utf8.dropFirst() : rawValue.utf8[...]
        let isDialable = digits.allSatisfy { byte in
            (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || byte == UInt8(ascii: "*")
                || byte == UInt8(ascii: "#")
        }
        guard isDialable, (1...24).contains(digits.count) else { return nil }
        self.rawValue = rawValue
    }

    public init?(_ text: some StringProtocol) {
        self.init(rawValue: String(text))
    }

    public var description: String { rawValue }
}
