public import DeploymentModel
public import ManagementXML

/// A conversation that a phone began, with what it said first.
public struct IncomingCall: Sendable {
    /// Carries actions to the phone for as long as the call lasts; whoever got the call closes it.
    public var session: any PhoneSession
    /// The first message: why the phone calls, and its basic items.
    public var opening: WPIPhoneMessage
    /// By which the phone is known; claimed, unless the session's evidence says that it was authenticated.
    public var mac: MACAddress
    /// From where the phone called.
    public var address: String
    public var port: Int

    public init(session: any PhoneSession, opening: WPIPhoneMessage, mac: MACAddress, address: String, port: Int) {
        self.session = session
        self.opening = opening
        self.mac = mac
        self.address = address
        self.port = port
    }
}

/// What is known of a phone beyond its call, kept by whoever notes calls.
public struct CallNote: Hashable, Sendable {
    /// How often the phone was heard to start, this call included; grows by one with each start-up and survives the
    /// end of the program, so that it can witness a restart.
    public var startUps: Int
    /// Why the phone is not served, for example because it belongs into secure mode; nil = served.
    public var refusal: Fault?
    /// The entry of the device list that the phone is; nil when it is refused.
    public var device: DeviceID?

    public init(startUps: Int, refusal: Fault? = nil, device: DeviceID? = nil) {
        self.startUps = startUps
        self.refusal = refusal
        self.device = device
    }
}

/// Hears of every phone that calls.
public protocol CallReceiver: Sendable {
    /// Notes a call before anything is answered: the phone enters the device list through the one matching step.
    ///
    /// Called for every call, also for one that somebody waits for. A fault (`store.*`) ends the call with a clean-up.
    func note(_ call: IncomingCall) async throws -> CallNote

    /// Gets a call that nobody waits for, and closes its session.
    func receive(_ call: IncomingCall, _ note: CallNote) async

    /// Hears that while a phone is served another one called under its MAC address, and was let go; must be quick.
    ///
    /// - Parameter address: of the other one.
    func noteSecondPhone(_ mac: MACAddress, at address: String)
}

extension CallReceiver {
    public func noteSecondPhone(_ mac: MACAddress, at address: String) {}
}
