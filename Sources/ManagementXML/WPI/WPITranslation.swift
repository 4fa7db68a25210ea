public import DeploymentModel

/// What the tool and a phone do, in the words of the WorkPoint Interface and back.
public enum WPITranslation {
    /// How much a phone takes in one message.
    public struct Room: Hashable, Sendable {
        public var bytes: Int
        /// What the phone said in `maxItems`; nil = as many as there is room for.
        public var items: Int?

        public init(bytes: Int = WPI.messageBytes, items: Int? = nil) {
            self.bytes = bytes
            self.items = items
        }
    }

    /// The messages that carry an action to the phone, one after the other; none when a session answers it itself.
    ///
    /// `identify` is answered by the phone's first message (``identity(from:)``) and `status` by what is known of its
    /// calls. A long list becomes several messages; the phone replies to each, and ``joined(_:)`` makes one answer of
    /// the replies. All have the given nonce; each but the first needs that of the reply before it.
    /// - Throws: `plan.not-supported` for what the protocol has no words for.
    public static func messages(
        for action: ManagementAction, nonce: String, room: Room = Room()
    ) throws(Fault) -> [WPIServerMessage] {
        func message(_ action: WPIAction, _ items: [Item] = []) -> WPIServerMessage {
            WPIServerMessage(nonce: nonce, action: action, items: items)
        }
        switch action {
        case .identify, .status: return []
        case .readAllItems: return [message(.readAllItems)]
        case .nextFragment: return [message(.getNextFragment)]
        case .readItems(let keys):
            let whole = message(.readItems, keys.map { Item($0) })
            return whole.parts(maxBytes: room.bytes, maxItems: room.items) { _, _ in false }
        case .writeItems(let items):
            return message(.writeItems, items).parts(maxBytes: room.bytes, maxItems: room.items)
        case .transferFile(.serverKeyMaterial, let content):
            return [message(.writeItems, [Item(ItemKey(WPIItem.webCertificate), value: Base64.encode(content))])]
        case .readFile(.serverKeyMaterial):
            return [message(.readItems, [Item(ItemKey(WPIItem.webCertificateInfo))])]
        case .transferFile(let kind, _), .readFile(let kind), .deleteFile(let kind):
            throw Fault(.planNotSupported, subject: action.name, detail: "\(kind) is not carried by this protocol")
        case .fetchFile(let order): return [try WPIFileWords.message(for: order, nonce: nonce)]
        case .restart: return [message(.restart)]
        case .factoryReset:
            return [
                message(
                    .restart,
                    [
                        Item(ItemKey(WPIItem.restartType), value: WPIItem.factoryReset),
                        Item(ItemKey(WPIItem.restartPassword), value: WPIItem.factoryResetPassword),
                    ])
            ]
        }
    }

    /// Whether the phone answers the action with a reply.
    ///
    /// It says nothing to a restart, and of a file it tells the result later, in a message `status` of its own. A
    /// refusal may come as a reply to these, too.
    public static func expectsReply(_ action: ManagementAction) -> Bool {
        switch action {
        case .restart, .factoryReset, .fetchFile: false
        default: true
        }
    }

    /// What a phone's message says as the answer to an action; nil when it is no reply to it.
    public static func reply(to action: ManagementAction, from message: WPIPhoneMessage) -> ManagementReply? {
        guard case .replyTo(let answered, let status) = message.reason,
            words(for: action).contains(where: { $0.rawValue == answered })
        else { return nil }
        var reply = ManagementReply(
            action: action.name, status: status, items: message.items, hasMoreFragments: message.hasMoreFragments)
        switch action {
        case .transferFile(let kind, _):
            // The phone accepts the message as a whole and names the item that it did not take.
            if let refusal = message.items.first(where: { $0.status != nil })?.status, status == .accepted {
                reply.status = .failed
                reply.reason = refusal.rawValue
            }
            reply.items = []
            reply.files = []
            if reply.status == .failed, reply.reason == nil { reply.reason = "\(kind) was not taken" }
        case .readFile(let kind):
            if let info = message.items.value(of: WPIItem.webCertificateInfo).flatMap(WPICertificateInfo.init(parsing:))
            {
                reply.files = [HeldFile(kind: kind, fingerprint: info.fingerprint, size: info.size)]
            } else if status == .accepted, !message.hasMoreFragments {
                // Its built-in certificate, or a form that is not known: it does not give the file back.
                reply.status = .failed
                reply.reason = "the phone does not say in a known form what it holds"
            }
        default: break
        }
        return reply
    }

    /// One answer of the replies to several messages of one action.
    ///
    /// The first reply that is not `accepted` decides the status; items and files of all are put together.
    /// - Parameter replies: at least one; nil comes back for none.
    public static func joined(_ replies: [ManagementReply]) -> ManagementReply? {
        guard var whole = replies.first else { return nil }
        for reply in replies.dropFirst() {
            if whole.status == .accepted {
                whole.status = reply.status
                whole.reason = reply.reason
            }
            whole.items += reply.items
            whole.files += reply.files
            whole.hasMoreFragments = reply.hasMoreFragments
        }
        return whole
    }

    /// The answer to `identify` that a phone's first message holds.
    public static func identity(from opening: WPIPhoneMessage) -> ManagementReply {
        ManagementReply(action: ManagementAction.identify.name, status: .accepted, items: opening.items)
    }

    /// The kind of file that a word on the wire means; nil when it is not known.
    public static func fileKind(for word: String) -> FileKind? { WPIFileWords.kind(for: word) }

    /// The end of a conversation.
    ///
    /// - Parameters:
    ///   - reason: for example ``overload``.
    ///   - asksToCallBack: whether the phone is to call as soon as it is idle.
    public static func cleanUp(
        nonce: String, reason: String? = nil, asksToCallBack: Bool = false
    ) -> WPIServerMessage {
        var items: [Item] = []
        if asksToCallBack { items.append(Item(ItemKey(WPIItem.sendSolicited), value: "true")) }
        if let reason { items.append(Item(ItemKey(WPIItem.cleanUpReason), value: reason)) }
        return WPIServerMessage(nonce: nonce, action: .cleanUp, items: items)
    }

    /// The reason of a server that has no time now: the phone repeats its message some time later.
    public static let overload = "overload"

    /// The words in which a phone may answer an action.
    private static func words(for action: ManagementAction) -> [WPIAction] {
        switch action {
        case .identify, .status: []
        case .nextFragment: [.getNextFragment, .readAllItems, .readItems]
        case .readAllItems: [.readAllItems, .getNextFragment]
        case .readItems, .readFile: [.readItems, .getNextFragment]
        case .writeItems, .transferFile, .deleteFile: [.writeItems]
        case .fetchFile: [.fileDeployment, .softwareDeployment]
        case .restart, .factoryReset: [.restart]
        }
    }
}
