import DeploymentModel
import Synchronization

/// What can be wrong with a connection, a request, a message or a call.
public enum WPIDefect: String, Hashable, Sendable, CaseIterable {
    /// No TLS, or none that the policy allows, or no client certificate where one is demanded.
    case handshake
    /// Connected and said nothing, or shook hands and said nothing.
    case silent
    /// A request that did not come to its end in time.
    case slow
    /// No HTTP request.
    case http
    /// Beyond a limit of size.
    case tooLarge = "too-large"
    /// No message of WPI.
    case garbage
    /// A message whose nonce can not be repeated.
    case nonce
    /// A message that was heard before.
    case replay
    /// An opening message without a MAC address.
    case noMAC = "no-mac"
    /// A reply, or a message of a conversation that is not known or has ended.
    case noConversation = "no-conversation"
    /// A reply to something that was not asked.
    case unexpectedReply = "unexpected-reply"
    /// Another phone took part in a conversation: another MAC address, IP address or client certificate.
    case identityChange = "identity-change"
    /// A second phone with the MAC address of one that is just being served.
    case secondPhone = "second-phone"
    /// A conversation in default mode that ended because the phone itself called on the secure port and proved who it is.
    case displaced
    /// The client certificate was not accepted for this phone, or the phone has to call on the secure port.
    case notTrusted = "not-trusted"
    /// Whoever notes calls did not let the phone in, or could not note it.
    case refused
    /// The conversation made no progress in time.
    case stalled
    /// More than the server takes at one time.
    case overload
}

/// What a server end counted since it was started.
public struct WPICounts: Hashable, Sendable {
    /// One kind of defect: how often, and where last.
    public struct Tally: Hashable, Sendable {
        public var count = 0
        /// The IP address of the last one of which it is known, empty before; bounded like the kinds themselves.
        public var lastAddress = ""
    }

    public var connections = 0
    public var openConnections = 0
    public var handshakes = 0
    public var messages = 0
    /// Calls that were let in, and conversations that came to their end with a clean-up or a restart.
    public var calls = 0
    public var completed = 0
    /// Conversations now, and the most there were at one time.
    public var openSessions = 0
    public var mostSessions = 0
    public var queued = 0
    /// Questions whether something waits (DCMP), and how often something did.
    public var polls = 0
    public var pollsAnsweredYes = 0
    public var defects: [WPIDefect: Tally] = [:]

    public init() {}

    public func count(of defect: WPIDefect) -> Int { defects[defect]?.count ?? 0 }
}

/// Counts from any thread, and reports each cause once.
final class WPICounter: Sendable {
    private let counts = Mutex(WPICounts())
    private let causes = Mutex<Set<String>>([])
    /// Causes of one kind of defect that are reported one by one; phones name them, so there may be any number.
    private static let mostCauses = 100
    private let report: @Sendable (WPIDefect, Fault) -> Void

    init(report: @escaping @Sendable (WPIDefect, Fault) -> Void) {
        self.report = report
    }

    var value: WPICounts { counts.withLock { $0 } }

    func change(_ body: (inout WPICounts) -> Void) {
        counts.withLock { body(&$0) }
    }

    /// Counts a defect; the first of its kind is reported, with words for people in `fault`.
    ///
    /// - Parameter cause: by what the defect is told from others of its kind, each of which is reported; nil = by nothing.
    func note(
        _ defect: WPIDefect, from address: String, _ code: StatusCode, _ detail: String? = nil, cause: String? = nil
    ) {
        var isFirst = counts.withLock { counts in
            counts.defects[defect, default: WPICounts.Tally()].count += 1
            if !address.isEmpty { counts.defects[defect]?.lastAddress = address }
            return counts.defects[defect]?.count == 1
        }
        if let cause {
            isFirst = causes.withLock { $0.count < Self.mostCauses && $0.insert("\(defect) \(cause)").inserted }
        }
        if isFirst { report(defect, Fault(code, subject: address.isEmpty ? nil : address, detail: detail)) }
    }
}
