import DeploymentModel

/// What can be hoped for after a fault of a phone.
enum FaultNature {
    /// May pass by itself: the same try may succeed a little later.
    case passing
    /// Somebody was wrong about the password; the phone asks for a pause.
    case lockedOut
    /// In a call; nothing was changed.
    case busy
    /// The same try would fail again.
    case lasting

    init(_ code: StatusCode) {
        switch code {
        case .netRefused, .netSilent, .netReset, .netClosed, .netUnreachable, .netLocal, .tlsSilent: self = .passing
        case .phoneDidNotCall, .phoneAskedRecently, .phoneNotAsked, .callAnotherPhone: self = .passing
        case .phoneBackOff: self = .lockedOut
        case .phoneBusy: self = .busy
        default: self = .lasting
        }
    }

    /// Whether a fault while connecting says that nobody is there at all.
    static func isAbsence(_ code: StatusCode) -> Bool {
        switch code {
        case .netRefused, .netSilent, .netUnreachable: true
        case .phoneDidNotCall, .phoneAskedRecently, .phoneNotAsked, .callAnotherPhone: true
        default: false
        }
    }
}
