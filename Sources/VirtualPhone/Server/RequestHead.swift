import NIOCore
import PhoneTransport

/// The head of one HTTP request, read strictly (RFC 9112): whatever could be understood in two ways is refused.
struct RequestHead {
    enum Method {
        case get, head, post, other
    }

    /// What the phone serves.
    enum Route {
        case management, status, settings, contactMe, unknown
    }

    var method = Method.other
    var route = Route.unknown
    /// What stands behind the question mark of the target.
    var query: String?
    var contentLength: Int?
    var authorization: String?
    var hasXMLBody = false
    var keepsAlive = true
    var expectsContinue = false
}

/// Why a request is answered with an error and the connection closed.
struct RequestRefusal: Error {
    var status: HTTPStatus
    var reason: String
    var line = 1
}

extension RequestHead {
    static let byteLimit = 8192
    private static let fieldLimit = 100

    /// Reads a head up to and without its empty line.
    init(_ bytes: UnsafeRawBufferPointer) throws(RequestRefusal) {
        var reader = LineReader(bytes: bytes)
        guard let first = reader.next() else { throw .malformed("no request line", 1) }
        let isOld = try readRequestLine(bytes, first)
        keepsAlive = !isOld
        var hosts = 0
        var line = 1
        while let field = reader.next() {
            line += 1
            guard line <= Self.fieldLimit else {
                throw RequestRefusal(status: .headTooLarge, reason: "too many header lines", line: line)
            }
            hosts += try readField(bytes, field, line: line) ? 1 : 0
        }
        guard hosts == 1 || (isOld && hosts == 0) else { throw .malformed("one host header is needed", 1) }
    }

    /// Whether it is HTTP/1.0.
    private mutating func readRequestLine(
        _ bytes: UnsafeRawBufferPointer, _ line: Range<Int>
    ) throws(RequestRefusal) -> Bool {
        let parts = bytes.split(line, at: UInt8(ascii: " "))
        guard parts.count == 3, let method = parts.first, !method.isEmpty, parts[1].count > 0 else {
            throw .malformed("not a request line", 1)
        }
        self.method = Self.method(bytes, method)
        let path = parts[1].lowerBound..<(parts[1].first { bytes[$0] == UInt8(ascii: "?") } ?? parts[1].upperBound)
        route = Self.route(bytes, parts[1])
        if route == .unknown, bytes.text(path) == ContactMe.path {
            route = .contactMe
            query = path.upperBound < parts[1].upperBound ? bytes.text(path.upperBound + 1..<parts[1].upperBound) : nil
        }
        if bytes.equal(parts[2], "HTTP/1.1") { return false }
        if bytes.equal(parts[2], "HTTP/1.0") { return true }
        let isHTTP = parts[2].count == 8 && bytes.equal(parts[2].prefix(5), "HTTP/")
        throw isHTTP
            ? RequestRefusal(status: .versionNotSupported, reason: "only HTTP/1.1 is spoken here")
            : .malformed("not a request line", 1)
    }

    private static func method(_ bytes: UnsafeRawBufferPointer, _ name: Range<Int>) -> Method {
        if bytes.equal(name, "POST") { return .post }
        if bytes.equal(name, "GET") { return .get }
        return bytes.equal(name, "HEAD") ? .head : .other
    }

    private static func route(_ bytes: UnsafeRawBufferPointer, _ target: Range<Int>) -> Route {
        if bytes.equal(target, ManagementPath.text) { return .management }
        if bytes.equal(target, "/") { return .status }
        return bytes.equal(target, "/settings") ? .settings : .unknown
    }

    /// Whether the field is the host.
    private mutating func readField(
        _ bytes: UnsafeRawBufferPointer, _ field: Range<Int>, line: Int
    ) throws(RequestRefusal) -> Bool {
        guard let colon = field.first(where: { bytes[$0] == UInt8(ascii: ":") }), colon > field.lowerBound,
            (field.lowerBound..<colon).allSatisfy({ HTTPSyntax.isTokenByte(bytes[$0]) })
        else { throw .malformed("not a header line", line) }
        let name = field.lowerBound..<colon
        let value = bytes.trimmed(colon + 1..<field.upperBound)
        switch name.count {
        case 4 where bytes.equalIgnoringCase(name, "host"): return true
        case 6 where bytes.equalIgnoringCase(name, "expect"):
            expectsContinue = bytes.equalIgnoringCase(value, "100-continue")
        case 10 where bytes.equalIgnoringCase(name, "connection"):
            if bytes.equalIgnoringCase(value, "close") { keepsAlive = false }
            if bytes.equalIgnoringCase(value, "keep-alive") { keepsAlive = true }
        case 12 where bytes.equalIgnoringCase(name, "content-type"): hasXMLBody = bytes.isXMLType(value)
        case 13 where bytes.equalIgnoringCase(name, "authorization"):
            guard authorization == nil else { throw .malformed("two authorization headers", line) }
            authorization = bytes.text(value)
        case 14 where bytes.equalIgnoringCase(name, "content-length"): try readLength(bytes, value, line: line)
        case 17 where bytes.equalIgnoringCase(name, "transfer-encoding"):
            throw RequestRefusal(status: .lengthRequired, reason: "a content length is needed", line: line)
        default: break
        }
        return false
    }

    private mutating func readLength(
        _ bytes: UnsafeRawBufferPointer, _ value: Range<Int>, line: Int
    ) throws(RequestRefusal) {
        guard (1...12).contains(value.count), value.allSatisfy({ (48...57).contains(bytes[$0]) }) else {
            throw .malformed("not a content length", line)
        }
        let length = value.reduce(0) { $0 * 10 + Int(bytes[$1] - 48) }
        guard contentLength == nil else { throw .malformed("two content lengths", line) }
        contentLength = length
    }
}

extension RequestRefusal {
    static func malformed(_ reason: String, _ line: Int) -> RequestRefusal {
        RequestRefusal(status: .badRequest, reason: reason, line: line)
    }
}
