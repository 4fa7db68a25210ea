/// Finds the items that many phones have alike, so that a plan for thousands of phones holds them once.
struct CommonItems {
    private var known: [[WantedItem]: [WantedItem]] = [:]

    /// Parts the items of a phone into those that others are likely to have too and its own; both keep their order.
    mutating func share(_ wanted: [WantedItem], of device: Device) -> (common: [WantedItem], own: [WantedItem]) {
        let marks = [device.number?.rawValue, device.mac?.description, device.address].compactMap {
            $0.map { Array($0.utf8) }
        }
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

    private static func isOwn(_ item: WantedItem, marks: [[UInt8]]) -> Bool {
        guard case .plain(let text) = item.value else { return true }
        switch item.origin {
        case nil, .device: return true
        case .type, .site, .group:
            var text = text
            return text.withUTF8 { bytes in marks.contains { Self.isPart($0, of: bytes) } }
        }
    }

    /// Byte by byte, because thousands of phones times hundreds of items are asked.
    private static func isPart(_ mark: [UInt8], of text: UnsafeBufferPointer<UInt8>) -> Bool {
        guard let first = mark.first, mark.count <= text.count else { return mark.isEmpty }
        for start in 0...(text.count - mark.count) where text[start] == first {
            if text[start..<start + mark.count].elementsEqual(mark) { return true }
        }
        return false
    }
}
