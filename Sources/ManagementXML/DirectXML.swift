/// The wire of the direct XML management interface: bytes to values and back, without I/O.
///
/// Path, port, content type and envelope stand in this module and nowhere else. The messages are described in
/// `docs/reference/management-interface.md` and by `schema/management-interface-1.xsd`.
public enum DirectXML {
    /// The XML namespace of all messages; its last part is the version.
    public static let namespace = wireNamespace.description
    /// The path to which requests are posted.
    public static let path = "/management"
    /// The content type of requests, answers and refusals.
    public static let contentType = "application/xml; charset=utf-8"

    /// Most characters of a reason and of the other short texts (file version, results); more is cut when encoding.
    public static let shortTextLength = 200

    /// Writes a request.
    ///
    /// A character that XML 1.0 cannot carry becomes U+FFFD; ask ``canCarry(_:)`` before. The status of an item to
    /// be written is left out: only phones give a status.
    /// Nothing is measured against ``DecodingLimits``: a phone refuses what is beyond its own.
    public static func encode(_ request: ManagementRequest) -> [UInt8] {
        RequestEncoder.encode(request)
    }

    /// Writes an answer; characters that XML 1.0 cannot carry become U+FFFD.
    public static func encode(_ response: ManagementResponse) -> [UInt8] {
        ResponseEncoder.encode(response)
    }

    /// Writes the body of a 4xx answer, which names the line and the reason.
    public static func encode(_ refusal: WireError, id: String?) -> [UInt8] {
        RefusalCodec.encode(refusal, id: id)
    }

    /// Reads a request; whatever is not exactly one is refused with the line and the reason.
    public static func decodeRequest(
        _ bytes: [UInt8], limits: DecodingLimits = .phone
    ) throws(WireError) -> ManagementRequest {
        var parser = try XMLPullParser(bytes, namespace: wireNamespace, limits: limits)
        let request = try RequestDecoder.decode(&parser)
        try parser.finish()
        return request
    }

    /// Reads an answer; whatever is not exactly one is refused with the line and the reason.
    public static func decodeResponse(
        _ bytes: [UInt8], limits: DecodingLimits = .tool
    ) throws(WireError) -> ManagementResponse {
        var parser = try XMLPullParser(bytes, namespace: wireNamespace, limits: limits)
        let response = try ResponseDecoder.decode(&parser)
        try parser.finish()
        return response
    }

    /// Reads the body of a 4xx answer; nil when it is none of ours.
    public static func decodeRefusal(_ bytes: [UInt8], limits: DecodingLimits = .tool) -> WireError? {
        do throws(WireError) {
            var parser = try XMLPullParser(bytes, namespace: wireNamespace, limits: limits)
            let refusal = try RefusalCodec.decode(&parser)
            try parser.finish()
            return refusal
        } catch {
            return nil
        }
    }

    /// Whether every character of `text` exists in XML 1.0, so that it arrives as it left.
    ///
    /// The characters that do not are U+0000 to U+001F but tab, line feed and carriage return, and U+FFFE, U+FFFF.
    public static func canCarry(_ text: String) -> Bool {
        XMLCharacters.allLegal(text)
    }

    /// The version of the interface that this module speaks.
    static let version = 1
    /// ``namespace`` without the version.
    static let namespaceStem = "urn:phonefleet:management:"
    /// ``namespace`` as the parser and the writer want it.
    static let wireNamespace: StaticString = "urn:phonefleet:management:1"
}
