import DeploymentModel
import ManagementXML

/// What a phone makes of the items of one message before it takes any: which it takes, and why it refuses the others.
struct WriteJudgement {
    /// The slot of each item, or -1 for a refused one.
    private(set) var slots: [Int] = []
    /// The refused items, each with its status.
    private(set) var refused: [Item] = []
    private let items: [Item]
    private let phone: PhoneBehaviour

    init(_ items: [Item], of phone: PhoneBehaviour) {
        self.items = items
        self.phone = phone
        slots.reserveCapacity(items.count)
        var seen = SlotSet(count: phone.model.slots.count)
        var brokenGroups: [GroupKey] = []
        for (position, item) in items.enumerated() {
            switch verdict(on: item, isFirst: position == 0, seen: &seen) {
            case .success(let slot): slots.append(slot)
            case .failure(let refusal):
                slots.append(-1)
                refuse(position, refusal.status, &brokenGroups)
            }
        }
        // What is refused may have been another item's condition or a member of its group.
        repeat {
            for group in brokenGroups { refuseMembers(of: group) }
            brokenGroups = []
        } while refuseDenied(&brokenGroups)
    }

    private mutating func refuse(_ position: Int, _ status: ItemStatus, _ brokenGroups: inout [GroupKey]) {
        slots[position] = -1
        refused.append(Item(items[position].key, status: status))
        if let group = group(of: items[position].key) { brokenGroups.append(group) }
    }

    // MARK: One item by itself

    private func verdict(on item: Item, isFirst: Bool, seen: inout SlotSet) -> Result<Int, SlotRefusal> {
        switch phone.model.slot(of: item.key) {
        case .failure(let refusal): return .failure(refusal)
        case .success(let slot):
            if let status = refusal(of: item, slot: slot, isFirst: isFirst) {
                return .failure(SlotRefusal(status: status))
            }
            return seen.insert(slot) ? .success(slot) : .failure(SlotRefusal(status: .unexpectedItem))
        }
    }

    private func refusal(of item: Item, slot: Int, isFirst: Bool) -> ItemStatus? {
        if phone.model.slots[slot].isReadOnly { return .readOnly }
        guard let value = item.value, item.status == nil else { return .invalidData }
        for fault in phone.faults where fault.rejects(item.key, isFirst: isFirst) { return .invalidData }
        return ItemRule.allows(value, in: phone.model.slots[slot]) ? nil : .invalidData
    }

    // MARK: Groups

    private func group(of key: ItemKey) -> GroupKey? {
        guard case .success(let slot) = phone.model.slot(of: key), let name = phone.model.slots[slot].dependentGroup
        else { return nil }
        return GroupKey(name: name, index: key.index)
    }

    private mutating func refuseMembers(of broken: GroupKey) {
        for (position, item) in items.enumerated() where slots[position] >= 0 && group(of: item.key) == broken {
            slots[position] = -1
            refused.append(Item(item.key, status: .failed))
        }
    }

    // MARK: Conditions

    /// Refuses the items that would not count with the values that the phone has after this message.
    ///
    /// To be told what it has already is no reason for a phone to complain. Returns whether it refused any.
    private mutating func refuseDenied(_ brokenGroups: inout [GroupKey]) -> Bool {
        guard slots.contains(where: { $0 >= 0 && phone.model.slots[$0].condition != nil }) else { return false }
        let refusedBefore = refused.count
        var coming: [Int: String] = [:]
        for (position, item) in items.enumerated() where slots[position] >= 0 {
            coming[slots[position]] = item.value ?? ""
        }
        for (position, item) in items.enumerated() where slots[position] >= 0 {
            let slot = slots[position]
            guard let condition = phone.model.slots[slot].condition,
                !condition.values.contains(coming[condition.slot] ?? phone.value(in: condition.slot)),
                phone.value(in: slot) != item.value
            else { continue }
            refuse(position, .unexpectedItem, &brokenGroups)
        }
        return refused.count > refusedBefore
    }
}

private struct GroupKey: Equatable {
    var name: String
    var index: Int?
}

/// Which slots were named already in one message.
private struct SlotSet {
    private var words: [UInt64]

    init(count: Int) {
        words = Array(repeating: 0, count: count / 64 + 1)
    }

    /// Whether the slot is new.
    mutating func insert(_ slot: Int) -> Bool {
        let bit: UInt64 = 1 << UInt64(slot & 63)
        guard words[slot >> 6] & bit == 0 else { return false }
        words[slot >> 6] |= bit
        return true
    }
}
