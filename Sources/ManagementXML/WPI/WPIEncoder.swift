import DeploymentModel

/// Writes both messages.
enum WPIEncoder {
    static func encode(_ message: WPIPhoneMessage) -> [UInt8] {
        var writer = XMLWriter(capacity: estimatedBytes(message.items))
        beginDocument("<WorkpointMessage", nonce: message.nonce, &writer)
        if let most = message.maxItems { writer.attribute(" maxItems=", most) }
        if case .replyTo(let action, let status) = message.reason {
            writer.markup(message.hasMoreFragments ? " fragment=\"next\">" : " fragment=\"final\">")
            writer.attribute("<ReasonForContact action=", action)
            writer.attribute(" status=", status.rawValue)
        } else {
            writer.markup("><ReasonForContact")
        }
        writer.markup(">")
        writer.text(message.reason.word)
        writer.markup("</ReasonForContact>")
        encode(message.items, withStatus: true, to: &writer)
        writer.markup("</Message></WorkpointMessage>\n")
        return writer.bytes
    }

    static func encode(_ message: WPIServerMessage) -> [UInt8] {
        var writer = XMLWriter(capacity: estimatedBytes(message.items))
        beginDocument("<DLSMessage", nonce: message.nonce, &writer)
        writer.markup("><Action>")
        writer.text(message.action.rawValue)
        writer.markup("</Action>")
        // The list of a write stands even when it is empty; other actions have none when they need none.
        if !message.items.isEmpty || message.action == .writeItems || message.action == .readItems {
            encode(message.items, withStatus: false, to: &writer)
        }
        writer.markup("</Message></DLSMessage>\n")
        return writer.bytes
    }

    private static func beginDocument(_ root: StaticString, nonce: String, _ writer: inout XMLWriter) {
        writer.markup("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n")
        writer.markup(root)
        writer.markup(" xmlns=\"")
        writer.markup(WPI.wireNamespace)
        writer.markup("\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:schemaLocation=\"")
        writer.markup(WPI.wireNamespace)
        writer.attribute("\"><Message nonce=", nonce)
    }

    private static func encode(_ items: [Item], withStatus: Bool, to writer: inout XMLWriter) {
        guard !items.isEmpty else { return writer.markup("<ItemList/>") }
        writer.markup("<ItemList>")
        for item in items { encode(item, withStatus: withStatus, to: &writer) }
        writer.markup("</ItemList>")
    }

    static func encode(_ item: Item, withStatus: Bool, to writer: inout XMLWriter) {
        writer.attribute("<Item name=", item.key.name)
        if let index = item.key.index { writer.attribute(" index=", index) }
        if withStatus, let status = item.status { writer.attribute(" status=", status.rawValue) }
        guard let value = item.value, !value.isEmpty else { return writer.markup("/>") }
        writer.markup(">")
        writer.text(value)
        writer.markup("</Item>")
    }

    private static func estimatedBytes(_ items: [Item]) -> Int {
        512 + ItemCodec.estimatedBytes(items)
    }
}

extension WPIReason {
    /// The word on the wire.
    var word: String {
        switch self {
        case .startUp: "start-up"
        case .localChanges: "local-changes"
        case .inventoryChanges: "inventory-changes"
        case .status: "status"
        case .solicited: "solicited"
        case .cleanUp: "clean-up"
        case .replyTo: Self.replyWord
        }
    }

    static let replyWord = "reply-to"
    /// The reasons that need no attributes.
    static let plain: [WPIReason] = [.startUp, .localChanges, .inventoryChanges, .status, .solicited, .cleanUp]
}
