import DeploymentModel

/// All that a phone needs to register at its server.
struct SIPAccount: Hashable, Sendable {
    /// Where the registrar is to be reached.
    var host: String
    var port: Int
    /// The user part of the phone's SIP address, not yet escaped.
    var user: String
    /// With what the phone proves itself.
    var authenticationUser: String
    var password: SecretText
    /// The only realm for which user and password are given away; nil = whichever asks.
    var realm: String?
    /// Seconds for `Expires`; nil = the field is left away.
    var expires: UInt32?
    /// Seconds before the first new attempt after a failure.
    var backOff: Double
    /// Seconds that an answer may take.
    var patience: Double
    /// Where the phone itself is to be reached.
    var ownHost: String
    var ownPort: Int
    var userAgent: String
}

extension SIPAccount {
    /// The domain's address, to which a registration is sent (RFC 3261 section 10.2).
    var registrarURI: String { "sip:\(Self.bracketed(host))" }
    /// The address under which others call the phone.
    var ownURI: String { "sip:\(Self.escaped(user))@\(Self.bracketed(host))" }
    /// The address at which the registrar is to find the phone.
    var contactURI: String { "sip:\(Self.escaped(user))@\(Self.bracketed(ownHost)):\(ownPort);transport=tls" }

    private static func bracketed(_ host: String) -> String {
        host.contains(":") ? "[\(host)]" : host
    }

    /// Percent-encodes what may not stand in the user part (RFC 3261 section 25.1), among it the number sign.
    private static func escaped(_ user: String) -> String {
        var text = ""
        for byte in user.utf8 {
            if byte.isUserByte {
                text.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                text += "%" + HexText.of([byte]).uppercased()
            }
        }
        return text
    }
}

extension UInt8 {
    /// unreserved and user-unreserved of RFC 3261 section 25.1.
    fileprivate var isUserByte: Bool {
        switch self {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        case UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "!"), UInt8(ascii: "~"),
            UInt8(ascii: "*"), UInt8(ascii: "'"), UInt8(ascii: "("), UInt8(ascii: ")"), UInt8(ascii: "&"),
            UInt8(ascii: "="), UInt8(ascii: "+"), UInt8(ascii: "$"), UInt8(ascii: ","):
            true
        default: false
        }
    }
}
