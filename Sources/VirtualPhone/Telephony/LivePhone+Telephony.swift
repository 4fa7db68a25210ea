// When a telephony client works, and what it hears of its phone.
extension LivePhone {
    /// The phone is there: after the start of the fleet, after a restart, and when it was switched on.
    func startTelephony() {}

    /// The phone goes away; whatever it has open is dropped without a word.
    func stopTelephony() {}

    /// Items or the trusted certificates are no longer what they were when the telephony client last looked.
    func telephonyChanged() {}

    /// Makes `Status` and the web page say how the registration stands.
    func publish(_ state: TelephonyState) {
        with { core in core.behaviour.telephony = state }
    }
}
