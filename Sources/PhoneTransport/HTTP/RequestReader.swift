public import NIOCore

/// Gathers the bytes of a connection into whole requests, under limits.
public struct RequestReader {
    /// What the bytes so far amount to.
    public enum Step {
        case request(RequestHead, body: [UInt8])
        /// The peer waits to be told to send the body.
        case wantsContinue
    }

    private let rules: RequestRules
    private var input = ByteBuffer()
    private var searched = 0
    private var head: RequestHead?
    private var chunks: ChunkReader?

    public init(rules: RequestRules = RequestRules()) {
        self.rules = rules
    }

    /// Whether no byte waits to be read.
    public var isEmpty: Bool { input.readableBytes == 0 }
    /// Whether a request was begun and not finished.
    public var isInRequest: Bool { head != nil || !isEmpty }
    /// Bytes of a request that is not whole yet.
    public var heldBytes: Int { input.readableBytes + (chunks?.body.count ?? 0) }

    public mutating func append(_ bytes: inout ByteBuffer) {
        if input.readableBytes == 0 { input = bytes } else { input.writeBuffer(&bytes) }
    }

    /// Gives memory back when there is nothing to keep.
    public mutating func releaseIfEmpty() {
        if isEmpty, input.capacity > 0 { input = ByteBuffer() }
    }

    public mutating func removeAll() {
        self = RequestReader(rules: rules)
    }

    /// The next whole request; nil when more bytes are needed.
    ///
    /// - Throws: ``RequestRefusal`` for what is no request; the connection can not be read on then.
    public mutating func next() throws(RequestRefusal) -> Step? {
        if head == nil {
            head = try readHead()
            guard let head else { return nil }
            try check(head)
            if head.isChunked { chunks = ChunkReader(bodyLimit: rules.bodyBytes) }
            let isWhole = head.isChunked ? !isEmpty : head.contentLength ?? 0 <= input.readableBytes
            if head.expectsContinue, !isWhole { return .wantsContinue }
        }
        guard let head, let body = try readBody(head) else { return nil }
        self.head = nil
        return .request(head, body: body)
    }

    private mutating func readBody(_ head: RequestHead) throws(RequestRefusal) -> [UInt8]? {
        guard head.isChunked else { return input.readBytes(length: head.contentLength ?? 0) }
        guard var chunks else { return nil }
        // It goes out and comes back, so that the body is not copied for each piece of it.
        self.chunks = nil
        guard try chunks.read(&input) else {
            self.chunks = chunks
            return nil
        }
        return chunks.body
    }

    private func check(_ head: RequestHead) throws(RequestRefusal) {
        if head.contentLength ?? 0 > rules.bodyBytes {
            throw RequestRefusal(status: .tooLarge, reason: "body of more than \(rules.bodyBytes) bytes")
        }
        if head.method == .post, head.contentLength == nil, !head.isChunked {
            throw RequestRefusal(status: .lengthRequired, reason: "a content length is needed")
        }
    }

    private mutating func readHead() throws(RequestRefusal) -> RequestHead? {
        guard try skipEmptyLines() else { return nil }
        let start = searched
        let limit = rules.headBytes
        let end = input.withUnsafeReadableBytes { bytes in
            UnsafeRawBufferPointer(rebasing: bytes.prefix(limit)).endOfHead(from: start)
        }
        switch end {
        case .broken: throw .malformed("a line break or control character out of place", 1)
        case .open(let position):
            guard input.readableBytes < limit else {
                throw RequestRefusal(
                    status: .headTooLarge, reason: "head of more than \(limit) bytes")
            }
            searched = position
            return nil
        case .found(let length):
            searched = 0
            let rules = rules
            let read = input.withUnsafeReadableBytes { bytes in
                Result { () throws(RequestRefusal) in
                    try RequestHead(UnsafeRawBufferPointer(rebasing: bytes.prefix(length)), rules: rules)
                }
            }
            input.moveReaderIndex(forwardBy: length + 4)
            return try read.get()
        }
    }

    /// Bears with empty lines before a request (RFC 9112 section 2.2).
    ///
    /// Whether there is anything behind them.
    private mutating func skipEmptyLines() throws(RequestRefusal) -> Bool {
        guard searched == 0 else { return true }
        while input.readableBytes >= 2, input.getInteger(at: input.readerIndex, as: UInt16.self) == 0x0D0A {
            input.moveReaderIndex(forwardBy: 2)
        }
        guard let first = input.getInteger(at: input.readerIndex, as: UInt8.self) else { return false }
        guard HTTPSyntax.isTokenByte(first) || first == 13 else { throw .malformed("not HTTP", 1) }
        return true
    }
}
