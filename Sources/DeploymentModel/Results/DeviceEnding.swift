/// How the work on one phone ended, before it is written down as a result.
///
/// The outcomes that claim a proof can be reached only with a ``ReadBackProof``, which only verification makes.
public enum DeviceEnding: Hashable, Sendable {
    /// Read and found as wanted; `written` tells whether this run had to write.
    case proven(ReadBackProof, written: Bool)
    case refuted([Finding])
    /// Compared, and some items are not as wanted.
    case differs([Finding])
    case failed(Fault)
    case stopped(Fault)
    case skipped(Fault)

    public var outcome: DeviceOutcome {
        switch self {
        case .proven(_, let written): written ? .verified : .unchanged
        case .refuted(let findings):
            findings.allSatisfy { $0.fault.code == .verifyMismatch } ? .differs : .failed
        case .differs: .differs
        case .failed: .failed
        case .stopped: .stopped
        case .skipped: .skipped
        }
    }

    /// Why, for every outcome that is not proven: of several findings the first, with the number of the others.
    public var fault: Fault? {
        switch self {
        case .proven: nil
        case .refuted(let findings), .differs(let findings): Self.summary(of: findings)
        case .failed(let fault), .stopped(let fault), .skipped(let fault): fault
        }
    }

    private static func summary(of findings: [Finding]) -> Fault? {
        guard var fault = findings.first?.fault else { return nil }
        if findings.count > 1 {
            fault.detail = (fault.detail.map { "\($0), " } ?? "") + "and \(findings.count - 1) more"
        }
        return fault
    }
}
