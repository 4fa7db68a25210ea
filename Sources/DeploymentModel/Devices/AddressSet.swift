/// All addresses of several ranges, each once, walked one at a time and never held as a list.
///
/// The order is always the same for the same ranges: IPv4 addresses first (by ``Order``), then names and IPv6 addresses
/// as they were written. A name and an address that it stands for are two entries; nothing is looked up here.
public struct AddressSet: Sequence, Hashable, Sendable {
    /// In which order IPv4 addresses are walked.
    public enum Order: String, Hashable, Sendable, CaseIterable {
        case ascending
        /// One of each /24 in turn, so that no router has to look up 254 neighbours at once.
        case spread
    }

    /// Most addresses of one set unless the caller says otherwise: 1,048,576.
    public static let usualLimit = 1 << 20

    /// Ascending, neither overlapping nor touching.
    let blocks: [ClosedRange<UInt32>]
    let names: [String]
    public let order: Order
    /// Number of addresses and names.
    public let count: Int

    public var underestimatedCount: Int { count }

    /// Unites the ranges.
    ///
    /// - Throws: ``Fault`` with `input.range` when there are more than `limit` addresses; the detail names how many.
    public init(
        _ ranges: [AddressRange], order: Order = .ascending, limit: Int = AddressSet.usualLimit
    ) throws(Fault) {
        var blocks: [ClosedRange<UInt32>] = []
        var names: [String] = []
        var seen: Set<String> = []
        for range in ranges {
            switch range.extent {
            case .addresses(let block): blocks.append(block)
            case .name(let name): if seen.insert(name).inserted { names.append(name) }
            }
        }
        self.blocks = Self.united(blocks)
        self.names = names
        self.order = order
        count = self.blocks.reduce(names.count) { $0 + Int($1.upperBound - $1.lowerBound) + 1 }
        guard count <= limit else {
            let subject = ranges.count == 1 ? ranges.first?.text : "\(ranges.count) ranges"
            throw Fault(
                .inputRange, subject: subject, detail: "\(count) addresses, at most \(limit) are scanned at one time")
        }
    }

    private static func united(_ blocks: [ClosedRange<UInt32>]) -> [ClosedRange<UInt32>] {
        var result: [ClosedRange<UInt32>] = []
        for block in blocks.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            // Ranges never reach UInt32.max, so the sum cannot overflow.
            if let last = result.last, block.lowerBound <= last.upperBound + 1 {
                result[result.count - 1] = last.lowerBound...Swift.max(last.upperBound, block.upperBound)
            } else {
                result.append(block)
            }
        }
        return result
    }

    /// Whether the address or name is in the set; names are compared in lower case.
    public func contains(_ address: String) -> Bool {
        guard let value = IPv4Address(address)?.value else { return names.contains(address.lowercased()) }
        var low = 0
        var high = blocks.count
        while low < high {
            let middle = (low + high) / 2
            if blocks[middle].contains(value) { return true }
            if blocks[middle].lowerBound > value { high = middle } else { low = middle + 1 }
        }
        return false
    }

    public func makeIterator() -> Iterator {
        Iterator(pieces: order == .spread ? Self.pieces(blocks) : blocks, names: names, order: order)
    }

    /// The blocks cut at the borders of /24 networks.
    private static func pieces(_ blocks: [ClosedRange<UInt32>]) -> [ClosedRange<UInt32>] {
        blocks.flatMap { block in
            let networks = block.lowerBound >> 8...block.upperBound >> 8
            return networks.map { network in
                Swift.max(block.lowerBound, network << 8)...Swift.min(block.upperBound, network << 8 | 0xFF)
            }
        }
    }

    /// Walks a set; see ``AddressSet/order``.
    public struct Iterator: IteratorProtocol, Sendable {
        private var pieces: [ClosedRange<UInt32>]
        private let names: [String]
        private let order: Order
        private var piece = 0
        private var step: UInt32 = 0
        private var name = 0

        init(pieces: [ClosedRange<UInt32>], names: [String], order: Order) {
            self.pieces = pieces
            self.names = names
            self.order = order
        }

        public mutating func next() -> String? {
            if let value = order == .spread ? nextSpread() : nextAscending() {
                return IPv4Address(value: value).description
            }
            guard name < names.count else { return nil }
            defer { name += 1 }
            return names[name]
        }

        private mutating func nextAscending() -> UInt32? {
            guard piece < pieces.count else { return nil }
            let value = pieces[piece].lowerBound + step
            if value == pieces[piece].upperBound {
                piece += 1
                step = 0
            } else {
                step += 1
            }
            return value
        }

        private mutating func nextSpread() -> UInt32? {
            if piece == pieces.count {
                // A round is over: go on with the pieces that have more.
                step += 1
                pieces.removeAll { $0.upperBound - $0.lowerBound < step }
                piece = 0
            }
            guard piece < pieces.count else { return nil }
            defer { piece += 1 }
            return pieces[piece].lowerBound + step
        }
    }
}
