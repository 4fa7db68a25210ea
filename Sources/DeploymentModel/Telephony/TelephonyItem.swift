/// The items by which a phone finds its telephony server and proves itself there, the same on every type that has them.
public enum TelephonyItem {
    /// Address and port at which a SIP phone registers.
    public static let registrarAddress = "registrar-addr"
    public static let registrarPort = "registrar-port"
    /// Address and port through which a SIP phone makes its calls.
    public static let serverAddress = "reg-addr"
    public static let serverPort = "reg-port"
    /// A SIP gateway; it counts while the routing model says `gateway`.
    public static let gatewayAddress = "sgnl-gateway-addr-user"
    public static let gatewayPort = "sgnl-gateway-port-user"
    public static let routing = "sgnl-route"
    /// How SIP is carried.
    public static let transport = "sip-transport-user"
    /// The telephone system of an HFA phone.
    public static let systemAddress = "pbx-addr"
    public static let systemPort = "pbx-port"
    /// The H.323 gatekeeper of an H.450 phone.
    public static let gatekeeperAddress = "gatekeeper-addr"

    /// With what a SIP phone registers.
    public static let user = "sip-user-id"
    public static let password = "sip-pwd"
    public static let realm = "realm"
    public static let name = "sip-name"
    public static let registersByName = "register-by-name"
    /// Seconds, milliseconds, seconds.
    public static let registrationTimer = "reg-ttl"
    public static let transactionTimer = "transaction-timer"
    public static let backOffTimer = "registration-backoff-timer"
    /// The phone's own SIP port.
    public static let ownPort = "phone-port"
}

/// The values of ``TelephonyItem/transport``.
public enum SIPTransport: String, Hashable, Sendable, CaseIterable {
    case udp = "0"
    case tcp = "1"
    case tls = "2"
}
