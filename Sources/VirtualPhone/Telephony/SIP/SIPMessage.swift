/// A SIP message (RFC 3261 section 7): start line, header fields in their order, body.
struct SIPMessage: Hashable, Sendable {
    /// The first line.
    enum Start: Hashable, Sendable {
        /// Status 100...699.
        case response(status: Int, reason: String)
        case request(method: String, uri: String)
    }

    /// One header field; what was written in short (`v`) or in capitals has its long name in lower case.
    struct Field: Hashable, Sendable {
        var name: String
        var value: String
    }

    var start: Start
    var fields: [Field]
    var body: [UInt8]

    /// The value of the first field of a name (long, lower case).
    subscript(name: String) -> String? {
        fields.first { $0.name == name }?.value
    }

    /// The values of all fields of a name, in their order.
    func values(_ name: String) -> [String] {
        fields.lazy.filter { $0.name == name }.map(\.value)
    }
}

/// Why bytes are no SIP message, for people.
struct SIPProblem: Error, Hashable, Sendable {
    var detail: String

    init(_ detail: String) { self.detail = detail }
}

/// Names of header fields: the long form of what may be written in one letter (RFC 3261 section 7.3.3).
enum SIPFieldName {
    static func canonical(_ name: String) -> String {
        let name = name.lowercased()
        return name.utf8.count == 1 ? short[name] ?? name : name
    }

    private static let short: [String: String] = [
        "c": "content-type", "e": "content-encoding", "f": "from", "i": "call-id", "k": "supported",
        "l": "content-length", "m": "contact", "s": "subject", "t": "to", "v": "via",
    ]
}
