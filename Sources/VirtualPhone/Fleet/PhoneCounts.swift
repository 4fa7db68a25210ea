/// What happened to a virtual phone since it was started.
public struct PhoneCounts: Hashable, Sendable {
    /// TCP connections that reached the phone.
    public internal(set) var connections = 0
    /// TLS handshakes that were completed.
    public internal(set) var handshakes = 0
    /// HTTP requests with a whole head and body.
    public internal(set) var requests = 0
    /// Requests that were answered with 4xx because they were none.
    public internal(set) var badRequests = 0
    /// Requests that came with a wrong password.
    public internal(set) var wrongPasswords = 0
    /// Requests that were put off because of wrong passwords before.
    public internal(set) var backOffs = 0
    /// Orders to write items that were not answered `busy` or `failed`.
    public internal(set) var writes = 0
    /// Requests that were answered `busy`.
    public internal(set) var busyAnswers = 0
    /// Restarts for whatever reason: ordered, factory reset or by a fault.
    public internal(set) var restarts = 0
    /// Over WPI: contact-me requests, also those that were ignored.
    public internal(set) var contacts = 0
    /// Over WPI: contact-me requests within the contact gap.
    public internal(set) var ignoredContacts = 0
    /// Over WPI: conversations that the phone began or tried to begin.
    public internal(set) var calls = 0
    /// Over WPI: conversations that came to their end in order.
    public internal(set) var conversations = 0

    public init() {}
}
