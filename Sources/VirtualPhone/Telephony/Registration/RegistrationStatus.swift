import ManagementXML

/// How a phone's registration stands, as the phone tells it.
struct RegistrationStatus: Hashable, Sendable {
    var state: PhoneStatus.Registration
    /// Why there is none; for `not-configured` what stands in the way, if anything was configured at all.
    var reason: String?

    init(_ state: PhoneStatus.Registration, _ reason: String? = nil) {
        self.state = state
        self.reason = reason
    }

    static let notConfigured = RegistrationStatus(.notConfigured)
}
