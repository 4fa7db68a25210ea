import DeploymentModel

/// Parts items into messages of limited length.
enum MessagePacking {
    /// Keeps the order in which items or their groups first appear; a dependent group (of one index) stays in one message.
    ///
    /// A group that is longer than the limit gets a message of its own: only the phone can say whether it takes it.
    static func pack(_ items: [ItemToWrite], limit: Int) -> [[Item]] {
        if items.count <= limit { return items.isEmpty ? [] : [items.map(\.item)] }
        var messages: [[Item]] = []
        var message: [Item] = []
        for unit in units(of: items) {
            if !message.isEmpty, message.count + unit.count > limit {
                messages.append(message)
                message = []
            }
            message += unit
        }
        if !message.isEmpty { messages.append(message) }
        return messages
    }

    private struct GroupID: Hashable {
        var name: String
        var index: Int?
    }

    private static func units(of items: [ItemToWrite]) -> [[Item]] {
        var units: [[Item]] = []
        var places: [GroupID: Int] = [:]
        for entry in items {
            guard let name = entry.dependentGroup else {
                units.append([entry.item])
                continue
            }
            let group = GroupID(name: name, index: entry.item.key.index)
            if let place = places[group] {
                units[place].append(entry.item)
            } else {
                places[group] = units.count
                units.append([entry.item])
            }
        }
        return units
    }
}
