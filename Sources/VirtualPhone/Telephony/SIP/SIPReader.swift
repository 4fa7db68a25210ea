import PhoneTransport

/// Reads SIP messages (RFC 3261 section 7) from the bytes of a connection as they come, under limits.
///
/// Strict where a lenient reader could be led to see another message than the sender meant: lines end in CR LF and hold
/// neither alone, `Content-Length` is said exactly once (section 20.14 demands it on connections), names are tokens. Folded
/// fields (section 7.3.1) are joined by one space; line ends before a message (keep-alives, RFC 5626) are passed over.
struct SIPReader {
    static let headLimit = 32_768
    static let fieldLimit = 128
    static let bodyLimit = 65_536

    private var buffer: [UInt8] = []
    /// Up to here no end of the head was found.
    private var searched = 0

    /// Takes what has arrived.
    mutating func append(_ bytes: some Sequence<UInt8>) {
        buffer.append(contentsOf: bytes)
    }

    /// The next whole message; nil when more bytes are needed.
    ///
    /// After a problem the rest of the connection has no meaning any more.
    mutating func next() throws(SIPProblem) -> SIPMessage? {
        dropLineEnds()
        guard let end = try endOfHead() else { return nil }
        let (start, fields) = try SIPHead.parse(buffer[..<end])
        let length = try SIPHead.contentLength(fields)
        let whole = end + 4 + length
        guard buffer.count >= whole else { return nil }
        let message = SIPMessage(start: start, fields: fields, body: Array(buffer[(end + 4)..<whole]))
        buffer.removeFirst(whole)
        searched = 0
        return message
    }

    private mutating func dropLineEnds() {
        guard searched == 0 else { return }
        let empty = buffer.prefix { $0 == 13 || $0 == 10 }.count
        buffer.removeFirst(empty)
    }

    /// Where the head ends, without its last line's end.
    private mutating func endOfHead() throws(SIPProblem) -> Int? {
        var position = searched
        while position + 3 < buffer.count {
            if buffer[position] == 13, buffer[position + 1] == 10, buffer[position + 2] == 13,
                buffer[position + 3] == 10
            {
                searched = position
                guard position <= Self.headLimit else { break }
                return position
            }
            position += 1
        }
        searched = position
        guard position <= Self.headLimit else { throw SIPProblem("a head of more than \(Self.headLimit) bytes") }
        return nil
    }
}

/// Takes the head of a message apart.
private enum SIPHead {
    static func parse(_ bytes: ArraySlice<UInt8>) throws(SIPProblem) -> (SIPMessage.Start, [SIPMessage.Field]) {
        let lines = try lines(bytes)
        let start = try startLine(lines[0])
        var fields: [SIPMessage.Field] = []
        for line in lines.dropFirst() {
            if line.first == 32 || line.first == 9 {
                guard !fields.isEmpty else { throw SIPProblem("the first field is a continuation") }
                let more = try text(line.trimmed)
                fields[fields.count - 1].value += " " + more
            } else {
                guard fields.count < SIPReader.fieldLimit else {
                    throw SIPProblem("more than \(SIPReader.fieldLimit) header fields")
                }
                fields.append(try field(line))
            }
        }
        return (start, fields)
    }

    static func contentLength(_ fields: [SIPMessage.Field]) throws(SIPProblem) -> Int {
        let said = fields.filter { $0.name == "content-length" }
        guard said.count == 1, let value = said.first?.value else {
            throw SIPProblem(said.isEmpty ? "no Content-Length" : "Content-Length more than once")
        }
        let isNumber = (1...9).contains(value.utf8.count) && value.utf8.allSatisfy { (48...57).contains($0) }
        guard isNumber, let length = Int(value) else { throw SIPProblem("Content-Length is no number") }
        guard length <= SIPReader.bodyLimit else {
            throw SIPProblem("a body of more than \(SIPReader.bodyLimit) bytes")
        }
        return length
    }

    private static func lines(_ bytes: ArraySlice<UInt8>) throws(SIPProblem) -> [ArraySlice<UInt8>] {
        var lines: [ArraySlice<UInt8>] = []
        var start = bytes.startIndex
        for position in bytes.indices {
            switch bytes[position] {
            case 13:
                guard position + 1 < bytes.endIndex, bytes[position + 1] == 10 else {
                    throw SIPProblem("a carriage return inside a line")
                }
                lines.append(bytes[start..<position])
                start = position + 2
            case 10 where position == bytes.startIndex || bytes[position - 1] != 13:
                throw SIPProblem("a line feed inside a line")
            case 0..<9, 11, 12, 14..<32, 127: throw SIPProblem("a control character in the head")
            default: break
            }
        }
        lines.append(bytes[start...])
        return lines
    }

    private static func startLine(_ line: ArraySlice<UInt8>) throws(SIPProblem) -> SIPMessage.Start {
        let parts = line.split(separator: 32, maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3 else { throw SIPProblem("the first line is none of SIP") }
        if parts[0].elementsEqual("SIP/2.0".utf8) {
            guard parts[1].count == 3, parts[1].allSatisfy({ (48...57).contains($0) }) else {
                throw SIPProblem("the status is no number of three digits")
            }
            let status = parts[1].reduce(0) { $0 * 10 + Int($1 - 48) }
            guard (100...699).contains(status) else { throw SIPProblem("there is no status \(status)") }
            return .response(status: status, reason: try text(parts[2]))
        }
        guard parts[2].elementsEqual("SIP/2.0".utf8), !parts[0].isEmpty, parts[0].allSatisfy(HTTPSyntax.isTokenByte),
            !parts[1].isEmpty
        else { throw SIPProblem("the first line is none of SIP") }
        return .request(method: String(decoding: parts[0], as: UTF8.self), uri: try text(parts[1]))
    }

    private static func field(_ line: ArraySlice<UInt8>) throws(SIPProblem) -> SIPMessage.Field {
        guard let colon = line.firstIndex(of: 58) else { throw SIPProblem("a header field without a colon") }
        // Space before the colon is allowed (RFC 3261 section 7.3.1).
        let name = line[..<colon].trimmed
        guard !name.isEmpty, line.first == name.first, name.allSatisfy(HTTPSyntax.isTokenByte) else {
            throw SIPProblem("the name of a header field is no token")
        }
        return SIPMessage.Field(
            name: SIPFieldName.canonical(String(decoding: name, as: UTF8.self)),
            value: try text(line[(colon + 1)...].trimmed))
    }

    private static func text(_ bytes: ArraySlice<UInt8>) throws(SIPProblem) -> String {
        guard let text = String(validating: bytes, as: UTF8.self) else { throw SIPProblem("the head is not UTF-8") }
        return text
    }
}

extension ArraySlice<UInt8> {
    /// Without spaces and tabs at both ends.
    fileprivate var trimmed: ArraySlice<UInt8> {
        let start = firstIndex { $0 != 32 && $0 != 9 } ?? endIndex
        let end = lastIndex { $0 != 32 && $0 != 9 } ?? start
        return start < endIndex ? self[start...end] : self[endIndex...]
    }
}
