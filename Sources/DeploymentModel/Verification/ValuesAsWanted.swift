/// Every value that was read is the wanted one, compared by the kind of the item.
public struct ValuesAsWanted: VerificationPolicy {
    public init() {}

    public func findings(in readBack: ReadBack) -> [Finding] {
        zip(readBack.wanted, readBack.answers).compactMap { item, answer in
            guard case .plain(let wanted) = item.value, let read = answer?.value,
                !readBack.kinds.isEqual(wanted, read, for: item.key.name)
            else { return nil }
            let detail = "wanted '\(Self.short(wanted))', the phone has '\(Self.short(read))'"
            return Finding(
                key: item.key, fault: Fault(.verifyMismatch, subject: item.key.description, detail: detail))
        }
    }

    /// Keeps a long value from flooding a message.
    private static func short(_ text: String) -> String {
        text.count <= 60 ? text : text.prefix(59) + "…"
    }
}
