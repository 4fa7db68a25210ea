/// Which file of a phone is meant: it has one of each kind of key material and of software, and any number of other files
/// of a kind, which their names tell apart.
public struct FileID: Hashable, Sendable {
    public var kind: FileKind
    /// Under which name the phone keeps it; nil where it has one of the kind only.
    public var name: String?

    public init(_ kind: FileKind, name: String? = nil) {
        self.kind = kind
        self.name = name
    }
}

extension WantedFile {
    /// The file that is changed.
    public var id: FileID { FileID(kind, name: name) }

    /// The name of a file of which a phone may have several of the kind; nil for all others.
    public var name: String? {
        guard case .fetch(let fetch) = change, fetch.version == nil else { return nil }
        return fetch.name
    }
}

extension [WantedFile] {
    /// The file that a step is about; one that was kept without a name is about the only file of its kind.
    public func id(of step: FileStep) -> FileID {
        let known = step.name == nil ? first { $0.kind == step.kind } : nil
        return known?.id ?? FileID(step.kind, name: step.name)
    }
}
