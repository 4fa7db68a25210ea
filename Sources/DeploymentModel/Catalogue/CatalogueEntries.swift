/// A parameter as a catalogue file states it; nil where the file says nothing.
struct ParameterEntry {
    var item: String?
    var label: String?
    var help: String?
    var kind: ValueKind?
    var minimum: Int?
    var maximum: Int?
    var minimumLength: Int?
    var maximumLength: Int?
    var pattern: String?
    var choices: [Choice]?
    var unit: String?
    var defaultValue: String?
    var isSecret: Bool?
    var isReadOnly: Bool?
    var isOnlyInOrders: Bool?
    var needsRestart: Bool?
    var indices: IndexEntry?
    var hasShiftedLevel: Bool?
    var softwareFrom: SoftwareVersion?
    var softwareTo: SoftwareVersion?
    var onlyIf: ParameterCondition?
    var dependentGroup: String?
    var provenance: Provenance?
    /// The file that spoke last, for error texts.
    var file = ""

    static let fields = [
        "extends", "item", "label", "help", "kind", "minimum", "maximum", "minimumLength", "maximumLength", "pattern",
        "choices", "unit", "default", "secret", "readOnly", "onlyInOrders", "needsRestart", "indices", "shifted",
        "softwareFrom", "softwareTo", "onlyIf", "dependentGroup", "provenance",
    ]

    /// Lays what the reader's object says over this entry.
    mutating func apply(_ reader: FieldReader) {
        file = reader.file
        item = reader.string("item", maximum: 60) ?? item
        label = reader.string("label") ?? label
        help = reader.string("help", maximum: 1000) ?? help
        kind = reader.word("kind", of: ValueKind.self) ?? kind
        let numbers = -1_000_000_000...1_000_000_000
        minimum = reader.integer("minimum", in: numbers) ?? minimum
        maximum = reader.integer("maximum", in: numbers) ?? maximum
        minimumLength = reader.integer("minimumLength", in: 0...10_000) ?? minimumLength
        maximumLength = reader.integer("maximumLength", in: 1...10_000) ?? maximumLength
        pattern = reader.string("pattern", maximum: 1000) ?? pattern
        choices = Self.choices(reader) ?? choices
        unit = reader.string("unit", maximum: 20) ?? unit
        defaultValue = reader.string("default", maximum: 1000) ?? defaultValue
        applyConditions(reader)
    }

    private mutating func applyConditions(_ reader: FieldReader) {
        isSecret = reader.boolean("secret") ?? isSecret
        isReadOnly = reader.boolean("readOnly") ?? isReadOnly
        isOnlyInOrders = reader.boolean("onlyInOrders") ?? isOnlyInOrders
        needsRestart = reader.boolean("needsRestart") ?? needsRestart
        indices = Self.indices(reader) ?? indices
        hasShiftedLevel = reader.boolean("shifted") ?? hasShiftedLevel
        softwareFrom = reader.software("softwareFrom") ?? softwareFrom
        softwareTo = reader.software("softwareTo") ?? softwareTo
        onlyIf = Self.condition(reader) ?? onlyIf
        dependentGroup = reader.string("dependentGroup", maximum: 60) ?? dependentGroup
        provenance = reader.word("provenance", of: Provenance.self) ?? provenance
    }

    private static func choices(_ reader: FieldReader) -> [Choice]? {
        guard let members = reader.members("choices", maximumCount: 200) else { return nil }
        return members.compactMap { name, value in
            guard case .string(let label) = value, label.utf8.count <= 200, name.utf8.count <= 200 else {
                reader.report("choices", "expects a text as the label of \"\(name.prefix(60))\"")
                return nil
            }
            return Choice(value: name, label: label)
        }
    }

    /// `[1, 8]`, several of them `[[1, 8], [301, 312]]`, or the name of a set of which each type says what it is.
    private static func indices(_ reader: FieldReader) -> IndexEntry? {
        if case .string(let name) = reader["indices"] { return .set(name) }
        guard let value = reader["indices"] else { return nil }
        guard let ranges = ranges(value) else {
            reader.report("indices", Self.indexRule + ", or the name of a set of them")
            return nil
        }
        return .ranges(ranges)
    }

    static let indexRule =
        "expects [first, last] with 0 <= first <= last <= 9999, or an ascending list of such; at most 1000 of them"

    /// Ranges in ascending order; nil when the value is something else.
    static func ranges(_ value: JSONValue) -> [ClosedRange<Int>]? {
        guard case .array(let values) = value, !values.isEmpty, values.count <= 20 else { return nil }
        let isOne = values.allSatisfy { FieldReader.integer($0) != nil }
        let ranges = (isOne ? [.array(values)] : values).map(range)
        let known = ranges.compactMap(\.self)
        let isAscending = zip(known, known.dropFirst()).allSatisfy { $0.upperBound < $1.lowerBound }
        guard known.count == ranges.count, isAscending, known.reduce(0, { $0 + $1.count }) <= 1000 else { return nil }
        return known
    }

    private static func range(_ value: JSONValue) -> ClosedRange<Int>? {
        guard case .array(let values) = value else { return nil }
        let numbers = values.compactMap(FieldReader.integer)
        guard values.count == 2, numbers.count == 2, (0...9999).contains(numbers[0]),
            (numbers[0]...9999).contains(numbers[1])
        else { return nil }
        return numbers[0]...numbers[1]
    }

    private static func condition(_ reader: FieldReader) -> ParameterCondition? {
        guard let value = reader["onlyIf"],
            let inner = FieldReader(
                value, allowed: ["item", "values"], file: reader.file, place: "\(reader.place): onlyIf",
                faults: reader.faults)
        else { return nil }
        guard let item = inner.string("item", maximum: 60), let values = inner.strings("values", maximumCount: 100),
            !values.isEmpty
        else {
            reader.report("onlyIf", "expects an item and the list of its values")
            return nil
        }
        return ParameterCondition(item: item, values: values)
    }
}

/// The instances of a parameter as a catalogue file states them.
enum IndexEntry {
    case ranges([ClosedRange<Int>])
    /// The name of a set of instances that differs from type to type, such as the keys of a phone.
    case set(String)

    /// The instances as far as no type is needed to know them.
    var ranges: [ClosedRange<Int>] {
        switch self {
        case .ranges(let ranges): ranges
        case .set: []
        }
    }
}

/// A tab as a catalogue file states it.
struct TabEntry {
    var name: String?
    var parameters: [String]?
    var file = ""

    static let fields = ["extends", "name", "parameters"]

    mutating func apply(_ reader: FieldReader) {
        file = reader.file
        name = reader.string("name", maximum: 60) ?? name
        parameters = reader.strings("parameters") ?? parameters
    }
}
