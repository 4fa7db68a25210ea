public import ManagementXML

/// What a phone's telephony client last said about its registration; it begins anew with every start of the phone.
public struct TelephonyState: Hashable, Sendable {
    public var registration: PhoneStatus.Registration
    /// Why the registration failed or has not come about; at most 200 characters, as in the answer to `Status`.
    public let reason: String?

    /// - Parameter reason: what is beyond 200 characters is cut off.
    public init(_ registration: PhoneStatus.Registration = .notConfigured, reason: String? = nil) {
        self.registration = registration
        self.reason = reason.map { String($0.prefix(200)) }
    }
}
