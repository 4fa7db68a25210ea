public import DeploymentModel

/// What a phone understands of a server's message.
public enum WPIOrder: Hashable, Sendable {
    /// Files are fetched or deleted and the result is told in a message of its own, but for a refusal.
    case perform(ManagementAction)
    /// A factory reset whose password is not the right one, or a restart of a kind that is not known.
    case refusedRestart
    /// Files with words that are not understood.
    case refusedFiles
    /// The server ends the conversation.
    case cleanUp(reason: String?, asksToCallBack: Bool)
}

/// The result of a file that a phone was ordered to fetch, as it tells it in a message `status`.
public struct WPIFileResult: Hashable, Sendable {
    public var name: String
    /// Nil when the word on the wire is not known.
    public var kind: FileKind?
    public var isOK: Bool
    /// `DD:MM:YYYY` by the phone's own clock, as it wrote it.
    public var date: String?
    /// `HH:MM:SS` by the phone's own clock, as it wrote it.
    public var time: String?

    public init(name: String, kind: FileKind?, isOK: Bool, date: String? = nil, time: String? = nil) {
        self.name = name
        self.kind = kind
        self.isOK = isOK
        self.date = date
        self.time = time
    }
}

extension WPITranslation {
    /// What a phone understands of a server's message.
    ///
    /// A write whose only item is `wbm-server-certificate` is a transfer of server key material when its value is
    /// base64; everything else that is written are items.
    public static func order(_ message: WPIServerMessage) -> WPIOrder {
        switch message.action {
        case .readAllItems: return .perform(.readAllItems)
        case .getNextFragment: return .perform(.nextFragment)
        case .readItems: return .perform(.readItems(message.items.map(\.key)))
        case .writeItems:
            if message.items.count == 1, let item = message.items.first, item.key == ItemKey(WPIItem.webCertificate),
                let content = Base64.decode(item.value ?? "")
            {
                return .perform(.transferFile(.serverKeyMaterial, content: content))
            }
            return .perform(.writeItems(message.items))
        case .restart: return restart(message.items)
        case .fileDeployment, .softwareDeployment: return WPIFileReader.order(message)
        case .cleanUp:
            return .cleanUp(
                reason: message.items.value(of: WPIItem.cleanUpReason),
                asksToCallBack: message.items.value(of: WPIItem.sendSolicited)?.lowercased() == "true")
        }
    }

    private static func restart(_ items: [Item]) -> WPIOrder {
        guard let type = items.value(of: WPIItem.restartType), !type.isEmpty else { return .perform(.restart) }
        let isAllowed =
            type == WPIItem.factoryReset
            && items.value(of: WPIItem.restartPassword) == WPIItem.factoryResetPassword
        return isAllowed ? .perform(.factoryReset) : .refusedRestart
    }

    /// The messages in which a phone gives a reply, one after the other; each needs a nonce of its own.
    ///
    /// Items that were written without fault are not named.
    public static func messages(
        for reply: ManagementReply, to action: WPIAction, nonce: String, maxBytes: Int = WPI.messageBytes
    ) -> [WPIPhoneMessage] {
        let items = action == .writeItems ? reply.items.filter { $0.status != nil } : reply.items
        let whole = WPIPhoneMessage(
            nonce: nonce, reason: .replyTo(action: action.rawValue, status: reply.status),
            hasMoreFragments: reply.hasMoreFragments, items: items)
        return whole.fragments(maxBytes: maxBytes)
    }

    /// The items of a message `status`, beside those by which the phone is known.
    public static func items(of result: WPIFileResult) -> [Item] {
        let type = result.kind.map { WPIFileWords.word(for: $0) ?? $0.rawValue.uppercased() }
        let pairs: [(String, String?)] = [
            (WPIItem.fileDate, result.date), (WPIItem.fileTime, result.time), (WPIItem.deployedName, result.name),
            (WPIItem.deployedType, type), (WPIItem.deploymentStatus, result.isOK ? "ok" : "failed"),
        ]
        return pairs.compactMap { name, value in value.map { Item(ItemKey(name), value: $0) } }
    }

    /// The results of files that a message `status` tells: one, or one for each index; none in other messages.
    public static func fileResults(in message: WPIPhoneMessage) -> [WPIFileResult] {
        guard message.reason == .status else { return [] }
        let states = message.items.filter { $0.key.name == WPIItem.deploymentStatus }
        return states.map { state in
            let index = state.key.index
            func value(_ name: String) -> String? { message.items.value(of: name, index: index) }
            return WPIFileResult(
                name: value(WPIItem.deployedName) ?? "",
                kind: value(WPIItem.deployedType).flatMap(WPIFileWords.kind(for:)),
                isOK: state.value?.lowercased() == "ok", date: value(WPIItem.fileDate), time: value(WPIItem.fileTime))
        }
    }
}
