/// An IPv4 address as a number, so that ten thousand of them cost nothing.
struct IPv4Address: Hashable, Sendable, Comparable, CustomStringConvertible {
    var value: UInt32

    init(value: UInt32) {
        self.value = value
    }

    /// Four decimal numbers without leading zeros.
    init?(_ text: some StringProtocol) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var value: UInt32 = 0
        for part in parts {
            guard (1...3).contains(part.utf8.count), part.utf8.allSatisfy({ (48...57).contains($0) }),
                part.utf8.count == 1 || part.utf8.first != 48, let number = UInt8(part)
            else { return nil }
            value = value << 8 | UInt32(number)
        }
        self.value = value
    }

    var description: String {
        "\(value >> 24).\(value >> 16 & 255).\(value >> 8 & 255).\(value & 255)"
    }

    static func < (left: IPv4Address, right: IPv4Address) -> Bool { left.value < right.value }
}
