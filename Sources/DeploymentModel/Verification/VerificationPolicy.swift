/// One rule by which a read-back is judged.
///
/// A policy judges what was collected and collects nothing itself. A new rule is a new type in ``Verification/standard``.
public protocol VerificationPolicy: Sendable {
    /// Everything that the rule objects to; empty when it has no objection.
    func findings(in readBack: ReadBack) -> [Finding]
}

/// One objection against a read-back.
public struct Finding: Hashable, Sendable {
    /// nil when the objection is to the phone as a whole.
    public var key: ItemKey?
    public var fault: Fault

    public init(key: ItemKey?, fault: Fault) {
        self.key = key
        self.fault = fault
    }
}

/// The proof that a phone was read and found to be as wanted.
///
/// Only ``Verification`` makes one.
public struct ReadBackProof: Hashable, Sendable {
    /// Number of items that were judged.
    public let items: Int

    init(items: Int) {
        self.items = items
    }
}

/// The judgement on one phone.
public enum Verdict: Hashable, Sendable {
    case proven(ReadBackProof)
    /// Never empty.
    case refuted([Finding])
}

/// Judges a read-back by a list of policies; what no policy objects to is proven.
public struct Verification: Sendable {
    public let policies: [any VerificationPolicy]

    public init(policies: [any VerificationPolicy]) {
        self.policies = policies
    }

    /// All rules of the product.
    ///
    /// Refused items come first, so that a refusal is named before the mismatch it causes.
    public static let standard = Verification(policies: [
        IdentityAsPlanned(), ItemsAccepted(), ItemsPresent(), ValuesAsWanted(), SecretsAccepted(),
    ])

    /// The verdict; of an item only the first objection is kept.
    public func judge(_ readBack: ReadBack) -> Verdict {
        var findings: [Finding] = []
        var named: Set<ItemKey?> = []
        for policy in policies {
            for finding in policy.findings(in: readBack) where named.insert(finding.key).inserted {
                findings.append(finding)
            }
        }
        return findings.isEmpty ? .proven(ReadBackProof(items: readBack.wanted.count)) : .refuted(findings)
    }
}
