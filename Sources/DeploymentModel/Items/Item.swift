/// Names one value on a phone: the item's name and, for repeated items, its instance.
public struct ItemKey: Hashable, Sendable, Comparable {
    public var name: String
    public var index: Int?

    public init(_ name: String, index: Int? = nil) {
        self.name = name
        self.index = index
    }

    /// Parses `name` or `name[3]`; nil when the name is empty or holds anything but `a-z A-Z 0-9 - _ .`, or the index is no number.
    public init?(parsing text: some StringProtocol) {
        var name = Substring(text)
        var index: Int?
        if let open = name.firstIndex(of: "["), name.last == "]" {
            let digits = name[name.index(after: open)...].dropLast()
            guard let number = Int(digits), number >= 0 else { return nil }
            index = number
            name = name[..<open]
        }
        guard !name.isEmpty, name.utf8.allSatisfy(Self.isNameByte) else { return nil }
        self.init(String(name), index: index)
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
            true
        default: false
        }
    }

    public static func < (left: ItemKey, right: ItemKey) -> Bool {
        (left.name, left.index ?? -1) < (right.name, right.index ?? -1)
    }
}

extension ItemKey: CustomStringConvertible {
    public var description: String {
        if let index { "\(name)[\(index)]" } else { name }
    }
}

extension ItemKey: Codable {
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let key = ItemKey(parsing: text) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not an item name: \(text)")
        }
        self = key
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

/// What a phone says of one item that it did not take or could not give.
///
/// The words are those of the wire.
public enum ItemStatus: String, Hashable, Sendable, Codable, CaseIterable {
    case failed
    case unknownItem = "unknown item"
    case readOnly = "read only"
    case invalidIndex = "invalid index"
    case unexpectedItem = "unexpected item"
    case notSupported = "not supported"
    case invalidData = "invalid data"
    case undefinedStatus = "undefined status"
}

/// One line of an item list: a key with a value, or with the status that says why there is none.
public struct Item: Hashable, Sendable, Codable {
    public var key: ItemKey
    public var value: String?
    public var status: ItemStatus?

    public init(_ key: ItemKey, value: String? = nil, status: ItemStatus? = nil) {
        self.key = key
        self.value = value
        self.status = status
    }
}
