/// The wire of the direct XML management interface: bytes to values and back. No I/O.
///
/// Path, port, content type and envelope stand here and nowhere else.
public enum DirectXML {
    public static let namespace = "urn:phonefleet:management:1"
    public static let path = "/management"
    public static let contentType = "application/xml; charset=utf-8"

    public static func encode(_ request: ManagementRequest) -> [UInt8] { fatalError("to be written") }
    public static func encode(_ response: ManagementResponse) -> [UInt8] { fatalError("to be written") }
    /// The body of a 4xx answer: names the line and the reason.
    public static func encode(_ refusal: WireError, id: String?) -> [UInt8] { fatalError("to be written") }

    public static func decodeRequest(
        _ bytes: [UInt8], limits: DecodingLimits = .phone
    ) throws(WireError) -> ManagementRequest { fatalError("to be written") }

    public static func decodeResponse(
        _ bytes: [UInt8], limits: DecodingLimits = .tool
    ) throws(WireError) -> ManagementResponse { fatalError("to be written") }

    /// Reads the body of a 4xx answer; nil when it is none of ours.
    public static func decodeRefusal(_ bytes: [UInt8], limits: DecodingLimits = .tool) -> WireError? {
        fatalError("to be written")
    }
}

/// What a decoder takes at most.
public struct DecodingLimits: Hashable, Sendable {
    public var bytes: Int
    public var depth: Int
    public var items: Int
    public var attributeBytes: Int
    public var textBytes: Int

    public init(bytes: Int, depth: Int, items: Int, attributeBytes: Int, textBytes: Int) {
        self.bytes = bytes
        self.depth = depth
        self.items = items
        self.attributeBytes = attributeBytes
        self.textBytes = textBytes
    }

    /// What a phone accepts from anybody.
    public static let phone = DecodingLimits(
        bytes: 1 << 20, depth: 8, items: 4096, attributeBytes: 1024, textBytes: 1 << 19)
    /// What the tool accepts from a phone.
    public static let tool = DecodingLimits(
        bytes: 1 << 20, depth: 8, items: 4096, attributeBytes: 1024, textBytes: 1 << 19)
}

/// Why bytes are no message of ours.
public struct WireError: Error, Hashable, Sendable {
    public enum Code: String, Hashable, Sendable, CaseIterable {
        case malformed = "xml.malformed"
        case tooLarge = "xml.too-large"
        /// Well-formed, but an element, attribute or value that does not belong there.
        case unexpected = "xml.unexpected"
        case newerVersion = "xml.newer-version"
    }

    public var code: Code
    /// Line in the message, from 1.
    public var line: Int
    /// Lower case, no full stop, at most 200 characters; never quotes a value.
    public var reason: String

    public init(_ code: Code, line: Int, reason: String) {
        self.code = code
        self.line = line
        self.reason = reason
    }
}
