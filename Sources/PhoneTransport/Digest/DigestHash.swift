import Crypto

/// The hash of the Digest scheme as RFC 7616 uses it: SHA-256, written in lower-case hexadecimal.
///
/// MD5 is never spoken.
enum DigestHash {
    /// The algorithm's name on the wire.
    static let name = "SHA-256"

    /// H(parts[0] ":" parts[1] ":" ...) as 64 hexadecimal digits (section 3.3).
    static func hex(_ parts: [UInt8]...) -> [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity(parts.reduce(parts.count) { $0 + $1.count })
        for (position, part) in parts.enumerated() {
            if position > 0 { text.append(UInt8(ascii: ":")) }
            text.append(contentsOf: part)
        }
        return hexDigits(of: SHA256.hash(data: text))
    }

    static func hexDigits(of bytes: some Sequence<UInt8>) -> [UInt8] {
        var digits: [UInt8] = []
        digits.reserveCapacity(64)
        for byte in bytes {
            digits.append(digit(byte >> 4))
            digits.append(digit(byte & 15))
        }
        return digits
    }

    /// Eight hexadecimal digits, the form of a nonce count (section 3.4).
    static func eightDigits(_ number: UInt32) -> [UInt8] {
        (0..<8).map { place in digit(UInt8(truncatingIfNeeded: number >> UInt32(28 - 4 * place)) & 15) }
    }

    /// The number that hexadecimal digits write; nil for anything but 1 to 16 digits.
    static func number(_ digits: some Collection<UInt8>) -> UInt64? {
        guard (1...16).contains(digits.count) else { return nil }
        var number: UInt64 = 0
        for byte in digits {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): number = number << 4 | UInt64(byte - 48)
            case UInt8(ascii: "a")...UInt8(ascii: "f"): number = number << 4 | UInt64(byte - 87)
            case UInt8(ascii: "A")...UInt8(ascii: "F"): number = number << 4 | UInt64(byte - 55)
            default: return nil
            }
        }
        return number
    }

    /// Compares in a time that depends on the lengths only, so that a guess learns nothing from how long it took.
    static func isEqual(_ left: some Collection<UInt8>, _ right: some Collection<UInt8>) -> Bool {
        guard left.count == right.count else { return false }
        var difference: UInt8 = 0
        for (one, other) in zip(left, right) { difference |= one ^ other }
        return difference == 0
    }

    /// Random text of 32 hexadecimal digits.
    static func randomText() -> [UInt8] {
        var generator = SystemRandomNumberGenerator()
        // Each number is a call of the system, whatever its size.
        let numbers = (generator.next(), generator.next())
        return withUnsafeBytes(of: numbers) { hexDigits(of: $0) }
    }

    private static func digit(_ value: UInt8) -> UInt8 {
        value < 10 ? value + 48 : value + 87
    }
}

/// What a password amounts to in the Digest scheme: H(user:realm:password), the secret that both ends compute with.
///
/// It is as good as the password for this realm, so it prints as redacted.
public struct DigestSecret: Hashable, Sendable, CustomStringConvertible, CustomReflectable {
    let digits: [UInt8]

    public init(user: String = DigestScheme.user, realm: String = DigestScheme.realm, password: String) {
        digits = DigestHash.hex(Array(user.utf8), Array(realm.utf8), Array(password.utf8))
    }

    public var description: String { "••••••" }
    public var customMirror: Mirror { Mirror(self, children: []) }

    /// The `response` of RFC 7616 section 3.4.1 with `qop=auth`.
    func response(_ use: DigestUse) -> [UInt8] {
        let request = DigestHash.hex(use.method, use.uri)
        return DigestHash.hex(digits, use.nonce, use.count, use.clientNonce, Array("auth".utf8), request)
    }
}

/// The particulars of one request that its `response` is computed over.
struct DigestUse {
    var method: [UInt8]
    var uri: [UInt8]
    var nonce: [UInt8]
    var count: [UInt8]
    var clientNonce: [UInt8]
}

/// The constants of the management interface's authentication.
public enum DigestScheme {
    public static let realm = "phonefleet-management"
    public static let user = "admin"
}
