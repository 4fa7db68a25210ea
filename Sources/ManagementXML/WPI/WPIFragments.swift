public import DeploymentModel

extension WPIPhoneMessage {
    /// The parts in which a phone gives this reply, so that none is longer than `maxBytes`.
    ///
    /// Every part but the last has ``hasMoreFragments``; items keep their order. All parts have the nonce of this
    /// message: who sends them gives each its own. An item that is by itself too long gets a part of its own.
    public func fragments(maxBytes: Int = WPI.messageBytes) -> [WPIPhoneMessage] {
        if WPIPacker.surelyFits(items, in: maxBytes) { return [self] }
        var bare = self
        bare.items = [WPIPacker.probe]
        let envelopeBytes = WPI.encode(bare).count - WPIPacker.probeBytes
        let packer = WPIPacker(maxBytes: maxBytes, envelopeBytes: envelopeBytes, maxItems: nil)
        var parts = packer.pack(items.map { [$0] }, withStatus: true).map { items in
            var part = bare
            part.items = items
            part.hasMoreFragments = true
            return part
        }
        parts[parts.count - 1].hasMoreFragments = hasMoreFragments
        return parts
    }
}

extension WPIServerMessage {
    /// The messages in which a server sends this one, so that none is too long or has too many items.
    ///
    /// Nothing marks them as parts: the phone answers each one. Items of which `isTogether` says so of every two
    /// neighbours stay in one message, also when that is then too long. All have the nonce of this message: who sends
    /// them gives each the nonce that it answers.
    public func parts(
        maxBytes: Int = WPI.messageBytes, maxItems: Int? = nil,
        isTogether: (ItemKey, ItemKey) -> Bool = WPI.isTogether
    ) -> [WPIServerMessage] {
        if items.count <= maxItems ?? .max, WPIPacker.surelyFits(items, in: maxBytes) { return [self] }
        var bare = self
        bare.items = [WPIPacker.probe]
        let envelopeBytes = WPI.encode(bare).count - WPIPacker.probeBytes
        var units: [[Item]] = []
        for item in items {
            if let last = units.last?.last, isTogether(last.key, item.key) {
                units[units.count - 1].append(item)
            } else {
                units.append([item])
            }
        }
        let packer = WPIPacker(maxBytes: maxBytes, envelopeBytes: envelopeBytes, maxItems: maxItems)
        return packer.pack(units, withStatus: false).map { items in
            WPIServerMessage(nonce: nonce, action: action, items: items)
        }
    }
}

extension WPI {
    /// Whether two items that follow one another must stay in one message as far as the protocol itself says.
    ///
    /// These are items of one instance (a key with its label, a pair of codes) and those that bring a phone into secure mode.
    /// What the catalogue calls a dependent group is the driver's matter, which puts such items next to each other.
    public static func isTogether(_ left: ItemKey, _ right: ItemKey) -> Bool {
        if let index = left.index, index == right.index { return true }
        return WPIItem.bootstrap.contains(left.name) && WPIItem.bootstrap.contains(right.name)
    }
}

/// Hands items out to messages of limited size.
struct WPIPacker {
    /// An item of known length, to measure a message with a list around it.
    static let probe = Item(ItemKey(""))
    static let probeBytes = #"<Item name=""/>"#.utf8.count

    let maxBytes: Int
    /// The bytes of a message and its list without items.
    let envelopeBytes: Int
    let maxItems: Int?

    /// Whether items fit even if every byte of theirs had to be written as a reference, which saves measuring most messages.
    static func surelyFits(_ items: [Item], in maxBytes: Int) -> Bool {
        var bytes = 1024
        for item in items { bytes += 64 + item.key.name.utf8.count + 6 * (item.value?.utf8.count ?? 0) }
        return bytes <= maxBytes
    }

    /// The items of the messages in order, at least one; a unit is never divided.
    func pack(_ units: [[Item]], withStatus: Bool) -> [[Item]] {
        var messages: [[Item]] = []
        var message: [Item] = []
        var bytes = envelopeBytes
        var writer = XMLWriter(capacity: maxBytes)
        for unit in units {
            let before = writer.bytes.count
            for item in unit { WPIEncoder.encode(item, withStatus: withStatus, to: &writer) }
            let added = writer.bytes.count - before
            let isFull = bytes + added > maxBytes || message.count + unit.count > maxItems ?? .max
            if isFull, !message.isEmpty {
                messages.append(message)
                message = []
                bytes = envelopeBytes
            }
            message += unit
            bytes += added
        }
        messages.append(message)
        return messages
    }
}
