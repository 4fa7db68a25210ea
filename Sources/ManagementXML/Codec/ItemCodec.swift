import DeploymentModel

/// Items and item lists on the wire, the same for every envelope.
///
/// An element without content stands for the empty text, or, when it has a status, for no value. The two other
/// cases are told by the attribute `value`: `absent` (no value and no status), `empty` (the empty text and a status).
enum ItemCodec {
    /// What an item may hold beyond name and index.
    enum Form {
        /// Name and index only, as in a request to read.
        case key
        /// A value, as in a request to write.
        case value
        /// A value or a status, as in an answer.
        case answer
    }

    static func encode(_ items: [Item], as form: Form, to writer: inout XMLWriter) {
        guard !items.isEmpty else { return writer.markup("<ItemList/>") }
        writer.markup("<ItemList>")
        for item in items { encode(item, as: form, to: &writer) }
        writer.markup("</ItemList>")
    }

    static func encodeKeys(_ keys: [ItemKey], to writer: inout XMLWriter) {
        guard !keys.isEmpty else { return writer.markup("<ItemList/>") }
        writer.markup("<ItemList>")
        for key in keys {
            encode(key, to: &writer)
            writer.markup("/>")
        }
        writer.markup("</ItemList>")
    }

    static func encode(_ item: Item, as form: Form, to writer: inout XMLWriter) {
        encode(item.key, to: &writer)
        let status = form == .answer ? item.status : nil
        if let status { writer.attribute(" status=", status.rawValue) }
        if let value = item.value, !value.isEmpty {
            writer.markup(">")
            writer.text(value)
            return writer.markup("</Item>")
        }
        switch (item.value == nil, status == nil) {
        case (true, true): writer.markup(" value=\"absent\"/>")
        case (false, false): writer.markup(" value=\"empty\"/>")
        default: writer.markup("/>")
        }
    }

    private static func encode(_ key: ItemKey, to writer: inout XMLWriter) {
        writer.attribute("<Item name=", key.name)
        if let index = key.index { writer.attribute(" index=", index) }
    }

    /// About how many bytes a list takes, to set them aside.
    static func estimatedBytes(_ items: [Item]) -> Int {
        var count = 32
        for item in items { count += 48 + item.key.name.utf8.count + (item.value?.utf8.count ?? 0) }
        return count
    }

    /// Reads an item list whose start tag was read.
    static func decode(_ parser: inout XMLPullParser, as form: Form) throws(WireError) -> [Item] {
        try parser.noAttributes()
        var items: [Item] = []
        items.reserveCapacity(64)
        while try parser.nextChild() {
            guard parser.isElement("Item") else { throw parser.unexpectedElement() }
            guard items.count < parser.limits.items else {
                throw parser.fault(.tooLarge, at: parser.tagStart, "more than \(parser.limits.items) items")
            }
            items.append(try decodeItem(&parser, as: form))
        }
        return items
    }

    /// What the attribute `value` says of an element without content.
    private enum Marker: String { case absent, empty }

    private static func decodeItem(_ parser: inout XMLPullParser, as form: Form) throws(WireError) -> Item {
        var key: ItemKey?
        var index: Int?
        var status: ItemStatus?
        var marker: Marker?
        for attribute in parser.attributes {
            if parser.isAttribute(attribute, "name") {
                key = ItemKey(try parser.checked(attribute, Vocabulary.isToken))
            } else if parser.isAttribute(attribute, "index") {
                index = try parser.number(of: attribute)
            } else if form == .answer, parser.isAttribute(attribute, "status") {
                status = try parser.word(of: attribute, ItemStatus.self)
            } else if form != .key, parser.isAttribute(attribute, "value") {
                marker = try parser.word(of: attribute, Marker.self)
            } else {
                throw parser.unexpectedAttribute(attribute)
            }
        }
        guard var key else { throw parser.missing("name") }
        key.index = index
        if form == .key {
            try parser.endEmpty()
            return Item(key)
        }
        return Item(key, value: try value(&parser, marker, hasStatus: status != nil), status: status)
    }

    private static func value(
        _ parser: inout XMLPullParser, _ marker: Marker?, hasStatus: Bool
    ) throws(WireError) -> String? {
        let place = parser.tagStart
        let text = try parser.text()
        guard text.isEmpty else {
            guard marker == nil else { throw parser.unexpected("attribute value at an item with content", at: place) }
            return parser.string(text)
        }
        return (marker ?? (hasStatus ? .absent : .empty)) == .absent ? nil : ""
    }
}
