/// One REGISTER (RFC 3261 section 10.2) as it goes over the wire.
struct RegisterRequest {
    var account: SIPAccount
    var callID: String
    var tag: String
    var branch: String
    var number: UInt32
    /// Seconds; 0 takes the registration back, nil leaves the time to the registrar.
    var expires: UInt32?
    /// `Authorization` and `Proxy-Authorization`.
    var credentials: [(name: String, value: String)]

    static let method = "REGISTER"

    var bytes: [UInt8] {
        var lines = [
            "\(Self.method) \(account.registrarURI) SIP/2.0",
            "Via: SIP/2.0/TLS \(account.ownHost):\(account.ownPort);branch=\(branch);rport",
            "Max-Forwards: 70",
            "From: <\(account.ownURI)>;tag=\(tag)",
            "To: <\(account.ownURI)>",
            "Call-ID: \(callID)",
            "CSeq: \(number) \(Self.method)",
            "Contact: <\(account.contactURI)>",
            "User-Agent: \(account.userAgent)",
        ]
        if let expires { lines.append("Expires: \(expires)") }
        lines += credentials.map { "\($0.name): \($0.value)" }
        lines += ["Content-Length: 0", "", ""]
        return Array(lines.joined(separator: "\r\n").utf8)
    }
}
