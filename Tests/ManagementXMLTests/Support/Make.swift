import ManagementXML

/// Shorthands for documents in tests.
enum Make {
    static let namespace = #"xmlns="urn:phonefleet:management:1""#

    /// A request with the given action markup.
    static func request(_ action: String, attributes: String = #"id="1""#) -> String {
        "<ManagementRequest \(namespace) \(attributes)>\(action)</ManagementRequest>"
    }

    /// A request to write with the given item markup.
    static func write(_ items: String) -> String {
        request("<WriteItems><ItemList>\(items)</ItemList></WriteItems>")
    }

    /// An answer with the given content.
    static func answer(
        _ content: String, attributes: String = #"id="1" action="Status" status="accepted""#
    ) -> String {
        "<ManagementResponse \(namespace) \(attributes)>\(content)</ManagementResponse>"
    }

    /// What the decoder says of a request.
    static func error(_ text: String, limits: DecodingLimits = .phone) -> WireError? {
        error(Array(text.utf8), limits: limits)
    }

    static func error(_ bytes: [UInt8], limits: DecodingLimits = .phone) -> WireError? {
        do throws(WireError) {
            _ = try DirectXML.decodeRequest(bytes, limits: limits)
            return nil
        } catch {
            return error
        }
    }
}
