public import DeploymentModel
import ManagementXML
import TLSMaterial

// Files: server key material, client trusted certificates, and files to be fetched.
extension PhoneBehaviour {
    /// The kinds that are transferred over the management interface itself; all others are fetched.
    static let transferable: [FileKind] = [.serverKeyMaterial, .clientTrustedCertificates]

    /// The file of a kind that the phone holds.
    public func file(_ kind: FileKind) -> StoredFile? {
        state.files.first { $0.kind == kind }
    }

    /// What the phone says of the files that it holds, for people: subject, fingerprint and last day of certificates.
    public func heldSummary(_ kind: FileKind) -> String {
        file(kind)?.summary ?? (kind == .serverKeyMaterial ? "built-in" : "none")
    }

    // MARK: Transfer

    mutating func store(
        _ content: [UInt8], as kind: FileKind, _ action: ManagementAction
    ) -> (ManagementReply, PhoneOutcome.Effects) {
        guard takes(kind) else { return (.failed(action, Self.unknownKind), []) }
        guard content.count <= model.type.limits.fileBytes else {
            return (.failed(action, "file of more than \(model.type.limits.fileBytes) bytes"), [])
        }
        if faults.contains(where: { $0.refuses(kind) }) { return (.failed(action, "the file is not taken"), []) }
        let file: StoredFile
        do throws(FileCheck.Refusal) { file = try StoredFile(kind: kind, content: content) } catch {
            return (.failed(action, error.reason), [])
        }
        if let keepsNew = powerLoss { return losePower(keeping: keepsNew ? file : nil, action) }
        var reply = ManagementReply.accepted(action)
        reply.files = [file.held(withContent: false)]
        if faults.contains(where: { $0.forgets(kind) }) { return (reply, []) }
        keep(file)
        return (reply, effects(ofChanging: kind))
    }

    private mutating func keep(_ file: StoredFile) {
        state.files.removeAll { $0.kind == file.kind }
        state.files.append(file)
        state.files.sort { $0.kind.rawValue < $1.kind.rawValue }
        if file.kind == .serverKeyMaterial { serveWhatIsHeld() }
    }

    /// Whether the power goes now, and then whether the new file is there afterwards.
    private var powerLoss: Bool? {
        spent.contains(.power) ? nil : faults.lazy.compactMap(\.keepsNewFile).first
    }

    private mutating func losePower(
        keeping file: StoredFile?, _ action: ManagementAction
    ) -> (ManagementReply, PhoneOutcome.Effects) {
        spent.insert(.power)
        if let file { keep(file) }
        startAnew()
        return (.accepted(action), [.save, .restart, .loseAnswer])
    }

    // MARK: Reading and deleting

    func readFile(_ kind: FileKind, _ action: ManagementAction) -> ManagementReply {
        guard takes(kind) else { return .failed(action, Self.unknownKind) }
        guard let file = file(kind) else { return .failed(action, Self.noFile) }
        var reply = ManagementReply.accepted(action)
        reply.files = [file.held(withContent: true, inOtherForm: faults.contains(.reencodesFiles))]
        return reply
    }

    mutating func delete(
        _ kind: FileKind, _ action: ManagementAction
    ) -> (ManagementReply, PhoneOutcome.Effects) {
        guard takes(kind) else { return (.failed(action, Self.unknownKind), []) }
        guard file(kind) != nil else { return (.failed(action, Self.noFile), []) }
        state.files.removeAll { $0.kind == kind }
        if kind == .serverKeyMaterial { serveWhatIsHeld() }
        return (.accepted(action), effects(ofChanging: kind))
    }

    private mutating func effects(ofChanging kind: FileKind) -> PhoneOutcome.Effects {
        var effects: PhoneOutcome.Effects = .save
        if kind == .clientTrustedCertificates { effects.insert(.telephonyChanged) }
        if faults.contains(.losesFileAnswer), !spent.contains(.answer) {
            spent.insert(.answer)
            effects.insert(.loseAnswer)
        }
        return effects
    }

    func fetch(_ action: ManagementAction) -> (ManagementReply, PhoneOutcome.Effects) {
        (.failed(action, "fetching files is not supported"), [])
    }

    private func takes(_ kind: FileKind) -> Bool {
        guard Self.transferable.contains(kind) else { return false }
        // Over WPI the key material is an item that every phone has.
        let isItem = kind == .serverKeyMaterial && model.type.managementProtocol == .wpi
        return isItem || model.type.fileKinds.contains(kind)
    }

    private static let unknownKind = "file kind not supported"
    private static let noFile = "no file of this kind"
}

extension StoredFile {
    /// - Parameter inOtherForm: the same file in BER with an indefinite length (ITU-T X.690 section 8.1.3.6), which
    ///   means the same and has other bytes.
    func held(withContent: Bool, inOtherForm: Bool = false) -> HeldFile {
        guard withContent, inOtherForm, let start = DERShape.contentStart(content) else {
            return HeldFile(
                kind: kind, fingerprint: fingerprint, size: content.count, content: withContent ? content : nil)
        }
        let other = [0x30, 0x80] + content[start...] + [0, 0]
        return HeldFile(
            kind: kind, fingerprint: Fingerprint(of: other).text, size: other.count, content: other)
    }
}

/// The outermost shape of DER.
enum DERShape {
    /// Where the content of one SEQUENCE of definite length begins, if the bytes are that and nothing else.
    static func contentStart(_ bytes: [UInt8]) -> Int? {
        guard bytes.count >= 2, bytes[0] == 0x30, bytes[1] != 0x80 else { return nil }
        let first = bytes[1]
        if first < 0x80 { return bytes.count == 2 + Int(first) ? 2 : nil }
        let count = Int(first & 0x7F)
        guard count <= 4, bytes.count >= 2 + count else { return nil }
        let length = bytes[2..<(2 + count)].reduce(0) { $0 << 8 | Int($1) }
        return bytes.count == 2 + count + length ? 2 + count : nil
    }
}
