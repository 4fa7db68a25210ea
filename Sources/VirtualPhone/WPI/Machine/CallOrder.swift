import DeploymentModel
import ManagementXML

/// What the phone's machine orders of the world around it, in this order.
enum CallOrder: Hashable, Sendable {
    /// Keep the state before anything that follows.
    case save
    /// Say this to the server; what it answers is handed to the machine.
    case post(WPIPhoneMessage, WPIRoute)
    /// The conversation is over.
    case hangUp
    /// Load this file; the result is handed to the machine.
    case fetch(FileOrder)
    /// Ask the proxy whether there is something to do.
    case poll
    /// Go on with other firmware from the next start on.
    case install(String)
    /// Everything is dropped, and the phone starts anew.
    case restart
    /// Values changed that the telephony client works with.
    case telephonyChanged
}

/// To whom a message goes.
struct WPIRoute: Hashable, Sendable {
    var server: WPIEndpoint
    /// Proves itself and demands proof by this; nil in default mode.
    var secure: SecureMode?
}

/// Why a phone wants to call.
enum WPIWish: Hashable, Sendable {
    case startUp
    case status(FileReport)
    case inventoryChanges
    case localChanges
    case solicited
    /// Gives up: the PIN was wrong too often.
    case abort(String)

    var reason: WPIReason {
        switch self {
        case .startUp: .startUp
        case .status: .status
        case .inventoryChanges: .inventoryChanges
        case .localChanges: .localChanges
        case .solicited: .solicited
        case .abort: .cleanUp
        }
    }

    /// A smaller one goes first.
    var rank: Int {
        switch self {
        case .abort: 0
        case .startUp: 1
        case .status: 2
        case .inventoryChanges: 3
        case .localChanges: 4
        case .solicited: 5
        }
    }
}

/// A wish, and whom it concerns if not the phone's usual server.
struct WPICall: Hashable, Sendable {
    var wish: WPIWish
    var server: WPIEndpoint?
    /// Goes before all others, and waits for no pause: the server was just named, and the pause concerns another one.
    ///
    /// Ends with the first failure.
    var isFirst = false

    /// The same after it failed.
    ///
    /// Only who was named by name is called there again; a start concerns the usual server.
    var failed: WPICall { WPICall(wish: wish, server: wish == .startUp ? nil : server) }
}
