/// What was found of one file when the work on it was done: the ground on which it is judged.
public struct FileReadBack: Sendable {
    public var wanted: WantedFile
    /// What the phone has by its own words.
    public var holding: FileHolding
    /// Whether what the phone gave back means the same as what is wanted, key and chain or set; a file that the phone
    /// does not give back counts by the SHA-256 of its content.
    public var isAsWanted: Bool
    /// What a connection showed that was made after the change, under the coming trust profiles only; nil when there was
    /// none.
    public var handshake: PeerEvidence?

    public init(wanted: WantedFile, holding: FileHolding, isAsWanted: Bool, handshake: PeerEvidence? = nil) {
        self.wanted = wanted
        self.holding = holding
        self.isAsWanted = isAsWanted
        self.handshake = handshake
    }

    /// The first objection against the file.
    public var finding: Finding? {
        let key = ItemKey(wanted.kind.rawValue)
        guard wanted.change != .read else { return nil }
        guard isAsWanted else {
            return Finding(key: key, fault: Fault(.verifyMismatch, subject: wanted.kind.rawValue, detail: difference))
        }
        guard wanted.kind == .serverKeyMaterial else { return nil }
        guard let handshake, handshake.isAuthenticated else {
            return Finding(
                key: key, fault: Fault(.materialNotUsed, subject: wanted.kind.rawValue, detail: "no new connection"))
        }
        guard let facts = wanted.facts, facts.fingerprint != handshake.certificateFingerprint else { return nil }
        let seen = handshake.certificateFingerprint ?? "none"
        return Finding(
            key: key,
            fault: Fault(.materialNotUsed, subject: wanted.kind.rawValue, detail: "it presents \(seen)"))
    }

    private var difference: String {
        var wants = wanted.facts.map { "wanted \($0.fingerprint)" } ?? "wanted none"
        if case .fetch(let fetch) = wanted.change, !fetch.isDeletion { wants = "wanted \(fetch.label)" }
        switch holding {
        case .unknown: return "\(wants), not known what the phone has"
        case .none: return "\(wants), the phone has none"
        case .holds(let facts) where facts.fingerprint == wanted.facts?.fingerprint:
            return "the phone has another key or chain with the same certificate"
        case .holds(let facts): return "\(wants), the phone has \(facts.fingerprint)"
        case .named(let name): return "\(wants), the phone has \(name)"
        case .unreadable(let sha256): return "\(wants), the phone has a file with the SHA-256 \(sha256)"
        }
    }
}

extension Verification {
    /// The verdict on items and files together.
    public func judge(_ readBack: ReadBack, files: [FileReadBack]) -> Verdict {
        let objections = files.compactMap(\.finding)
        switch judge(readBack) {
        case .proven(let proof): return objections.isEmpty ? .proven(proof) : .refuted(objections)
        case .refuted(let findings): return .refuted(findings + objections)
        }
    }
}
