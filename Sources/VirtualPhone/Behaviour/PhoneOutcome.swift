public import ManagementXML

/// What a phone makes of one request: its answer and what has to happen around it.
public struct PhoneOutcome: Sendable {
    /// What has to happen besides the answer.
    public struct Effects: OptionSet, Sendable {
        public let rawValue: UInt8
        public init(rawValue: UInt8) { self.rawValue = rawValue }

        /// The state changed and must be kept before the answer leaves.
        public static let save = Effects(rawValue: 1)
        /// The phone restarts: every connection is dropped after the answer.
        public static let restart = Effects(rawValue: 2)
        /// The answer never leaves: the connection is lost at this moment.
        public static let loseAnswer = Effects(rawValue: 4)
        /// Items or the trusted certificates changed: the telephony client has to look at them anew.
        public static let telephonyChanged = Effects(rawValue: 8)
    }

    public var response: ManagementResponse
    public var effects: Effects

    init(_ response: ManagementResponse, effects: Effects = []) {
        self.response = response
        self.effects = effects
    }
}

/// What a phone remembers of one conversation: the rest of a long answer.
public struct PhoneConversation: Sendable {
    /// The parts that were not sent yet, the next one last; empty when there is no rest.
    var pending: [ManagementReply] = []

    public init() {}
}
