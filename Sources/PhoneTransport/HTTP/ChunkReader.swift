import NIOCore

/// Joins a body that comes in chunks (RFC 9112 section 7.1), under limits; extensions and trailers are passed over.
struct ChunkReader {
    private enum State {
        case size
        case data(remaining: Int)
        case dataEnd
        case trailer
    }

    private(set) var body: [UInt8] = []
    private let bodyLimit: Int
    private var state = State.size
    private var framing = 0
    private static let framingLimit = 16 << 10

    init(bodyLimit: Int) {
        self.bodyLimit = bodyLimit
    }

    /// Takes what belongs to the body; whether it has come to its end.
    mutating func read(_ input: inout ByteBuffer) throws(RequestRefusal) -> Bool {
        while true {
            if case .data(let remaining) = state {
                let count = min(remaining, input.readableBytes)
                body.append(contentsOf: input.readBytes(length: count) ?? [])
                guard count == remaining else {
                    state = .data(remaining: remaining - count)
                    return false
                }
                state = .dataEnd
            }
            guard let line = try readLine(&input) else { return false }
            switch state {
            case .size: state = try nextState(line)
            case .dataEnd:
                guard line.isEmpty else { throw .malformed("chunk longer than it said", 1) }
                state = .size
            case .trailer: if line.isEmpty { return true }
            case .data: break
            }
        }
    }

    private mutating func readLine(_ input: inout ByteBuffer) throws(RequestRefusal) -> [UInt8]? {
        let view = input.readableBytesView
        let room = Self.framingLimit - framing
        guard let end = view.prefix(room).firstIndex(of: UInt8(ascii: "\n")) else {
            guard view.count < room else {
                throw RequestRefusal(status: .tooLarge, reason: "chunk sizes over \(Self.framingLimit) bytes")
            }
            return nil
        }
        let length = end - view.startIndex + 1
        framing += length
        let line = input.readBytes(length: length) ?? []
        guard line.count >= 2, line[line.count - 2] == UInt8(ascii: "\r") else {
            throw .malformed("line without carriage return", 1)
        }
        return Array(line.dropLast(2))
    }

    private func nextState(_ line: [UInt8]) throws(RequestRefusal) -> State {
        guard let size = HTTPField.chunkSize(line) else { throw .malformed("bad chunk size", 1) }
        guard size <= bodyLimit - body.count else {
            throw RequestRefusal(status: .tooLarge, reason: "body of more than \(bodyLimit) bytes")
        }
        return size == 0 ? .trailer : .data(remaining: size)
    }
}
