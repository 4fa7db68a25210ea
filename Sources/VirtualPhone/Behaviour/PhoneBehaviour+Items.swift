public import DeploymentModel
import ManagementXML

// Reading and writing items.
extension PhoneBehaviour {
    /// The value of an item as the phone has it, secrets included; nil when the phone has no such item.
    public func value(of key: ItemKey) -> String? {
        guard case .success(let slot) = model.slot(of: key) else { return nil }
        return value(in: slot)
    }

    /// The values that differ from the factory's, secrets included.
    public var changedItems: [Item] {
        zip(state.changed.slots, state.changed.values).map { Item(model.slots[Int($0)].key, value: $1) }
    }

    func value(in slot: Int) -> String {
        if slot == model.macSlot { return state.mac.description }
        if slot == model.passwordSlot { return password }
        if slot == model.deviceTypeSlot, let other = faults.lazy.compactMap(\.deviceType).first { return other }
        return heldValue(in: slot) ?? state.changed[slot] ?? model.slots[slot].defaultValue
    }

    /// The values that follow from the files; nil for all other slots.
    private func heldValue(in slot: Int) -> String? {
        switch slot {
        case model.keyMaterialSlot: heldSummary(.serverKeyMaterial)
        case model.trustedCertificatesSlot: heldSummary(.clientTrustedCertificates)
        case model.serverCheckSlot: file(.clientTrustedCertificates) == nil ? "0" : "1"
        default: nil
        }
    }

    // MARK: Reading

    func read(
        _ keys: [ItemKey], _ action: ManagementAction, in conversation: inout PhoneConversation
    ) -> ManagementReply {
        guard keys.count <= model.type.limits.items else { return .failed(action, tooManyItems) }
        return firstPart(of: keys.map(answer), action, in: &conversation)
    }

    private func answer(_ key: ItemKey) -> Item {
        switch model.slot(of: key) {
        case .failure(let refusal): Item(key, status: refusal.status)
        case .success(let slot) where model.slots[slot].isSecret: Item(key, status: .failed)
        case .success(let slot): Item(key, value: value(in: slot))
        }
    }

    func readAll(_ action: ManagementAction, in conversation: inout PhoneConversation) -> ManagementReply {
        let items = model.slots.indices.lazy.filter { !model.slots[$0].isSecret }
            .map { Item(model.slots[$0].key, value: value(in: $0)) }
        return firstPart(of: Array(items), action, in: &conversation)
    }

    /// The answer itself when it is short, else its first part; the rest waits in the conversation.
    private func firstPart(
        of items: [Item], _ action: ManagementAction, in conversation: inout PhoneConversation
    ) -> ManagementReply {
        let reply = ManagementReply(action: action.name, status: .accepted, items: items)
        // Markup and escapes make up to six bytes of one and about sixty around each item.
        let size = items.reduce(0) { $0 + 60 + 6 * ($1.value?.utf8.count ?? 0) + $1.key.name.utf8.count }
        guard size > ManagementReply.usualFragmentBytes else {
            conversation.pending = []
            return reply
        }
        conversation.pending = reply.fragments().reversed()
        return conversation.pending.popLast() ?? reply
    }

    func nextFragment(in conversation: inout PhoneConversation) -> ManagementReply {
        conversation.pending.popLast() ?? .failed(.nextFragment, "no answer to continue")
    }

    private var tooManyItems: String { "more than \(model.type.limits.items) items in one message" }

    // MARK: Writing

    mutating func write(
        _ items: [Item], _ action: ManagementAction
    ) -> (ManagementReply, PhoneOutcome.Effects) {
        guard items.count <= model.type.limits.items else { return (.failed(action, tooManyItems), []) }
        let judged = WriteJudgement(items, of: self)
        var isChanged = false
        for (slot, item) in zip(judged.slots, items) where slot >= 0 && keeps(item.key) {
            isChanged = set(item.value ?? "", in: slot) || isChanged
        }
        let reply = ManagementReply(action: action.name, status: .accepted, items: judged.refused)
        guard restartsNow else { return (reply, isChanged ? [.save, .telephonyChanged] : []) }
        spent.insert(.restart)
        startAnew()
        return (reply, [.save, .restart, .loseAnswer])
    }

    private func keeps(_ key: ItemKey) -> Bool {
        !faults.contains { $0.forgets(key) }
    }

    /// Whether the value is another than before.
    mutating func set(_ value: String, in slot: Int) -> Bool {
        let isDefault = slot != model.passwordSlot && model.slots[slot].defaultValue == value
        let new: String? = isDefault ? nil : value
        guard state.changed[slot] != new else { return false }
        state.changed[slot] = new
        return true
    }

    private var restartsNow: Bool {
        !spent.contains(.restart) && faults.contains(.restartsOnWrite)
    }
}

extension PhoneBehaviour {
    /// Sets a value without any check, as somebody at the phone would; false when there is no such item.
    public mutating func force(_ value: String, for key: ItemKey) -> Bool {
        guard case .success(let slot) = model.slot(of: key) else { return false }
        _ = set(value, in: slot)
        return true
    }
}
