import NIOCore

/// Why bytes are no HTTP answer that a phone takes.
struct HTTPResponseProblem: Error, Hashable {
    /// Whether it is a matter of size only.
    var isTooLarge = false
    var detail: String
}

/// Reads one HTTP/1.1 answer (RFC 9112) as bytes come, as tolerant as phones are, under limits.
struct HTTPResponseReader {
    /// The part of the head that a phone has a use for.
    struct Head: Hashable {
        var status = 0
        var keepsAlive = true
        /// `name=value` of each cookie that is set, without attributes.
        var cookies: [String] = []
    }

    private enum State {
        case head, body(Int), chunkSize, chunk(Int), chunkEnd, trailer, untilClose, done
    }

    private enum Length {
        case unsaid, known(Int), chunked
    }

    private(set) var head = Head()
    private let bodyLimit: Int
    private let takesChunks: Bool
    private var state = State.head
    private var input = ByteBuffer()
    private var received = 0
    private var headBytes = 0
    private static let headLimit = 16 << 10

    init(bodyLimit: Int, takesChunks: Bool = true) {
        self.bodyLimit = bodyLimit
        self.takesChunks = takesChunks
    }

    /// Whether the answer may end where the connection does.
    var mayEndHere: Bool {
        if case .untilClose = state { true } else { false }
    }

    /// Takes bytes; true when the answer is whole.
    ///
    /// - Parameter take: gets the body piece by piece.
    mutating func read(
        _ bytes: inout ByteBuffer, take: (ByteBufferView) -> Void
    ) throws(HTTPResponseProblem) -> Bool {
        if input.readableBytes == 0 { input = bytes } else { input.writeBuffer(&bytes) }
        while true {
            switch state {
            case .done: return true
            case .body(let rest): guard pass(rest, take, then: .done, more: State.body) else { return false }
            case .chunk(let rest): guard pass(rest, take, then: .chunkEnd, more: State.chunk) else { return false }
            case .untilClose:
                _ = try count(input.readableBytes)
                _ = pass(input.readableBytes, take, then: .untilClose, more: { _ in .untilClose })
                return false
            case .head, .chunkSize, .chunkEnd, .trailer:
                guard let line = try line() else { return false }
                try readLine(line)
            }
        }
    }

    /// Hands on what is there of so many bytes; false when more must come.
    private mutating func pass(
        _ wanted: Int, _ take: (ByteBufferView) -> Void, then next: State, more: (Int) -> State
    ) -> Bool {
        let count = min(wanted, input.readableBytes)
        if let piece = input.readSlice(length: count) { take(piece.readableBytesView) }
        state = count == wanted ? next : more(wanted - count)
        if input.readableBytes == 0 { input.clear() }
        return count == wanted
    }

    private mutating func count(_ bytes: Int) throws(HTTPResponseProblem) -> Int {
        received += bytes
        guard received <= bodyLimit else {
            throw HTTPResponseProblem(isTooLarge: true, detail: "body of more than \(bodyLimit) bytes")
        }
        return bytes
    }

    /// The next line without its end, which may also be a bare line feed.
    private mutating func line() throws(HTTPResponseProblem) -> Substring? {
        let view = input.readableBytesView
        guard let end = view.firstIndex(of: 10) else {
            guard headBytes + view.count <= Self.headLimit else { throw HTTPResponseProblem(detail: "head too long") }
            return nil
        }
        let length = end - view.startIndex
        headBytes += length + 1
        guard headBytes <= Self.headLimit, let text = input.readString(length: length) else {
            throw HTTPResponseProblem(detail: "head too long")
        }
        input.moveReaderIndex(forwardBy: 1)
        return text.hasSuffix("\r") ? text.dropLast() : Substring(text)
    }

    // MARK: The head

    private var length = Length.unsaid

    private mutating func readLine(_ line: Substring) throws(HTTPResponseProblem) {
        switch state {
        case .head where head.status == 0: try takeStatus(line)
        case .head: if line.isEmpty { try endHead() } else { try takeField(line) }
        case .chunkSize: try takeChunkSize(line)
        case .chunkEnd:
            guard line.isEmpty else { throw HTTPResponseProblem(detail: "chunk longer than it said") }
            state = .chunkSize
        case .trailer: if line.isEmpty { state = .done }
        case .body, .chunk, .untilClose, .done: break
        }
    }

    private mutating func takeStatus(_ line: Substring) throws(HTTPResponseProblem) {
        let parts = line.split(separator: " ", maxSplits: 2)
        guard parts.count >= 2, parts[0].hasPrefix("HTTP/1."), let status = Int(parts[1]), (100...599).contains(status)
        else { throw HTTPResponseProblem(detail: "not an HTTP answer") }
        head = Head(status: status, keepsAlive: parts[0] == "HTTP/1.1")
        length = .unsaid
    }

    private mutating func takeField(_ line: Substring) throws(HTTPResponseProblem) {
        guard let colon = line.firstIndex(of: ":") else { throw HTTPResponseProblem(detail: "bad header line") }
        let value = line[line.index(after: colon)...].drop { $0 == " " || $0 == "\t" }
        switch line[..<colon].lowercased() {
        case "content-length":
            guard let count = Int(value.prefix { $0.isNumber }), count >= 0 else {
                throw HTTPResponseProblem(detail: "bad content length")
            }
            length = .known(count)
        case "transfer-encoding" where value.lowercased().contains("chunked"):
            guard takesChunks else { throw HTTPResponseProblem(detail: "answer in chunks") }
            length = .chunked
        case "connection":
            if value.lowercased() == "close" { head.keepsAlive = false }
            if value.lowercased() == "keep-alive" { head.keepsAlive = true }
        case "set-cookie":
            let pair = value.prefix { $0 != ";" }
            if pair.utf8.count <= 1024, head.cookies.count < 8 { head.cookies.append(String(pair)) }
        default: break
        }
    }

    private mutating func endHead() throws(HTTPResponseProblem) {
        if head.status < 200 {
            head = Head()
            return
        }
        if head.status == 204 || head.status == 304 { length = .known(0) }
        switch length {
        case .known(let bytes): state = try count(bytes) == 0 ? .done : .body(bytes)
        case .chunked: state = .chunkSize
        case .unsaid:
            head.keepsAlive = false
            state = .untilClose
        }
    }

    private mutating func takeChunkSize(_ line: Substring) throws(HTTPResponseProblem) {
        let digits = line.prefix { $0.isHexDigit }
        guard (1...8).contains(digits.count), let size = Int(digits, radix: 16) else {
            throw HTTPResponseProblem(detail: "bad chunk size")
        }
        // Sizes of chunks are no part of the head's limit.
        headBytes = 0
        state = try count(size) == 0 ? .trailer : .chunk(size)
    }
}
