import DeploymentModel

/// Reads requests.
enum RequestDecoder {
    static func decode(_ parser: inout XMLPullParser) throws(WireError) -> ManagementRequest {
        try parser.root(named: "ManagementRequest")
        let id = try id(parser)
        guard try parser.nextChild() else { throw parser.unexpected("a request without an action") }
        guard parser.namespaceNumber == Namespaces.known else { throw parser.unexpectedElement() }
        let action = try action(&parser)
        if try parser.nextChild() { throw parser.unexpectedElement() }
        return ManagementRequest(id: id, action: action)
    }

    private static func id(_ parser: XMLPullParser) throws(WireError) -> String {
        var id: String?
        for attribute in parser.attributes {
            guard parser.isAttribute(attribute, "id") else { throw parser.unexpectedAttribute(attribute) }
            id = try parser.checked(attribute, Vocabulary.isID)
        }
        guard let id else { throw parser.missing("id") }
        return id
    }

    private static func action(_ parser: inout XMLPullParser) throws(WireError) -> ManagementAction {
        switch parser.string(parser.name) {
        case "Identify": return try bare(.identify, &parser)
        case "ReadAllItems": return try bare(.readAllItems, &parser)
        case "GetNextFragment": return try bare(.nextFragment, &parser)
        case "Restart": return try bare(.restart, &parser)
        case "FactoryReset": return try bare(.factoryReset, &parser)
        case "Status": return try bare(.status, &parser)
        case "ReadItems": return .readItems(try items(&parser, as: .key).map(\.key))
        case "WriteItems": return .writeItems(try items(&parser, as: .value))
        case "TransferFile": return try transfer(&parser)
        case "ReadFile":
            let kind = try kind(parser)
            try parser.endEmpty()
            return .readFile(kind)
        case "DeleteFile":
            let kind = try kind(parser)
            try parser.endEmpty()
            return .deleteFile(kind)
        case "FetchFile": return try fetch(&parser)
        default: throw parser.unexpectedElement()
        }
    }

    /// An action that holds nothing.
    private static func bare(
        _ action: ManagementAction, _ parser: inout XMLPullParser
    ) throws(WireError) -> ManagementAction {
        try parser.noAttributes()
        try parser.endEmpty()
        return action
    }

    /// The one item list that an action holds.
    private static func items(_ parser: inout XMLPullParser, as form: ItemCodec.Form) throws(WireError) -> [Item] {
        try parser.noAttributes()
        try onlyChild("ItemList", of: &parser)
        let items = try ItemCodec.decode(&parser, as: form)
        if try parser.nextChild() { throw parser.unexpectedElement() }
        return items
    }

    private static func onlyChild(_ name: StaticString, of parser: inout XMLPullParser) throws(WireError) {
        guard try parser.nextChild() else { throw parser.unexpected("element \(name) is missing") }
        guard parser.isElement(name) else { throw parser.unexpectedElement() }
    }

    private static func transfer(_ parser: inout XMLPullParser) throws(WireError) -> ManagementAction {
        let kind = try kind(parser)
        try onlyChild("Content", of: &parser)
        let content = try parser.content()
        if try parser.nextChild() { throw parser.unexpectedElement() }
        return .transferFile(kind, content: content)
    }

    private static func kind(_ parser: XMLPullParser) throws(WireError) -> FileKind {
        var kind: FileKind?
        for attribute in parser.attributes {
            guard parser.isAttribute(attribute, "kind") else { throw parser.unexpectedAttribute(attribute) }
            kind = try parser.fileKind(of: attribute)
        }
        guard let kind else { throw parser.missing("kind") }
        return kind
    }

    private static func fetch(_ parser: inout XMLPullParser) throws(WireError) -> ManagementAction {
        var kind: FileKind?
        var url: String?
        var sha256: String?
        for attribute in parser.attributes {
            if parser.isAttribute(attribute, "kind") {
                kind = try parser.fileKind(of: attribute)
            } else if parser.isAttribute(attribute, "url") {
                url = try parser.checked(attribute, Vocabulary.isFetchURL)
            } else if parser.isAttribute(attribute, "sha256") {
                sha256 = try parser.checked(attribute, Vocabulary.isFingerprint)
            } else {
                throw parser.unexpectedAttribute(attribute)
            }
        }
        guard let kind else { throw parser.missing("kind") }
        guard let url else { throw parser.missing("url") }
        try parser.endEmpty()
        return .fetchFile(FetchOrder(kind: kind, url: url, sha256: sha256))
    }
}
