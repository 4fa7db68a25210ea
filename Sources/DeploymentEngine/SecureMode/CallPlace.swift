public import PhoneTransport

/// Where phones call.
public struct CallPlace: Sendable {
    /// Asks phones to call there.
    public var dialer: any PhoneDialer
    /// Hears the phones that call there by themselves.
    public var desk: CallDesk

    public init(dialer: any PhoneDialer, desk: CallDesk) {
        self.dialer = dialer
        self.desk = desk
    }
}
