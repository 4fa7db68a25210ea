/// What is known of a phone after it was read: the ground on which it is judged.
public struct ReadBack: Sendable {
    /// Who the phone is by the plan, and by its own words.
    public struct Identity: Hashable, Sendable {
        public var type: PhoneTypeID?
        public var mac: MACAddress?

        public init(type: PhoneTypeID?, mac: MACAddress?) {
            self.type = type
            self.mac = mac
        }
    }

    /// In ascending order of key.
    public let wanted: [WantedItem]
    /// The phone's answer to each item of ``wanted``, at the same place; nil where it gave none.
    public let answers: [Item?]
    /// The items that the phone refused to take.
    public let refused: [ItemKey: ItemStatus]
    /// The secret items that the phone took in this run.
    public let acceptedSecrets: Set<ItemKey>
    public let planned: Identity
    public let seen: Identity
    public let kinds: ValueKinds

    public init(
        wanted: [WantedItem], read: [Item], refused: [ItemKey: ItemStatus] = [:],
        acceptedSecrets: Set<ItemKey> = [], planned: Identity, seen: Identity, kinds: ValueKinds
    ) {
        self.wanted = wanted
        answers = ItemAlignment.align(read, to: wanted)
        self.refused = refused
        self.acceptedSecrets = acceptedSecrets
        self.planned = planned
        self.seen = seen
        self.kinds = kinds
    }
}

/// Brings a phone's answer into the order of what was wanted.
enum ItemAlignment {
    /// Cheap when the phone answers in the order in which it was asked; of items given twice the first counts.
    static func align(_ read: [Item], to wanted: [WantedItem]) -> [Item?] {
        var next = 0
        var index: [ItemKey: Int]?
        return wanted.map { item in
            if item.isSecret { return nil }
            if next < read.count, read[next].key == item.key {
                next += 1
                return read[next - 1]
            }
            let lookup =
                index
                ?? Dictionary(
                    read.indices.map { (read[$0].key, $0) }, uniquingKeysWith: { first, _ in first })
            index = lookup
            guard let place = lookup[item.key] else { return nil }
            next = place + 1
            return read[place]
        }
    }
}
