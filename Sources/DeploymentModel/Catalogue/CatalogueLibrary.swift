/// Entries by key in the order of their first appearance.
struct OrderedEntries<Entry> {
    private(set) var keys: [String] = []
    private var entries: [String: Entry] = [:]

    subscript(key: String) -> Entry? { entries[key] }

    mutating func set(_ entry: Entry, for key: String) {
        if entries.updateValue(entry, forKey: key) == nil { keys.append(key) }
    }
}

/// The content of catalogue files, one laid over the other, before types are made of it.
struct CatalogueLibrary {
    var parameters = OrderedEntries<ParameterEntry>()
    var tabs = OrderedEntries<TabEntry>()
    var types = OrderedEntries<TypeEntry>()
    var gaps: [CatalogueGap] = []

    static let format = "phonefleet.phone-type-catalogue/1"
    private static let fields = ["$schema", "schema", "comment", "parameters", "tabs", "types", "gaps"]

    /// Lays a file over what is there.
    ///
    /// An entry with `extends` starts from the entry of that key (which stands earlier: in this file or in one before)
    /// and changes single fields; any other entry is new or replaces the one of its key.
    mutating func add(name: String, bytes: [UInt8], faults: CatalogueFaults) {
        let root: JSONValue
        do {
            root = try JSONParser.parse(bytes)
        } catch {
            faults.add(name, "line \(error.line): \(error.reason)")
            return
        }
        guard let reader = FieldReader(root, allowed: Self.fields, file: name, place: "file", faults: faults) else {
            return
        }
        guard let format = reader.string("schema"), format == Self.format else {
            faults.add(name, "file: schema: expects \"\(Self.format)\"")
            return
        }
        addParameters(reader)
        addTabs(reader)
        addTypes(reader)
        for value in reader.array("gaps", maximumCount: 500) ?? [] { addGap(value, reader) }
    }

    private mutating func addParameters(_ reader: FieldReader) {
        for (key, value) in reader.members("parameters", maximumCount: 4000) ?? [] {
            let place = "parameter \"\(key.prefix(60))\""
            guard let inner = entry(key, value, ParameterEntry.fields, place, reader) else { continue }
            var entry = base(inner, in: parameters, ParameterEntry())
            if entry.item == nil || inner["extends"] == nil { entry.item = key }
            entry.apply(inner)
            parameters.set(entry, for: key)
        }
    }

    private mutating func addTabs(_ reader: FieldReader) {
        for (key, value) in reader.members("tabs", maximumCount: 1000) ?? [] {
            guard let inner = entry(key, value, TabEntry.fields, "tab \"\(key.prefix(60))\"", reader) else { continue }
            var entry = base(inner, in: tabs, TabEntry())
            entry.apply(inner)
            tabs.set(entry, for: key)
        }
    }

    private mutating func addTypes(_ reader: FieldReader) {
        for (key, value) in reader.members("types", maximumCount: 1000) ?? [] {
            let place = "type \"\(key.prefix(60))\""
            guard let inner = entry(key, value, TypeEntry.fields, place, reader) else { continue }
            var entry = base(inner, in: types, TypeEntry())
            entry.apply(inner)
            types.set(entry, for: key)
        }
    }

    private mutating func addGap(_ value: JSONValue, _ reader: FieldReader) {
        guard
            let inner = FieldReader(
                value, allowed: ["name", "reason"], file: reader.file, place: "gaps", faults: reader.faults)
        else { return }
        guard let name = inner.string("name"), let reason = inner.string("reason", maximum: 1000) else {
            reader.report("gaps", "every entry needs name and reason")
            return
        }
        gaps.append(CatalogueGap(name: name, reason: reason))
    }

    private func entry(
        _ key: String, _ value: JSONValue, _ fields: [String], _ place: String, _ reader: FieldReader
    ) -> FieldReader? {
        guard Self.isKey(key) else {
            reader.faults.add(reader.file, "\(place): a key has 1 to 60 of a-z A-Z 0-9 - _ .")
            return nil
        }
        return FieldReader(value, allowed: fields, file: reader.file, place: place, faults: reader.faults)
    }

    /// Whether the text has the form of an item name.
    static func isKey(_ text: String) -> Bool {
        (1...60).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                let isLetter = byte | 0x20 >= 97 && byte | 0x20 <= 122
                let isMark = byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_") || byte == UInt8(ascii: ".")
                return isLetter || byte >= 48 && byte <= 57 || isMark
            }
    }

    private func base<Entry>(_ reader: FieldReader, in entries: OrderedEntries<Entry>, _ empty: Entry) -> Entry {
        guard let key = reader.string("extends", maximum: 60) else { return empty }
        guard let entry = entries[key] else {
            let near = Spelling.nearest(to: key, among: entries.keys.map { ([$0], $0) }, maximum: 1).first
            reader.report(
                "extends",
                "nothing is called \"\(key)\" before this entry" + (near.map { "; did you mean \"\($0)\"" } ?? ""))
            return empty
        }
        return entry
    }
}
