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
    var alsoAnswers: [String]?
    var softwareType: String?
    var family: String?
    var managementProtocol: ManagementProtocol?
    var access: [ManagementAccess]?
    var softwareVersions: [SoftwareVersion]?
    var capabilitiesFrom: [PhoneCapability: SoftwareVersion]?
    var tabs: [TabReference]?
    /// The instances that parameters of this type have, by the name of the set.
    var indexSets: [String: [ClosedRange<Int>]]?
    /// Parameters of the tabs for which this type has a variant: library key to library key.
    var replace: [String: String]?
    /// Parameters of the tabs that this type does not have, by library key.
    var without: Set<String>?
    var fileKinds: [FileKind]?
    var limits: PhoneType.Limits?
    var durations: PhoneType.Durations?
    var provenance: Provenance?
    var file = ""

    static let fields = [
        "extends", "name", "deviceType", "alsoAnswers", "softwareType", "family", "protocol", "access",
        "softwareVersions", "capabilitiesFrom", "tabs", "indexSets", "replace", "without", "fileKinds", "limits",
        "durations", "provenance",
    ]

    mutating func apply(_ reader: FieldReader) {
        file = reader.file
        name = reader.string("name", maximum: 80) ?? name
        deviceType = reader.string("deviceType", maximum: 80) ?? deviceType
        alsoAnswers = reader.strings("alsoAnswers", maximumCount: 20) ?? alsoAnswers
        softwareType = reader.string("softwareType", maximum: 80) ?? softwareType
        family = reader.string("family", maximum: 60) ?? family
        managementProtocol = reader.word("protocol", of: ManagementProtocol.self) ?? managementProtocol
        access = Self.access(reader) ?? access
        softwareVersions =
            reader.strings("softwareVersions", maximumCount: 100).map { $0.map(SoftwareVersion.init) }
            ?? softwareVersions
        capabilitiesFrom = Self.capabilities(reader) ?? capabilitiesFrom
        tabs = Self.tabs(reader) ?? tabs
        indexSets = Self.indexSets(reader) ?? indexSets
        replace = Self.replacements(reader) ?? replace
        without = reader.strings("without").map(Set.init) ?? without
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

    private static func indexSets(_ reader: FieldReader) -> [String: [ClosedRange<Int>]]? {
        guard let members = reader.members("indexSets", maximumCount: 50) else { return nil }
        var result: [String: [ClosedRange<Int>]] = [:]
        for (name, value) in members {
            guard let ranges = ParameterEntry.ranges(value) else {
                reader.report("indexSets", "\(name.prefix(60)): \(ParameterEntry.indexRule)")
                continue
            }
            result[name] = ranges
        }
        return result
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

    private static func capabilities(_ reader: FieldReader) -> [PhoneCapability: SoftwareVersion]? {
        guard let value = reader["capabilitiesFrom"],
            let inner = FieldReader(
                value, allowed: PhoneCapability.allCases.map(\.rawValue), file: reader.file,
                place: "\(reader.place): capabilitiesFrom", faults: reader.faults)
        else { return nil }
        var result: [PhoneCapability: SoftwareVersion] = [:]
        for capability in PhoneCapability.allCases { result[capability] = inner.software(capability.rawValue) }
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
