/// Every secret was taken by the phone, in this run or before; a secret cannot be read, so acceptance is its only proof.
public struct SecretsAccepted: VerificationPolicy {
    public init() {}

    public func findings(in readBack: ReadBack) -> [Finding] {
        readBack.wanted.compactMap { item in
            guard item.isSecret, !item.isKnownAccepted, !readBack.acceptedSecrets.contains(item.key) else { return nil }
            return Finding(
                key: item.key,
                fault: Fault(
                    .verifyMismatch, subject: item.key.description,
                    detail: "a secret that the phone is not known to have taken"))
        }
    }
}
