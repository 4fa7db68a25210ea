/// What the journal keeps of a step that is about a file.
///
/// Holds no secret.
public struct FileStep: Hashable, Sendable, Codable {
    public var kind: FileKind
    /// Of a file of which a phone may have several of the kind; always nil in what older versions kept.
    public var name: String?
    /// What the phone had before this run changed it.
    public var before: FileHolding
    /// What the phone has after the step, or shall have.
    public var after: FileHolding
    /// Where the content that the phone had is sealed; nil when it had none or did not give it back.
    public var kept: SecretReference?
    /// Whether the phone's telephony client was registered before; nil when it was not asked.
    public var wasRegistered: Bool?

    public init(
        kind: FileKind, name: String? = nil, before: FileHolding, after: FileHolding, kept: SecretReference? = nil,
        wasRegistered: Bool? = nil
    ) {
        self.kind = kind
        self.name = name
        self.before = before
        self.after = after
        self.kept = kept
        self.wasRegistered = wasRegistered
    }
}

/// What becomes true in the same commit as a journal entry.
public struct JournalKeeping: Hashable, Sendable {
    /// Secrets to be sealed with the run, under `sealed:run/RUN/...`; one that is there already is replaced.
    public var secrets: [SecretReference: SecretText]
    /// The trust profiles of the entry's device itself from now on, in the order in which they are tried; nil leaves them
    /// as they are, an empty list takes them away, so that those of a group, its type or all are valid again.
    public var trust: [String]?

    public init(secrets: [SecretReference: SecretText] = [:], trust: [String]? = nil) {
        self.secrets = secrets
        self.trust = trust
    }
}
