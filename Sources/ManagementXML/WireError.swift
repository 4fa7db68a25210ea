/// Why bytes are no message of ours.
public struct WireError: Error, Hashable, Sendable {
    /// What kind of fault it is; the raw value is the status code and the word on the wire.
    public enum Code: String, Hashable, Sendable, CaseIterable {
        /// Not well-formed XML, or XML of a kind that is not taken (DOCTYPE, processing instructions, encodings).
        case malformed = "xml.malformed"
        /// Beyond one of ``DecodingLimits``.
        case tooLarge = "xml.too-large"
        /// Well-formed, but an element, attribute or value that does not belong there.
        case unexpected = "xml.unexpected"
        /// A version of the interface that this side does not speak.
        case newerVersion = "xml.newer-version"
    }

    public var code: Code
    /// Line in the message, from 1.
    public var line: Int
    /// Lower case, no full stop, at most 200 characters; never quotes a value.
    public var reason: String
    /// Whether a message has no nonce that an answer can repeat, and may else be all right.
    public var isAboutNonce = false

    public init(_ code: Code, line: Int, reason: String) {
        self.code = code
        self.line = line
        self.reason = reason
    }
}
