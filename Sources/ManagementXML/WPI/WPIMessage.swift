public import DeploymentModel

/// Why a phone calls, or what it answers to.
///
/// Source: Provisioning Interface Developer's Guide A31003-S2000-R102-16-7620, page 28; see `docs/reference/wpi.md`.
public enum WPIReason: Hashable, Sendable {
    /// Each start and each reset: the phone registers.
    case startUp
    /// Somebody changed settings at the phone.
    case localChanges
    /// A key module or the like came or went; also for mobility.
    case inventoryChanges
    /// The result of a file that the phone was ordered to fetch.
    case status
    /// The phone was asked to call: by contact-me, by polling, or by a clean-up with `send-solicited`.
    case solicited
    /// The phone gives the conversation up; item `cleanup-reason` says why.
    case cleanUp
    /// Answers the action of the message before.
    case replyTo(action: String, status: ManagementReply.Status)

    /// Whether a message with this reason begins a conversation.
    public var isOpening: Bool {
        switch self {
        case .startUp, .localChanges, .inventoryChanges, .status, .solicited: true
        case .cleanUp, .replyTo: false
        }
    }
}

/// What a phone says: the `WorkpointMessage`.
public struct WPIPhoneMessage: Hashable, Sendable {
    /// Fresh in each message of a phone; the answer repeats it.
    public var nonce: String
    /// Most items that the phone takes in one message; nil or -1 on the wire = no limit (nil here).
    public var maxItems: Int?
    public var reason: WPIReason
    /// Whether the phone has more to say under the same action.
    public var hasMoreFragments: Bool
    public var items: [Item]

    public init(
        nonce: String, maxItems: Int? = nil, reason: WPIReason, hasMoreFragments: Bool = false, items: [Item] = []
    ) {
        self.nonce = nonce
        self.maxItems = maxItems
        self.reason = reason
        self.hasMoreFragments = hasMoreFragments
        self.items = items
    }
}

/// The actions by which a server answers a phone.
public enum WPIAction: String, Hashable, Sendable, CaseIterable {
    case readAllItems = "ReadAllItems"
    case readItems = "ReadItems"
    case writeItems = "WriteItems"
    case restart = "Restart"
    case fileDeployment = "FileDeployment"
    case softwareDeployment = "SoftwareDeployment"
    case getNextFragment = "GetNextFragment"
    case cleanUp = "CleanUp"
}

/// What a server says: the `DLSMessage`.
public struct WPIServerMessage: Hashable, Sendable {
    /// The nonce of the message that is answered.
    public var nonce: String
    public var action: WPIAction
    public var items: [Item]

    public init(nonce: String, action: WPIAction, items: [Item] = []) {
        self.nonce = nonce
        self.action = action
        self.items = items
    }
}
