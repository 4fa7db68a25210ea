import DeploymentModel

/// One HTTP answer of a phone, with the few header fields that the management interface has a use for.
struct HTTPReply: Hashable, Sendable {
    var status: Int
    var body: [UInt8] = []
    /// Whether the connection may carry another request.
    var keepsAlive = true
    /// `WWW-Authenticate`; several lines are joined by a comma (RFC 9110 section 5.3).
    var challenge: String?
    var authenticationInfo: String?
    /// `Retry-After` in seconds; a date counts as a minute, for the clocks of phones are not to be relied on.
    var retryAfter: Int?
    /// `Date`: the time by the phone's clock, in seconds since 1970.
    var date: Int?
}

/// What the tool takes from a phone at most.
struct HTTPLimits: Hashable, Sendable {
    /// Status line and header fields of one answer, interim answers included.
    var headBytes = 16 << 10
    var headerFields = 100
    var bodyBytes = 1 << 20
    /// Chunk sizes, chunk extensions and trailers of one answer.
    var framingBytes = 64 << 10
    var interimReplies = 8
}

/// Why bytes are no HTTP answer that we take.
struct HTTPProblem: Error, Hashable {
    var code: StatusCode
    /// Lower case, quotes nothing of the bytes.
    var detail: String

    static func malformed(_ detail: String) -> HTTPProblem { HTTPProblem(code: .httpMalformed, detail: detail) }
    static func tooLarge(_ detail: String) -> HTTPProblem { HTTPProblem(code: .httpTooLarge, detail: detail) }
}
