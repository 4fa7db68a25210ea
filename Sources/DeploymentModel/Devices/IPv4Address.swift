/// An IPv4 address as a number, so that addresses sort and count as networks do and not as text does.
public struct IPv4Address: Hashable, Sendable, Comparable, CustomStringConvertible {
    public let value: UInt32

    public init(value: UInt32) {
        self.value = value
    }

    /// Parses four octets, `10.0.0.1`; nil for anything else, octets with a leading zero among them.
    public init?(_ text: some StringProtocol) {
        guard case .success(let address) = Self.read(text) else { return nil }
        self = address
    }

    /// Dotted decimal, without a leading zero.
    public var description: String {
        var text = ""
        text.reserveCapacity(15)
        for shift in stride(from: 24 as UInt32, through: 0, by: -8) {
            if shift != 24 { text.append(".") }
            text.append(String(value >> shift & 0xFF))
        }
        return text
    }

    public static func < (left: IPv4Address, right: IPv4Address) -> Bool { left.value < right.value }

    /// Why a text is no IPv4 address.
    enum Problem: Error, Hashable {
        case noOctet(String)
        case leadingZero(String)
        case count(Int)

        var detail: String {
            switch self {
            case .noOctet(let text): text.isEmpty ? "an octet is missing" : "\(text) is no octet"
            case .leadingZero(let text): "\(text) has a leading zero, which some programs read as octal"
            case .count(let count): "an IPv4 address has four octets, not \(count)"
            }
        }
    }

    /// Parses four octets and says what is wrong with them.
    static func read(_ text: some StringProtocol) -> Result<IPv4Address, Problem> {
        let octets = text.split(separator: ".", maxSplits: 8, omittingEmptySubsequences: false)
        var value: UInt32 = 0
        for octet in octets {
            guard let number = Self.octet(octet) else { return .failure(.noOctet(String(octet.prefix(20)))) }
            if octet.utf8.count > 1, octet.utf8.first == UInt8(ascii: "0") {
                return .failure(.leadingZero(String(octet)))
            }
            value = value << 8 | number
        }
        guard octets.count == 4 else { return .failure(.count(octets.count)) }
        return .success(IPv4Address(value: value))
    }

    private static func octet(_ text: some StringProtocol) -> UInt32? {
        guard (1...3).contains(text.utf8.count), text.utf8.allSatisfy({ (48...57).contains($0) }) else { return nil }
        return UInt32(text).flatMap { $0 <= 255 ? $0 : nil }
    }
}
