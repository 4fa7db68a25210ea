/// A subject DN of which parts may stand for something of a phone: `CN={mac},O=Example`.
///
/// The text is read as an RFC 4514 name first, and the phone's values are put into the attributes afterwards. So nothing
/// that a phone is called can add an attribute or change another. A pattern without placeholders is one fixed subject.
public struct SubjectPattern: Hashable, Sendable {
    /// With the placeholders in its values.
    private let template: DistinguishedName
    /// The subject, where all phones have the same.
    public let fixedSubject: DistinguishedName?
    /// What must be known of a phone.
    public let placeholders: Set<PhonePlaceholder>

    /// Reads a pattern; placeholders stand in attribute values only.
    ///
    /// Throws `.badName` when the text is no name or has an unknown placeholder.
    public init(_ text: String) throws(MaterialError) {
        template = try DistinguishedName(rfc4514: text)
        var found: Set<PhonePlaceholder> = []
        for attribute in template.relativeNames.joined() {
            if case .text(let text, _) = attribute.value { found.formUnion(try PatternText(text).placeholders) }
        }
        placeholders = found
        fixedSubject = found.isEmpty ? try Self.fill(template, with: PhoneValues()) : nil
    }

    /// The pattern of just this subject, whatever characters it holds.
    public init(_ subject: DistinguishedName) {
        let names = subject.relativeNames.map { $0.map(Self.escaped) }
        // To put a name together again is dear, and few have anything to escape.
        let isPlain = names == subject.relativeNames
        template = isPlain ? subject : (try? DistinguishedName(relativeNames: names)) ?? subject
        fixedSubject = subject
        placeholders = []
    }

    /// The subject of one phone.
    ///
    /// Throws `.noValue` naming the attribute for which the phone has no value, and `.badName` naming the one whose value
    /// would be empty or too long (RFC 5280 appendix A.1).
    public func subject(for values: PhoneValues) throws(MaterialError) -> DistinguishedName {
        if let fixedSubject { return fixedSubject }
        return try Self.fill(template, with: values)
    }

    private static func fill(
        _ template: DistinguishedName, with values: PhoneValues
    ) throws(MaterialError) -> DistinguishedName {
        var names: [[DistinguishedName.Attribute]] = []
        for attributes in template.relativeNames {
            var filled: [DistinguishedName.Attribute] = []
            for attribute in attributes { filled.append(try fill(attribute, with: values)) }
            names.append(filled)
        }
        return try DistinguishedName(relativeNames: names)
    }

    private static func fill(
        _ attribute: DistinguishedName.Attribute, with values: PhoneValues
    ) throws(MaterialError) -> DistinguishedName.Attribute {
        guard case .text(let text, _) = attribute.value, text.contains("{") else { return attribute }
        let kind = AttributeKind.byIdentifier[attribute.identifier]
        let name = kind?.name ?? attribute.type
        let value = try PatternText(text).filled(name) { values[$0] }
        guard !value.allSatisfy(\.isWhitespace) else { throw MaterialError(.badName, detail: "\(name) would be empty") }
        if let limit = kind?.lengthLimit, value.unicodeScalars.count > limit {
            let detail = "\(name) would have \(value.unicodeScalars.count) characters; at most \(limit)"
            throw MaterialError(.badName, detail: detail)
        }
        let type = NameText.usualType(for: value, kind: kind)
        return DistinguishedName.Attribute(attribute.identifier, .text(value, type))
    }

    private static func escaped(_ attribute: DistinguishedName.Attribute) -> DistinguishedName.Attribute {
        guard case .text(let text, let type) = attribute.value, text.contains("{") else { return attribute }
        return DistinguishedName.Attribute(attribute.identifier, .text(PatternText.escape(text), type))
    }
}

extension SubjectPattern {
    /// Whether it names something that may become another while a phone keeps its certificate: a number or an address.
    public var mayChange: Bool { placeholders.contains(.number) || placeholders.contains(.ip) }

    /// A value that a person left empty, by the attribute's name; nil when all have something.
    ///
    /// Nothing is gained by an attribute without a value, and some programs refuse it.
    public var emptyAttribute: String? {
        for attribute in template.relativeNames.joined() {
            guard case .text(let text, _) = attribute.value, text.allSatisfy(\.isWhitespace) else { continue }
            return AttributeKind.byIdentifier[attribute.identifier]?.name ?? attribute.type
        }
        return nil
    }
}

extension SubjectPattern: CustomStringConvertible {
    /// RFC 4514 form with the placeholders, as ``init(_:)-(String)`` reads it.
    public var description: String { template.description }
}

extension AttributeKind {
    /// The upper bounds of RFC 5280 appendix A.1, in characters.
    var lengthLimit: Int? {
        switch name {
        case "C": 2
        case "CN", "O", "OU", "title", "serialNumber": 64
        case "L", "ST": 128
        case "emailAddress": 255
        default: nil
        }
    }
}
