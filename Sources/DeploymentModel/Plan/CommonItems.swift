/// Finds the items that many phones have alike, so that a plan for thousands of phones holds them once.
struct CommonItems {
    private var known: [[WantedItem]: [WantedItem]] = [:]

    /// Parts the items of a phone into those that others are likely to have too and its own; both keep their order.
    mutating func share(_ wanted: [WantedItem], of device: Device) -> (common: [WantedItem], own: [WantedItem]) {
        let marks = [device.number?.rawValue, device.mac?.description, device.address].compactMap(\.self)
        var own: [WantedItem] = []
        var common: [WantedItem] = []
        common.reserveCapacity(wanted.count)
        for item in wanted {
            if Self.isOwn(item, marks: marks) { own.append(item) } else { common.append(item) }
        }
        if let shared = known[common] { return (shared, own) }
        known[common] = common
        return (common, own)
    }

    private static func isOwn(_ item: WantedItem, marks: [String]) -> Bool {
        guard case .plain(let text) = item.value else { return true }
        switch item.origin {
        case nil, .device: return true
        case .type, .site, .group: return marks.contains { text.contains($0) }
        }
    }
}
