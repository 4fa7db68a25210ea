/// What the first bytes of a peer say about it, after a ClientHello was sent to it.
enum FirstRecord: Hashable, Sendable {
    /// `HTTP/`: the peer took our handshake for a bad request.
    case plainHTTP
    case notTLS
    /// A ServerHello in clear (RFC 5246 section 7.4.1.3, RFC 8446 section 4.1.3).
    case serverHello(ServerHello)
    case alert(TLSAlert)
    /// TLS, but no more can be said.
    case otherTLS

    struct ServerHello: Hashable, Sendable {
        /// `1.0` to `1.3`, or `SSL 3.0`.
        var version: String
        var suite: CipherSuite
    }

    /// Reads the bytes that came so far; nil when they are too few to tell.
    ///
    /// Never more than 1 KiB is looked at.
    static func read(_ bytes: [UInt8]) -> FirstRecord? {
        guard let first = bytes.first else { return nil }
        guard (0x14...0x17).contains(first) else {
            let isHTTP = "HTTP/".utf8.starts(with: bytes.prefix(5))
            if isHTTP, bytes.count < 5 { return nil }
            return isHTTP ? .plainHTTP : .notTLS
        }
        guard bytes.count >= 5 else { return bytes.count > 1 && bytes[1] != 3 ? .notTLS : nil }
        guard bytes[1] == 3 else { return .notTLS }
        switch first {
        case 0x15: return bytes.count < 7 ? nil : .alert(TLSAlert(number: bytes[6]))
        case 0x16: return serverHello(handshake(bytes)[...])
        default: return .otherTLS
        }
    }

    /// The handshake bytes of the records so far: a message may be spread over any number of records.
    private static func handshake(_ bytes: [UInt8]) -> [UInt8] {
        var content: [UInt8] = []
        var rest = bytes[...]
        while rest.count > 5, rest.first == 0x16 {
            let length = Int(rest[rest.startIndex + 3]) << 8 | Int(rest[rest.startIndex + 4])
            rest = rest.dropFirst(5)
            content += rest.prefix(length)
            rest = rest.dropFirst(length)
        }
        return content
    }

    private static func serverHello(_ content: ArraySlice<UInt8>) -> FirstRecord? {
        // Type, length (3), version (2), random (32), length of the session id.
        guard content.count > 38 else { return content.isEmpty || content.first == 2 ? nil : .otherTLS }
        guard content.first == 2, content[content.startIndex + 4] == 3 else { return .otherTLS }
        let suite = content.startIndex + 39 + Int(content[content.startIndex + 38])
        guard content.count > suite - content.startIndex + 1 else { return nil }
        let number = UInt16(content[suite]) << 8 | UInt16(content[suite + 1])
        let minor = content[content.startIndex + 5]
        // TLS 1.3 says 1.2 here and the truth in an extension; its cipher suites tell it apart.
        let version = number >> 8 == 0x13 ? "1.3" : minor == 0 ? "SSL 3.0" : "1.\(minor - 1)"
        return .serverHello(ServerHello(version: version, suite: CipherSuite(number: number)))
    }
}

/// An alert that a peer sent (RFC 8446 section 6).
struct TLSAlert: Hashable, Sendable, CustomStringConvertible {
    let number: UInt8

    /// The standard's name.
    var description: String { Self.names[number] ?? "alert \(number)" }

    private static let names: [UInt8: String] = [
        0: "close_notify", 10: "unexpected_message", 20: "bad_record_mac", 21: "decryption_failed",
        22: "record_overflow", 30: "decompression_failure", 40: "handshake_failure", 41: "no_certificate",
        42: "bad_certificate", 43: "unsupported_certificate", 44: "certificate_revoked", 45: "certificate_expired",
        46: "certificate_unknown", 47: "illegal_parameter", 48: "unknown_ca", 49: "access_denied", 50: "decode_error",
        51: "decrypt_error", 60: "export_restriction", 70: "protocol_version", 71: "insufficient_security",
        80: "internal_error", 86: "inappropriate_fallback", 90: "user_canceled", 100: "no_renegotiation",
        109: "missing_extension", 110: "unsupported_extension", 112: "unrecognized_name",
        113: "bad_certificate_status_response", 115: "unknown_psk_identity", 116: "certificate_required",
        120: "no_application_protocol",
    ]
}
