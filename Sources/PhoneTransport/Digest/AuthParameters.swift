/// One challenge or one set of credentials: a scheme with its parameters (RFC 9110 section 11).
public struct AuthParameters: Hashable, Sendable {
    /// Lower case.
    public private(set) var scheme: String
    private var names: [String] = []
    private var values: [String] = []

    private init(scheme: String) {
        self.scheme = scheme
    }

    /// The value of a parameter, unquoted; `name` in lower case.
    public subscript(name: String) -> String? {
        names.firstIndex(of: name).map { values[$0] }
    }

    /// Whether the name was free; the same parameter twice makes the meaning depend on the reader, so it is refused.
    fileprivate mutating func add(_ name: String, _ value: String) -> Bool {
        guard !names.contains(name), names.count < 24 else { return false }
        names.append(name)
        values.append(value)
        return true
    }

    /// Reads the value of a header line, which may hold several challenges; nil when it is malformed or over 4 KiB.
    public static func parse(_ text: String) -> [AuthParameters]? {
        let bytes = Array(text.utf8)
        guard bytes.count <= 4096 else { return nil }
        var reader = AuthParameterReader(bytes: bytes)
        return reader.challenges()
    }

    /// The text as a quoted-string (RFC 9110 section 5.6.4).
    public static func quoted(_ text: String) -> String { text.httpQuoted }

    fileprivate static func named(_ scheme: String) -> AuthParameters { AuthParameters(scheme: scheme) }
}

private struct AuthParameterReader {
    let bytes: [UInt8]
    var position = 0

    mutating func challenges() -> [AuthParameters]? {
        var found: [AuthParameters] = []
        while true {
            skip { $0 == UInt8(ascii: ",") || Self.isSpace($0) }
            guard position < bytes.count else { return found }
            guard let word = token() else { return nil }
            let afterWord = position
            skip(Self.isSpace)
            if peek() == UInt8(ascii: "="), !found.isEmpty {
                position += 1
                skip(Self.isSpace)
                guard let value = value(), found[found.count - 1].add(word, value) else { return nil }
            } else {
                guard found.count < 8, position > afterWord || peek() == nil || peek() == UInt8(ascii: ",") else {
                    return nil
                }
                found.append(.named(word))
            }
        }
    }

    private mutating func value() -> String? {
        guard peek() == UInt8(ascii: "\"") else { return token(lowercased: false) }
        position += 1
        var text: [UInt8] = []
        while let byte = peek() {
            position += 1
            if byte == UInt8(ascii: "\"") { return String(validating: text, as: UTF8.self) }
            guard byte == UInt8(ascii: "\\") else {
                text.append(byte)
                continue
            }
            guard let escaped = peek() else { return nil }
            position += 1
            text.append(escaped)
        }
        return nil
    }

    private mutating func token(lowercased: Bool = true) -> String? {
        let start = position
        skip(HTTPSyntax.isTokenByte)
        guard position > start else { return nil }
        let word = bytes[start..<position]
        return lowercased
            ? String(decoding: word.map { (65...90).contains($0) ? $0 | 32 : $0 }, as: UTF8.self)
            : String(decoding: word, as: UTF8.self)
    }

    private func peek() -> UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func skip(_ belongs: (UInt8) -> Bool) {
        while position < bytes.count, belongs(bytes[position]) { position += 1 }
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 32 || byte == 9 }
}

extension String {
    /// The text in double quotes with `"` and `\` escaped, as a quoted-string of RFC 9110 section 5.6.4.
    var httpQuoted: String {
        guard utf8.contains(where: { $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: "\\") }) else {
            return "\"\(self)\""
        }
        var text: [UInt8] = [UInt8(ascii: "\"")]
        for byte in utf8 {
            if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { text.append(UInt8(ascii: "\\")) }
            text.append(byte)
        }
        text.append(UInt8(ascii: "\""))
        return String(decoding: text, as: UTF8.self)
    }
}
