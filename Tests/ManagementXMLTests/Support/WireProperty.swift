import ManagementXML

/// What must hold for any bytes at all.
enum WireProperty {
    /// Escapes make a message longer than it came, so re-encoded ones get more room.
    private static let roomy = DecodingLimits(
        bytes: 1 << 24, depth: 8, items: 1 << 16, attributeBytes: 1 << 16, textBytes: 1 << 24)

    /// Decodes as everything; what decodes must survive re-encoding.
    ///
    /// Returns what was wrong, nil when nothing.
    static func violation(_ bytes: [UInt8]) -> String? {
        requestViolation(bytes) ?? responseViolation(bytes) ?? refusalViolation(bytes)
    }

    /// Whether the bytes are a message of any kind.
    static func isMessage(_ bytes: [UInt8]) -> Bool {
        (try? DirectXML.decodeRequest(bytes)) != nil || (try? DirectXML.decodeResponse(bytes)) != nil
            || DirectXML.decodeRefusal(bytes) != nil
    }

    private static func requestViolation(_ bytes: [UInt8]) -> String? {
        do throws(WireError) {
            let request = try DirectXML.decodeRequest(bytes)
            let again = DirectXML.encode(request)
            guard let back = try? DirectXML.decodeRequest(again, limits: roomy) else {
                return "request does not decode again"
            }
            return back == request && DirectXML.encode(back) == again ? nil : "request changed"
        } catch {
            return violation(error, bytes)
        }
    }

    private static func responseViolation(_ bytes: [UInt8]) -> String? {
        do throws(WireError) {
            let response = try DirectXML.decodeResponse(bytes)
            let again = DirectXML.encode(response)
            guard let back = try? DirectXML.decodeResponse(again, limits: roomy) else {
                return "answer does not decode again"
            }
            return back == response && DirectXML.encode(back) == again ? nil : "answer changed"
        } catch {
            return violation(error, bytes)
        }
    }

    private static func refusalViolation(_ bytes: [UInt8]) -> String? {
        guard let refusal = DirectXML.decodeRefusal(bytes) else { return nil }
        return DirectXML.decodeRefusal(DirectXML.encode(refusal, id: nil)) == refusal ? nil : "refusal changed"
    }

    /// An error must be presentable and carriable itself.
    private static func violation(_ error: WireError, _ bytes: [UInt8]) -> String? {
        let lines = bytes.count { $0 == 0x0A || $0 == 0x0D } + 1
        guard (1...lines).contains(error.line) else { return "line \(error.line) of \(lines)" }
        let isShown =
            (1...200).contains(error.reason.utf8.count) && error.reason.utf8.allSatisfy { (0x20...0x7E).contains($0) }
        guard isShown else { return "reason cannot be shown" }
        return DirectXML.decodeRefusal(DirectXML.encode(error, id: "x")) == error ? nil : "error changed"
    }
}
