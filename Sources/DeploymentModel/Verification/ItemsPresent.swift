/// The phone gave a value for every item that can be read; a status in its place is an objection.
public struct ItemsPresent: VerificationPolicy {
    public init() {}

    public func findings(in readBack: ReadBack) -> [Finding] {
        zip(readBack.wanted, readBack.answers).compactMap { item, answer in
            guard !item.isSecret, answer?.value == nil else { return nil }
            let seen = answer?.status.map { "read gives '\($0.rawValue)'" } ?? "the phone gives no value"
            return Finding(
                key: item.key, fault: Fault(.verifyMismatch, subject: item.key.description, detail: seen))
        }
    }
}
