/// What a phone has of a kind of file.
public enum FileHolding: Hashable, Sendable, Codable {
    /// Nobody asked, or the phone gave no answer that settles it.
    case unknown
    /// The phone has none: built-in key material, or a telephony client that authenticates nobody.
    case none
    case holds(FileFacts)
    /// Something that the tool cannot read, or that the phone does not give back; with the SHA-256 of the content.
    case unreadable(sha256: String)
    /// A file of which only this is known: its name, or the version of software.
    case named(String)

    /// What is known of the content; nil when there is none or it cannot be read.
    public var facts: FileFacts? {
        if case .holds(let facts) = self { facts } else { nil }
    }
}

/// What a phone had and has of one file, as far as the run could tell.
public struct FileResult: Hashable, Sendable, Codable {
    public var kind: FileKind
    /// Of a file of which a phone may have several of the kind.
    public var name: String?
    /// Before the run changed anything.
    public var before: FileHolding
    /// When the work on the phone ended; `.unknown` when that could not be settled.
    public var now: FileHolding
    /// Whether the change was made and taken back, because the phone could not be reached or used after it.
    public var isRolledBack: Bool

    public init(
        kind: FileKind, name: String? = nil, before: FileHolding, now: FileHolding, isRolledBack: Bool = false
    ) {
        self.kind = kind
        self.name = name
        self.before = before
        self.now = now
        self.isRolledBack = isRolledBack
    }

    public var id: FileID { FileID(kind, name: name) }
}
