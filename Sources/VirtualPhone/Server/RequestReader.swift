import NIOCore
import PhoneTransport

/// Gathers the bytes of a connection into whole requests, under limits.
struct RequestReader {
    /// What the bytes so far amount to.
    enum Step {
        case request(RequestHead, body: [UInt8])
        /// The peer waits to be told to send the body.
        case wantsContinue
    }

    private var input = ByteBuffer()
    private var searched = 0
    private var head: RequestHead?
    private static let bodyLimit = 1 << 20

    var isEmpty: Bool { input.readableBytes == 0 }
    /// Whether a request was begun and not finished.
    var isInRequest: Bool { head != nil || !isEmpty }

    mutating func append(_ bytes: inout ByteBuffer) {
        if input.readableBytes == 0 { input = bytes } else { input.writeBuffer(&bytes) }
    }

    /// Gives memory back when there is nothing to keep.
    mutating func releaseIfEmpty() {
        if isEmpty, input.capacity > 0 { input = ByteBuffer() }
    }

    mutating func removeAll() {
        self = RequestReader()
    }

    /// The next whole request; nil when more bytes are needed.
    ///
    /// - Throws: ``RequestRefusal`` for what is no request; the connection can not be read on then.
    mutating func next() throws(RequestRefusal) -> Step? {
        if head == nil {
            head = try readHead()
            guard let head else { return nil }
            try Self.check(head)
            if head.expectsContinue, head.contentLength ?? 0 > input.readableBytes { return .wantsContinue }
        }
        guard let head, let body = input.readBytes(length: head.contentLength ?? 0) else { return nil }
        self.head = nil
        return .request(head, body: body)
    }

    private static func check(_ head: RequestHead) throws(RequestRefusal) {
        if head.contentLength ?? 0 > bodyLimit {
            throw RequestRefusal(status: .tooLarge, reason: "body of more than \(bodyLimit) bytes")
        }
        if head.method == .post, head.contentLength == nil {
            throw RequestRefusal(status: .lengthRequired, reason: "a content length is needed")
        }
    }

    private mutating func readHead() throws(RequestRefusal) -> RequestHead? {
        guard try skipEmptyLines() else { return nil }
        let start = searched
        let end = input.withUnsafeReadableBytes { bytes in
            UnsafeRawBufferPointer(rebasing: bytes.prefix(RequestHead.byteLimit)).endOfHead(from: start)
        }
        switch end {
        case .broken: throw .malformed("a line break or control character out of place", 1)
        case .open(let position):
            guard input.readableBytes < RequestHead.byteLimit else {
                throw RequestRefusal(
                    status: .headTooLarge, reason: "head of more than \(RequestHead.byteLimit) bytes")
            }
            searched = position
            return nil
        case .found(let length):
            searched = 0
            let read = input.withUnsafeReadableBytes { bytes in
                Result { () throws(RequestRefusal) in
                    try RequestHead(UnsafeRawBufferPointer(rebasing: bytes.prefix(length)))
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
