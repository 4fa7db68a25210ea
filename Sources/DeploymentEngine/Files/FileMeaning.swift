import DeploymentModel
import TLSMaterial

/// What the content of a file means, whatever its bytes.
///
/// Two files are the same when key and chain, or the set, are the same.
enum FileMeaning: Sendable {
    case material(KeyMaterial)
    case trusted(TrustedCertificates)

    /// - Parameter content: an unencrypted PKCS#12 file, as phones take and give it.
    init(_ kind: FileKind, _ content: [UInt8]) throws(MaterialError) {
        let contents = try PKCS12.decodeUnencrypted(content)
        if kind == .serverKeyMaterial {
            self = .material(try KeyMaterial(pkcs12: contents))
        } else {
            self = .trusted(try TrustedCertificates(pkcs12: contents))
        }
    }

    func isSame(as other: FileMeaning) -> Bool {
        switch (self, other) {
        case (.material(let own), .material(let other)): (try? own.isSame(as: other)) ?? false
        case (.trusted(let own), .trusted(let other)): own == other
        default: false
        }
    }

    var facts: FileFacts? {
        switch self {
        case .material(let material): try? FileFacts(material)
        case .trusted(let set): FileFacts(set)
        }
    }
}

/// The content that a phone shall have, opened and understood.
struct FileContent: Sendable {
    let bytes: [UInt8]
    let meaning: FileMeaning
    let facts: FileFacts

    /// - Throws: ``Fault`` with `input.secret` or the code of what is wrong with the content.
    init(_ kind: FileKind, _ secret: SecretText, subject: String) throws(Fault) {
        guard let bytes = secret.fileContent else {
            throw Fault(.inputSecret, subject: subject, detail: "the sealed content is no file")
        }
        self.bytes = bytes
        do throws(MaterialError) {
            meaning = try FileMeaning(kind, bytes)
        } catch {
            throw Fault(StatusCode("material.damaged"), subject: subject, detail: error.detail)
        }
        guard let facts = meaning.facts else {
            throw Fault(StatusCode("material.damaged"), subject: subject, detail: "a certificate cannot be read")
        }
        self.facts = facts
    }
}

/// What was seen of one kind of file on a phone.
struct SeenFile: Sendable {
    /// nil when the phone has none or does not give it back.
    var content: [UInt8]?
    var meaning: FileMeaning?
    var holding: FileHolding

    static let none = SeenFile(content: nil, meaning: nil, holding: .none)

    /// What the phone gave back.
    ///
    /// - Parameter wanted: a content of the same kind whose meaning is known; the same bytes mean the same.
    init(_ kind: FileKind, content: [UInt8], wanted: FileContent? = nil) {
        self.content = content
        if let wanted, wanted.bytes == content {
            meaning = wanted.meaning
            holding = .holds(wanted.facts)
            return
        }
        meaning = try? FileMeaning(kind, content)
        holding = meaning?.facts.map(FileHolding.holds) ?? .unreadable(sha256: Fingerprint(of: content).text)
    }

    /// A file that the phone has and does not give back.
    init(withheld sha256: String) {
        holding = .unreadable(sha256: sha256)
    }

    private init(content: [UInt8]?, meaning: FileMeaning?, holding: FileHolding) {
        self.content = content
        self.meaning = meaning
        self.holding = holding
    }

    /// Whether it is the wanted content, or none where none is wanted.
    ///
    /// A file that the phone does not give back is the wanted one when the phone names the SHA-256 of its bytes.
    func isSame(as wanted: FileContent?) -> Bool {
        guard let wanted else { return holding == .none }
        if let meaning { return meaning.isSame(as: wanted.meaning) }
        return holding == .unreadable(sha256: Fingerprint(of: wanted.bytes).text)
    }
}
