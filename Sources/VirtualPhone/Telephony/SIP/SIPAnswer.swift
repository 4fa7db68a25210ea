/// Answers to what a server asks of a phone that makes no calls (RFC 3261 section 8.2).
enum SIPAnswer {
    /// 200 for OPTIONS, by which servers look whether a phone is there; 405 for everything else.
    ///
    /// Nil where no answer is allowed (ACK), or none can be made because the request lacks what an answer must echo.
    static func bytes(to request: SIPMessage, method: String) -> [UInt8]? {
        guard method != "ACK" else { return nil }
        var lines = [method == "OPTIONS" ? "SIP/2.0 200 OK" : "SIP/2.0 405 Method Not Allowed"]
        let paths = request.values("via")
        guard !paths.isEmpty else { return nil }
        lines += paths.map { "Via: \($0)" }
        for (name, title) in [("from", "From"), ("call-id", "Call-ID"), ("cseq", "CSeq")] {
            guard let value = request[name] else { return nil }
            lines.append("\(title): \(value)")
        }
        guard let to = request["to"] else { return nil }
        let hasTag = SIPMessage.elements(to).first.flatMap { SIPMessage.parameter("tag", of: $0) } != nil
        lines.append("To: \(to)" + (hasTag ? "" : ";tag=\(RandomText.digits(4))"))
        lines += ["Allow: OPTIONS", "Content-Length: 0", "", ""]
        return Array(lines.joined(separator: "\r\n").utf8)
    }
}
