/// The HTTP status codes that servers of the product use.
public enum HTTPStatus: Int, Sendable {
    case ok = 200
    case accepted = 202
    case noContent = 204
    case badRequest = 400
    case unauthorized = 401
    case notFound = 404
    case methodNotAllowed = 405
    case requestTimeout = 408
    case lengthRequired = 411
    case tooLarge = 413
    case unsupportedType = 415
    case tooManyRequests = 429
    case headTooLarge = 431
    case versionNotSupported = 505

    /// Number and words, as they stand in a status line.
    public var reason: StaticString {
        switch self {
        case .ok: "200 OK"
        case .accepted: "202 Accepted"
        case .noContent: "204 No Content"
        case .badRequest: "400 Bad Request"
        case .unauthorized: "401 Unauthorized"
        case .notFound: "404 Not Found"
        case .methodNotAllowed: "405 Method Not Allowed"
        case .requestTimeout: "408 Request Timeout"
        case .lengthRequired: "411 Length Required"
        case .tooLarge: "413 Content Too Large"
        case .unsupportedType: "415 Unsupported Media Type"
        case .tooManyRequests: "429 Too Many Requests"
        case .headTooLarge: "431 Request Header Fields Too Large"
        case .versionNotSupported: "505 HTTP Version Not Supported"
        }
    }
}
