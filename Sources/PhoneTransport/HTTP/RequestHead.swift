/// What a server takes as an HTTP request.
public struct RequestRules: Hashable, Sendable {
    /// Bytes of the request line and the header fields.
    public var headBytes: Int
    public var bodyBytes: Int
    /// Whether a body may come in chunks (RFC 9112 section 7.1) in place of a content length.
    public var takesChunks: Bool
    /// Whether HTTP/1.1 without its `Host` is refused, as the standard demands.
    public var needsHost: Bool

    public init(
        headBytes: Int = 8192, bodyBytes: Int = 1 << 20, takesChunks: Bool = false, needsHost: Bool = true
    ) {
        self.headBytes = headBytes
        self.bodyBytes = bodyBytes
        self.takesChunks = takesChunks
        self.needsHost = needsHost
    }
}

/// The head of one HTTP request, read strictly (RFC 9112): whatever could be understood in two ways is refused.
public struct RequestHead: Hashable, Sendable {
    public enum Method: Hashable, Sendable {
        case get, head, post, other
    }

    public private(set) var method = Method.other
    /// As it stands in the request line.
    public private(set) var target = ""
    public private(set) var contentLength: Int?
    public private(set) var isChunked = false
    public private(set) var authorization: String?
    /// `Cookie`; several lines are joined as one.
    public private(set) var cookie: String?
    public private(set) var hasXMLBody = false
    public private(set) var keepsAlive = true
    public private(set) var expectsContinue = false
}

/// Why a request is answered with an error and the connection closed.
public struct RequestRefusal: Error, Hashable, Sendable {
    public var status: HTTPStatus
    /// Lower case; quotes nothing of the request.
    public var reason: String
    public var line: Int

    public init(status: HTTPStatus, reason: String, line: Int = 1) {
        self.status = status
        self.reason = reason
        self.line = line
    }
}

extension RequestHead {
    private static let fieldLimit = 100

    /// Reads a head up to and without its empty line.
    init(_ bytes: UnsafeRawBufferPointer, rules: RequestRules) throws(RequestRefusal) {
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
            hosts += try readField(bytes, field, takesChunks: rules.takesChunks, line: line) ? 1 : 0
        }
        guard hosts == 1 || (hosts == 0 && (isOld || !rules.needsHost)) else {
            throw .malformed("one host header is needed", 1)
        }
        guard !isChunked || contentLength == nil else { throw .malformed("content length and chunks", 1) }
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
        target = bytes.text(parts[1])
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

    /// Whether the field is the host.
    private mutating func readField(
        _ bytes: UnsafeRawBufferPointer, _ field: Range<Int>, takesChunks: Bool, line: Int
    ) throws(RequestRefusal) -> Bool {
        guard let colon = field.first(where: { bytes[$0] == UInt8(ascii: ":") }), colon > field.lowerBound,
            (field.lowerBound..<colon).allSatisfy({ HTTPSyntax.isTokenByte(bytes[$0]) })
        else { throw .malformed("not a header line", line) }
        let name = field.lowerBound..<colon
        let value = bytes.trimmed(colon + 1..<field.upperBound)
        switch name.count {
        case 4 where bytes.equalIgnoringCase(name, "host"): return true
        case 6 where bytes.equalIgnoringCase(name, "cookie"):
            cookie = cookie.map { "\($0); \(bytes.text(value))" } ?? bytes.text(value)
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
            guard takesChunks else {
                throw RequestRefusal(status: .lengthRequired, reason: "a content length is needed", line: line)
            }
            guard !isChunked, bytes.equalIgnoringCase(value, "chunked") else {
                throw .malformed("unknown transfer encoding", line)
            }
            isChunked = true
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
