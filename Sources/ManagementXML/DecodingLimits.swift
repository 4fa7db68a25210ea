/// What a decoder takes at most; one more of anything is ``WireError/Code/tooLarge``.
public struct DecodingLimits: Hashable, Sendable {
    /// Bytes of the whole message, as received.
    public var bytes: Int
    /// Nested elements, the root counted as 1.
    public var depth: Int
    /// Entries of an item list.
    public var items: Int
    /// UTF-8 bytes of one name or attribute value.
    public var attributeBytes: Int
    /// UTF-8 bytes of the text of one element, references resolved.
    public var textBytes: Int

    public init(bytes: Int, depth: Int, items: Int, attributeBytes: Int, textBytes: Int) {
        self.bytes = bytes
        self.depth = depth
        self.items = items
        self.attributeBytes = attributeBytes
        self.textBytes = textBytes
    }

    /// What a phone accepts from anybody.
    public static let phone = DecodingLimits(
        bytes: 1 << 20, depth: 8, items: 4096, attributeBytes: 1024, textBytes: 1 << 19)
    /// What the tool accepts from a phone.
    public static let tool = DecodingLimits(
        bytes: 1 << 20, depth: 8, items: 4096, attributeBytes: 1024, textBytes: 1 << 19)
}
