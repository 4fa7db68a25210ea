/// The phone refused no item.
public struct ItemsAccepted: VerificationPolicy {
    public init() {}

    public func findings(in readBack: ReadBack) -> [Finding] {
        guard !readBack.refused.isEmpty else { return [] }
        return readBack.wanted.compactMap { item in
            guard let status = readBack.refused[item.key] else { return nil }
            return Finding(
                key: item.key,
                fault: Fault(.phoneItemRejected, subject: item.key.description, detail: status.rawValue))
        }
    }
}
