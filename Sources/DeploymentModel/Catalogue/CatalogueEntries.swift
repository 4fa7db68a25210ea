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
    var needsRestart: Bool?
    var indices: ClosedRange<Int>?
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
        "choices", "unit", "default", "secret", "readOnly", "needsRestart", "indices", "shifted", "softwareFrom",
        "softwareTo", "onlyIf", "dependentGroup", "provenance",
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

    private static func indices(_ reader: FieldReader) -> ClosedRange<Int>? {
        guard let values = reader.array("indices", maximumCount: 2) else { return nil }
        let numbers = values.compactMap(FieldReader.integer)
        guard numbers.count == 2, (0...9999).contains(numbers[0]), (numbers[0]...9999).contains(numbers[1]),
            numbers[1] - numbers[0] < 1000
        else {
            reader.report("indices", "expects [first, last] with 0 <= first <= last <= 9999 and at most 1000 of them")
            return nil
        }
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

/// A tab in the list of a type: its key, and the software from which the type has it.
struct TabReference {
    var key: String
    var softwareFrom: SoftwareVersion?
    var softwareTo: SoftwareVersion?
}

/// A phone type as a catalogue file states it; nil where the file says nothing.
struct TypeEntry {
    var name: String?
    var deviceType: String?
    var family: String?
    var managementProtocol: ManagementProtocol?
    var access: [ManagementAccess]?
    var softwareVersions: [SoftwareVersion]?
    var tabs: [TabReference]?
    /// Parameters of the tabs for which this type has a variant: library key to library key.
    var replace: [String: String]?
    /// Parameters of the tabs that this type does not have, by library key.
    var without: [String]?
    var fileKinds: [FileKind]?
    var limits: PhoneType.Limits?
    var durations: PhoneType.Durations?
    var provenance: Provenance?
    var file = ""

    static let fields = [
        "extends", "name", "deviceType", "family", "protocol", "access", "softwareVersions", "tabs", "replace",
        "without", "fileKinds", "limits", "durations", "provenance",
    ]

    mutating func apply(_ reader: FieldReader) {
        file = reader.file
        name = reader.string("name", maximum: 80) ?? name
        deviceType = reader.string("deviceType", maximum: 80) ?? deviceType
        family = reader.string("family", maximum: 60) ?? family
        managementProtocol = reader.word("protocol", of: ManagementProtocol.self) ?? managementProtocol
        access = Self.access(reader) ?? access
        softwareVersions =
            reader.strings("softwareVersions", maximumCount: 100).map { $0.map(SoftwareVersion.init) }
            ?? softwareVersions
        tabs = Self.tabs(reader) ?? tabs
        replace = Self.replacements(reader) ?? replace
        without = reader.strings("without") ?? without
        fileKinds = reader.strings("fileKinds", maximumCount: 50).map { $0.map(FileKind.init(_:)) } ?? fileKinds
        limits = Self.limits(reader) ?? limits
        durations = Self.durations(reader) ?? durations
        provenance = reader.word("provenance", of: Provenance.self) ?? provenance
    }

    private static func access(_ reader: FieldReader) -> [ManagementAccess]? {
        guard let values = reader.array("access", maximumCount: 20) else { return nil }
        let entries = values.compactMap { value -> ManagementAccess? in
            let inner = FieldReader(
                value, allowed: ["softwareFrom", "tls", "port"], file: reader.file, place: "\(reader.place): access",
                faults: reader.faults)
            guard let inner, let tls = inner.boolean("tls"), let port = inner.integer("port", in: 1...65535) else {
                reader.report("access", "every entry needs tls (true or false) and port (1 to 65535)")
                return nil
            }
            return ManagementAccess(softwareFrom: inner.software("softwareFrom"), tls: tls, port: port)
        }
        guard entries.count == values.count else { return nil }
        let isAscending = zip(entries, entries.dropFirst()).allSatisfy { before, after in
            guard let later = after.softwareFrom else { return false }
            return before.softwareFrom.map { $0 < later } ?? true
        }
        guard let first = entries.first, first.softwareFrom == nil, isAscending else {
            reader.report("access", "the first entry has no softwareFrom, the others have it in ascending order")
            return nil
        }
        return entries
    }

    private static func tabs(_ reader: FieldReader) -> [TabReference]? {
        reader.array("tabs", maximumCount: 100)?.compactMap { value in
            if case .string(let key) = value { return TabReference(key: key) }
            let inner = FieldReader(
                value, allowed: ["tab", "softwareFrom", "softwareTo"], file: reader.file,
                place: "\(reader.place): tabs", faults: reader.faults)
            guard let inner, let key = inner.string("tab", maximum: 60) else {
                reader.report("tabs", "expects the key of a tab, or an object with tab and softwareFrom")
                return nil
            }
            return TabReference(
                key: key, softwareFrom: inner.software("softwareFrom"), softwareTo: inner.software("softwareTo"))
        }
    }

    private static func replacements(_ reader: FieldReader) -> [String: String]? {
        guard let members = reader.members("replace", maximumCount: 500) else { return nil }
        var result: [String: String] = [:]
        for (name, value) in members {
            guard case .string(let other) = value else {
                reader.report("replace", "expects the key of a parameter for \"\(name.prefix(60))\"")
                continue
            }
            result[name] = other
        }
        return result
    }

    private static func limits(_ reader: FieldReader) -> PhoneType.Limits? {
        guard let value = reader["limits"],
            let inner = FieldReader(
                value, allowed: ["items", "fileBytes"], file: reader.file, place: "\(reader.place): limits",
                faults: reader.faults)
        else { return nil }
        guard let items = inner.integer("items", in: 1...4096),
            let bytes = inner.integer("fileBytes", in: 1...1_000_000_000)
        else {
            reader.report("limits", "expects items (1 to 4096) and fileBytes")
            return nil
        }
        return PhoneType.Limits(items: items, fileBytes: bytes)
    }

    private static func durations(_ reader: FieldReader) -> PhoneType.Durations? {
        guard let value = reader["durations"],
            let inner = FieldReader(
                value, allowed: ["transfer", "restart"], file: reader.file, place: "\(reader.place): durations",
                faults: reader.faults)
        else { return nil }
        guard let transfer = inner.double("transfer", in: 0...3600), let restart = inner.double("restart", in: 0...3600)
        else {
            reader.report("durations", "expects transfer and restart in seconds")
            return nil
        }
        return PhoneType.Durations(transfer: transfer, restart: restart)
    }
}
