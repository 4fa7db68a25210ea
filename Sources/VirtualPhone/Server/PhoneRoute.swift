import ManagementXML
import PhoneTransport

/// What a phone serves over HTTP.
enum PhoneRoute {
    case management, status, settings, unknown
}

extension RequestHead {
    /// What of the phone is asked for.
    var route: PhoneRoute {
        switch target {
        case DirectXML.path: .management
        case "/": .status
        case "/settings": .settings
        default: .unknown
        }
    }
}
