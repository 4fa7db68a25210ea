/// What would have to change on a phone, as a pure comparison of wanted and read values.
public enum Difference {
    /// The items that are not as wanted, in the order of `wanted`; secrets stand masked.
    ///
    /// A secret is never read, so it counts as a change unless the phone is known to have taken it.
    ///
    /// - Parameters:
    ///   - read: the phone's answer, in any order.
    ///   - accepted: secrets that the phone took in this run.
    public static func changes(
        wanted: [WantedItem], read: [Item], kinds: ValueKinds, accepted: Set<ItemKey> = []
    ) -> [ItemChange] {
        let answers = ItemAlignment.align(read, to: wanted)
        var changes: [ItemChange] = []
        for (item, answer) in zip(wanted, answers) {
            switch item.value {
            case .secret:
                guard !item.isKnownAccepted, !accepted.contains(item.key) else { continue }
                changes.append(ItemChange(key: item.key, before: nil, after: SecretText.mask))
            case .plain(let after):
                if let before = answer?.value, kinds.isEqual(after, before, for: item.key.name) { continue }
                changes.append(
                    ItemChange(key: item.key, before: answer?.value, after: after, status: answer?.status))
            }
        }
        return changes
    }
}
