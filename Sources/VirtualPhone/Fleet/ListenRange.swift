public import DeploymentModel

/// The addresses on which the phones of a fleet sit, one after the other.
public struct ListenRange: Hashable, Sendable, CustomStringConvertible {
    let first: IPv4Address
    let last: IPv4Address

    /// Loopback addresses that need no set-up: 127.1.0.1 to 127.1.255.254.
    public static let loopback = ListenRange(
        first: IPv4Address(value: 0x7F01_0001), last: IPv4Address(value: 0x7F01_FFFE))

    private init(first: IPv4Address, last: IPv4Address) {
        self.first = first
        self.last = last
    }

    /// Reads a single address, `first-last` or CIDR (without the network's own and its broadcast address).
    ///
    /// - Throws: ``Fault`` with `input.range`.
    public init(parsing text: String) throws(Fault) {
        let wrong = Fault(.inputRange, subject: text, detail: "no IPv4 address, range or network")
        if let slash = text.firstIndex(of: "/") {
            guard let base = IPv4Address(text[..<slash]), let bits = Int(text[text.index(after: slash)...]),
                (1...32).contains(bits)
            else { throw wrong }
            let size: UInt32 = bits == 32 ? 0 : UInt32.max >> UInt32(bits)
            let low = base.value & ~size
            let edge: UInt32 = bits <= 30 ? 1 : 0
            self.init(first: IPv4Address(value: low + edge), last: IPv4Address(value: low + size - edge))
            return
        }
        let ends = text.split(separator: "-", omittingEmptySubsequences: false)
        guard (1...2).contains(ends.count), let first = IPv4Address(ends[0]),
            let last = IPv4Address(ends[ends.count - 1]), first <= last
        else { throw wrong }
        self.init(first: first, last: last)
    }

    /// Number of addresses.
    public var count: Int { Int(last.value - first.value) + 1 }

    public var description: String { first == last ? "\(first)" : "\(first)-\(last)" }

    subscript(position: Int) -> IPv4Address {
        IPv4Address(value: first.value &+ UInt32(truncatingIfNeeded: position))
    }
}
