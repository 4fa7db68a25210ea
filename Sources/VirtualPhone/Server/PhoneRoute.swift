import ManagementXML
import PhoneTransport

/// What a phone serves over HTTP.
enum PhoneRoute {
    case management, status, settings, contactMe, unknown
}

extension RequestHead {
    /// What of the phone is asked for.
    var route: PhoneRoute {
        switch target {
        case DirectXML.path: .management
        case "/": .status
        case "/settings": .settings
        case _ where target.prefix { $0 != "?" } == ContactMe.path: .contactMe
        default: .unknown
        }
    }

    /// What stands behind the question mark of the target.
    var query: String? {
        target.firstIndex(of: "?").map { String(target[target.index(after: $0)...]) }
    }
}
