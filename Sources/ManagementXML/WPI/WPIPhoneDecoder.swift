import DeploymentModel

/// Reads what a phone says.
enum WPIPhoneDecoder {
    static func decode(_ bytes: [UInt8], limits: DecodingLimits) throws(WireError) -> WPIPhoneMessage {
        var reader = try WPIReader(bytes, limits: limits, form: .phone)
        try reader.parser.root()
        let envelope = try reader.read()
        try reader.parser.finish()
        let reason = try reason(envelope, reader.parser)
        return WPIPhoneMessage(
            nonce: envelope.nonce ?? "", maxItems: envelope.maxItems, reason: reason,
            hasMoreFragments: try hasMoreFragments(envelope, reader.parser), items: envelope.items)
    }

    private static func reason(_ envelope: WPIReader.Envelope, _ parser: XMLPullParser) throws(WireError) -> WPIReason {
        guard let word = envelope.word?.lowercased() else {
            throw parser.unexpected("element ReasonForContact is missing")
        }
        if let reason = WPIReason.plain.first(where: { $0.word == word }) { return reason }
        let place = envelope.wordPlace
        guard word == WPIReason.replyWord else {
            throw parser.unexpected("a reason for contact that is not known", at: place)
        }
        guard let action = envelope.answeredAction else {
            throw parser.unexpected("attribute action is missing", at: place)
        }
        guard let status = envelope.status else {
            throw parser.unexpected("attribute status is missing", at: place)
        }
        guard let known = ManagementReply.Status(rawValue: status.lowercased()) else {
            throw parser.unexpected("attribute status has a value that is not allowed", at: place)
        }
        return .replyTo(action: WPIAction(ignoringCase: action)?.rawValue ?? action, status: known)
    }

    /// Only replies come in parts.
    private static func hasMoreFragments(
        _ envelope: WPIReader.Envelope, _ parser: XMLPullParser
    ) throws(WireError) -> Bool {
        switch envelope.fragment?.lowercased() {
        case nil, "", "final": return false
        case "next": return envelope.word?.lowercased() == WPIReason.replyWord
        default:
            throw parser.unexpected("attribute fragment has a value that is not allowed", at: envelope.wordPlace)
        }
    }
}

extension WPIAction {
    /// The action that a phone or a server means, whatever the case of its letters.
    init?(ignoringCase text: String) {
        let lower = text.lowercased()
        guard let action = Self.allCases.first(where: { $0.rawValue.lowercased() == lower }) else { return nil }
        self = action
    }
}
