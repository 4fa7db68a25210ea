import DeploymentModel

/// Reads what a server says.
enum WPIServerDecoder {
    static func decode(
        _ bytes: [UInt8], limits: DecodingLimits, isStrict: Bool, quirks: WPIQuirks
    ) throws(WireError) -> WPIServerMessage {
        var reader = try WPIReader(bytes, limits: limits, form: .server, isStrict: isStrict)
        reader.parser.keepsReferences = quirks.contains(.keepsReferences)
        try reader.parser.root()
        let isSigned = reader.parser.isSignature
        if isSigned { try openSignature(&reader.parser) }
        let envelope = try reader.read()
        if isSigned {
            try skipRest(of: &reader.parser)
            try skipRest(of: &reader.parser)
        }
        try reader.parser.finish()
        let action = try action(envelope, reader)
        return WPIServerMessage(
            nonce: envelope.nonce ?? "", action: action, items: try items(envelope.items, of: action, reader))
    }

    /// Goes down to the message in an enveloping signature: `Signature`, in it `Object`.
    private static func openSignature(_ parser: inout XMLPullParser) throws(WireError) {
        repeat {
            guard try parser.nextChild() else { throw parser.unexpected("a signature without an object") }
            if parser.equals(parser.name, "Object") { break }
            try parser.skipElement()
        } while true
        guard try parser.nextChild() else { throw parser.unexpected("an object without a message") }
    }

    private static func skipRest(of parser: inout XMLPullParser) throws(WireError) {
        while try parser.nextChild() { try parser.skipElement() }
    }

    private static func action(
        _ envelope: WPIReader.Envelope, _ reader: WPIReader
    ) throws(WireError) -> WPIAction {
        guard let word = envelope.word else { throw reader.parser.unexpected("element Action is missing") }
        let action = reader.isStrict ? WPIAction(rawValue: word) : WPIAction(ignoringCase: word)
        guard let action else {
            throw reader.parser.unexpected("an action that is not known", at: envelope.wordPlace)
        }
        return action
    }

    /// The items as the action means them: those to be read have no value.
    private static func items(
        _ items: [Item], of action: WPIAction, _ reader: WPIReader
    ) throws(WireError) -> [Item] {
        guard action == .readItems else { return items }
        if reader.isStrict, items.contains(where: { $0.value?.isEmpty == false }) {
            throw reader.parser.unexpected("an item to be read that has a value")
        }
        return items.map { Item($0.key) }
    }
}

extension XMLPullParser {
    /// Whether the element last begun is an XML signature.
    fileprivate var isSignature: Bool {
        equals(name, "Signature") && namespaceName == Array("http://www.w3.org/2000/09/xmldsig#".utf8)
    }
}
