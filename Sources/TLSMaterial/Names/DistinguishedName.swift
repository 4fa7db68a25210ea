/// A subject or issuer name, compared attribute by attribute as in RFC 5280 section 7.1.
///
/// Two names are equal when they have the same attributes in the same order, where letter case, the amount of white
/// space and the string type of a value play no part. The order of attributes inside one multi-valued relative name
/// plays none either, because that is a set.
public struct DistinguishedName: Hashable, Sendable {
    /// How a value is written in DER.
    public enum StringType: UInt8, Hashable, Sendable, CaseIterable {
        case utf8 = 0x0C
        case numeric = 0x12
        case printable = 0x13
        case teletex = 0x14
        case ia5 = 0x16
        case visible = 0x1A
        case universal = 0x1C
        case bmp = 0x1E
    }

    /// The value of an attribute.
    public enum Value: Hashable, Sendable {
        /// One of the string types.
        case text(String, StringType)
        /// Anything else, as the complete DER value.
        case other([UInt8])
    }

    /// One attribute type with its value.
    public struct Attribute: Hashable, Sendable {
        /// The type as dotted decimal, for example `2.5.4.3`.
        public var type: String { identifier.dotted }
        /// The value as it was written.
        public let value: Value
        let identifier: ObjectIdentifier

        init(_ identifier: ObjectIdentifier, _ value: Value) {
            self.identifier = identifier
            self.value = value
        }

        /// Makes an attribute from a short name (`CN`) or dotted decimal type.
        ///
        /// Without a string type the usual one of the attribute is taken. Throws `.badName`.
        public init(type: String, text: String, stringType: StringType? = nil) throws(MaterialError) {
            let kind = AttributeKind.byName[type.lowercased()]
            guard let identifier = kind?.identifier ?? ObjectIdentifier(dotted: type) else {
                throw MaterialError(.badName, detail: "unknown attribute type '\(type.prefix(40))'")
            }
            self.init(identifier, .text(text, stringType ?? NameText.usualType(for: text, kind: kind)))
        }
    }

    /// The largest encoded name that is accepted, in bytes.
    public static let sizeLimit = 8_192
    /// The largest number of attributes that is accepted.
    static let attributeLimit = 128

    /// In the order of the encoding, most significant first, which is the reverse of the RFC 4514 text.
    public let relativeNames: [[Attribute]]
    /// The DER encoding: as received, or as it would be issued.
    let der: [UInt8]
    /// What equality looks at.
    private let comparisonKey: [UInt8]

    init(relativeNames: [[Attribute]], der: [UInt8]) {
        self.relativeNames = relativeNames
        self.der = der
        comparisonKey = NameComparison.key(relativeNames)
    }

    /// Makes a name from relative names in the order of the encoding (`C` usually first, `CN` last).
    ///
    /// Throws `.badName` for an empty relative name, for a text that its string type cannot hold, and for too much.
    public init(relativeNames: [[Attribute]]) throws(MaterialError) {
        let der = try NameDER.encode(relativeNames)
        self.init(relativeNames: relativeNames, der: der)
    }

    /// True for the name without any attribute.
    public var isEmpty: Bool { relativeNames.isEmpty }

    /// The value of the last common name, for people.
    public var commonName: String? {
        let wanted = AttributeKind.byName["cn"]?.identifier
        for attribute in relativeNames.joined().reversed() where attribute.identifier == wanted {
            if case .text(let text, _) = attribute.value { return text }
        }
        return nil
    }

    public static func == (left: Self, right: Self) -> Bool { left.comparisonKey == right.comparisonKey }

    public func hash(into hasher: inout Hasher) { hasher.combine(comparisonKey) }

    /// True when this name begins with all relative names of the other (RFC 5280 section 4.2.1.10, directoryName).
    func isWithin(_ subtree: DistinguishedName) -> Bool {
        comparisonKey.starts(with: subtree.comparisonKey)
    }

    /// True when the two have the same relative names in opposite order, the usual slip with pasted names.
    func isReversed(_ other: DistinguishedName) -> Bool {
        comparisonKey == NameComparison.key(other.relativeNames.reversed())
    }
}
