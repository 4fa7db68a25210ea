/// Reads HTTP/1.1 answers (RFC 9112) from bytes as they come, under limits.
///
/// Strict where a lenient reader could be led to see another message than the sender meant: lines end in CRLF, a length
/// is said once and never together with chunks, fields are not folded. An answer that says no length at all is refused
/// when it would have a meaning (status 200), because its end could not be told from a lost connection.
///
/// Written here and not taken from a general HTTP library: an answer is a few hundred bytes in one read, and going
/// through head, body and end parts with a dictionary of fields costs several times what reading it takes.
struct HTTPReplyParser {
    private enum State {
        case statusLine
        case field
        case body(remaining: Int)
        case chunkSize
        case chunk(remaining: Int)
        case chunkEnd
        case trailer
        case finished
    }

    private enum Length {
        case unsaid
        case known(Int)
        case chunked
    }

    private let limits: HTTPLimits
    private var state = State.statusLine
    private var line: [UInt8] = []
    private var reply = HTTPReply(status: 0)
    private var length = Length.unsaid
    private var headBytes = 0
    private var fields = 0
    private var framingBytes = 0
    private var interim = 0

    init(limits: HTTPLimits = HTTPLimits()) {
        self.limits = limits
    }

    /// Whether nothing of an answer has come yet.
    var isFresh: Bool {
        if case .statusLine = state { line.isEmpty && interim == 0 } else { false }
    }

    /// Takes bytes until an answer is whole.
    ///
    /// - Returns: the answer, or nil when more bytes are needed. After an answer the parser waits for the next one;
    ///   `input` is cut down to what does not belong to this answer.
    mutating func read(_ input: inout UnsafeRawBufferPointer) throws(HTTPProblem) -> HTTPReply? {
        while true {
            switch state {
            case .finished:
                let whole = reply
                self = HTTPReplyParser(limits: limits)
                return whole
            case .body(let remaining): guard takeBody(remaining, &input) else { return nil }
            case .chunk(let remaining): guard takeChunk(remaining, &input) else { return nil }
            default: guard try takeLine(&input) else { return nil }
            }
        }
    }

    private mutating func takeBody(_ remaining: Int, _ input: inout UnsafeRawBufferPointer) -> Bool {
        let rest = append(remaining, &input)
        state = rest == 0 ? .finished : .body(remaining: rest)
        return rest == 0
    }

    private mutating func takeChunk(_ remaining: Int, _ input: inout UnsafeRawBufferPointer) -> Bool {
        let rest = append(remaining, &input)
        state = rest == 0 ? .chunkEnd : .chunk(remaining: rest)
        return rest == 0
    }

    /// Moves at most `wanted` bytes into the body; returns how many are still missing.
    private mutating func append(_ wanted: Int, _ input: inout UnsafeRawBufferPointer) -> Int {
        let count = min(wanted, input.count)
        reply.body.append(contentsOf: input.prefix(count))
        input = UnsafeRawBufferPointer(rebasing: input.dropFirst(count))
        return wanted - count
    }

    /// Reads one line if it is whole; keeps what came of it otherwise.
    private mutating func takeLine(_ input: inout UnsafeRawBufferPointer) throws(HTTPProblem) -> Bool {
        let end = input.firstIndex(of: UInt8(ascii: "\n"))
        let taken = end.map { $0 + 1 } ?? input.count
        try count(taken)
        line.append(contentsOf: input.prefix(taken))
        input = UnsafeRawBufferPointer(rebasing: input.dropFirst(taken))
        try checkBeginning()
        guard end != nil else { return false }
        // The storage goes out and comes back, so that one allocation serves all lines.
        var text: [UInt8] = []
        swap(&text, &line)
        try readLine(text)
        text.removeAll(keepingCapacity: true)
        swap(&text, &line)
        return true
    }

    private mutating func count(_ bytes: Int) throws(HTTPProblem) {
        switch state {
        case .statusLine, .field:
            headBytes += bytes
            if headBytes > limits.headBytes { throw .tooLarge("header over \(limits.headBytes) bytes") }
        default:
            framingBytes += bytes
            if framingBytes > limits.framingBytes { throw .tooLarge("chunk sizes over \(limits.framingBytes) bytes") }
        }
    }

    /// Refuses what can no longer become a status line, so that a peer of another protocol is known at its first bytes.
    private func checkBeginning() throws(HTTPProblem) {
        guard case .statusLine = state, !"HTTP/1.".utf8.starts(with: line.prefix(7)) else { return }
        throw .malformed(Self.notHTTP(line))
    }

    private mutating func readLine(_ bytes: [UInt8]) throws(HTTPProblem) {
        guard bytes.count >= 2, bytes[bytes.count - 2] == UInt8(ascii: "\r") else {
            throw .malformed("line without carriage return")
        }
        let text = bytes.dropLast(2)
        switch state {
        case .statusLine: try readStatusLine(text)
        case .field where text.isEmpty: try endHead()
        case .field: try readField(text)
        case .chunkSize: try readChunkSize(text)
        case .chunkEnd:
            guard text.isEmpty else { throw .malformed("chunk longer than it said") }
            state = .chunkSize
        case .trailer: if text.isEmpty { state = .finished }
        case .body, .chunk, .finished: break
        }
    }
}

// MARK: - The head

extension HTTPReplyParser {
    private static func notHTTP(_ bytes: some Sequence<UInt8>) -> String {
        for byte in bytes.prefix(1) where (0x14...0x17).contains(byte) { return "the peer speaks TLS" }
        return "not an HTTP answer"
    }

    private mutating func readStatusLine(_ text: ArraySlice<UInt8>) throws(HTTPProblem) {
        guard text.starts(with: "HTTP/1.".utf8) else { throw .malformed(Self.notHTTP(text)) }
        let isStatus = text.count >= 12 && text[8] == 32 && (text.count == 12 || text[12] == 32)
        guard isStatus, text[7] == UInt8(ascii: "0") || text[7] == UInt8(ascii: "1"),
            let status = HTTPField.number(text[9..<12]), (100...599).contains(status)
        else { throw .malformed("bad status line") }
        reply = HTTPReply(status: status, keepsAlive: text[7] == UInt8(ascii: "1"))
        length = .unsaid
        state = .field
    }

    private mutating func readField(_ text: ArraySlice<UInt8>) throws(HTTPProblem) {
        fields += 1
        if fields > limits.headerFields { throw .tooLarge("more than \(limits.headerFields) header fields") }
        guard let colon = text.firstIndex(of: UInt8(ascii: ":")), colon > 0, HTTPField.isToken(text[..<colon]) else {
            throw .malformed("bad header field")
        }
        let name = text[..<colon]
        let value = HTTPField.trimmed(text[(colon + 1)...])
        switch name.count {
        case 4 where HTTPField.equal(name, "date"): reply.date = HTTPDateField.seconds(value)
        case 10 where HTTPField.equal(name, "connection"): readConnection(value)
        case 11 where HTTPField.equal(name, "retry-after"): reply.retryAfter = HTTPField.number(value) ?? 60
        case 14 where HTTPField.equal(name, "content-length"): try readLength(value)
        case 16 where HTTPField.equal(name, "www-authenticate"):
            let challenge = String(decoding: value, as: UTF8.self)
            reply.challenge = reply.challenge.map { "\($0), \(challenge)" } ?? challenge
        case 17 where HTTPField.equal(name, "transfer-encoding"): try readEncoding(value)
        case 19 where HTTPField.equal(name, "authentication-info"):
            reply.authenticationInfo = String(decoding: value, as: UTF8.self)
        default: break
        }
    }

    private mutating func readConnection(_ value: ArraySlice<UInt8>) {
        if HTTPField.equal(value, "close") { reply.keepsAlive = false }
        if HTTPField.equal(value, "keep-alive") { reply.keepsAlive = true }
    }

    private mutating func readLength(_ value: ArraySlice<UInt8>) throws(HTTPProblem) {
        guard let count = HTTPField.number(value) else { throw .malformed("bad content length") }
        switch length {
        case .unsaid: break
        case .known(count): return
        case .known: throw .malformed("two content lengths")
        case .chunked: throw .malformed("content length and chunks")
        }
        guard count <= limits.bodyBytes else { throw .tooLarge("body of \(count) bytes") }
        length = .known(count)
    }

    private mutating func readEncoding(_ value: ArraySlice<UInt8>) throws(HTTPProblem) {
        guard HTTPField.equal(value, "chunked") else { throw .malformed("unknown transfer encoding") }
        guard case .unsaid = length else { throw .malformed("content length and chunks") }
        length = .chunked
    }

    private mutating func endHead() throws(HTTPProblem) {
        if reply.status < 200 {
            interim += 1
            guard reply.status != 101 else { throw .malformed("change of protocol") }
            guard interim <= limits.interimReplies else { throw .tooLarge("too many interim answers") }
            state = .statusLine
            return
        }
        if reply.status == 204 || reply.status == 304 { length = .known(0) }
        switch length {
        case .known(let count):
            reply.body.reserveCapacity(count)
            state = count == 0 ? .finished : .body(remaining: count)
        case .chunked: state = .chunkSize
        case .unsaid:
            guard reply.status != 200 else { throw .malformed("answer without a length") }
            reply.keepsAlive = false
            state = .finished
        }
    }

    private mutating func readChunkSize(_ text: ArraySlice<UInt8>) throws(HTTPProblem) {
        guard let size = HTTPField.chunkSize(text) else { throw .malformed("bad chunk size") }
        guard size <= limits.bodyBytes - reply.body.count else {
            throw .tooLarge("body over \(limits.bodyBytes) bytes")
        }
        state = size == 0 ? .trailer : .chunk(remaining: size)
    }
}
