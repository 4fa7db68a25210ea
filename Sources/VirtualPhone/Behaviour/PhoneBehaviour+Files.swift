public import DeploymentModel
import ManagementXML

// Files: server key material, client trusted certificates, and files to be fetched.
extension PhoneBehaviour {
    /// The kinds that are transferred over the management interface itself; all others are fetched.
    private static let transferable: [FileKind] = [.serverKeyMaterial, .clientTrustedCertificates]

    /// The file of a kind that the phone holds.
    public func file(_ kind: FileKind) -> StoredFile? {
        state.files.first { $0.kind == kind }
    }

    mutating func store(
        _ content: [UInt8], as kind: FileKind, _ action: ManagementAction
    ) -> (ManagementReply, PhoneOutcome.Effects) {
        guard takes(kind) else { return (.failed(action, Self.unknownKind), []) }
        guard content.count <= model.type.limits.fileBytes else {
            return (.failed(action, "file of more than \(model.type.limits.fileBytes) bytes"), [])
        }
        guard DERShape.isOneSequence(content) else { return (.failed(action, "not a PKCS#12 file"), []) }
        if !spent.contains(.power), faults.contains(.losesPower) {
            spent.insert(.power)
            state.bootCount += 1
            return (.accepted(action), [.save, .restart, .loseAnswer])
        }
        let file = StoredFile(kind: kind, content: content)
        state.files.removeAll { $0.kind == kind }
        state.files.append(file)
        state.files.sort { $0.kind.rawValue < $1.kind.rawValue }
        var reply = ManagementReply.accepted(action)
        reply.files = [file.held(withContent: false)]
        return (reply, effects(ofChanging: kind))
    }

    func readFile(_ kind: FileKind, _ action: ManagementAction) -> ManagementReply {
        guard takes(kind) else { return .failed(action, Self.unknownKind) }
        guard let file = file(kind) else { return .failed(action, Self.noFile) }
        var reply = ManagementReply.accepted(action)
        reply.files = [file.held(withContent: true)]
        return reply
    }

    mutating func delete(
        _ kind: FileKind, _ action: ManagementAction
    ) -> (ManagementReply, PhoneOutcome.Effects) {
        guard takes(kind) else { return (.failed(action, Self.unknownKind), []) }
        guard file(kind) != nil else { return (.failed(action, Self.noFile), []) }
        state.files.removeAll { $0.kind == kind }
        return (.accepted(action), effects(ofChanging: kind))
    }

    private func effects(ofChanging kind: FileKind) -> PhoneOutcome.Effects {
        kind == .clientTrustedCertificates ? [.save, .telephonyChanged] : .save
    }

    func fetch(_ action: ManagementAction) -> (ManagementReply, PhoneOutcome.Effects) {
        (.failed(action, "fetching files is not supported"), [])
    }

    private func takes(_ kind: FileKind) -> Bool {
        Self.transferable.contains(kind) && model.type.fileKinds.contains(kind)
    }

    private static let unknownKind = "file kind not supported"
    private static let noFile = "no file of this kind"
}

/// The outermost shape of DER, enough to tell a PKCS#12 file from something else.
enum DERShape {
    /// Whether the bytes are one SEQUENCE with nothing behind it (ITU-T X.690; the indefinite form of BER is taken too).
    static func isOneSequence(_ bytes: [UInt8]) -> Bool {
        guard bytes.count >= 2, bytes[0] == 0x30 else { return false }
        let first = bytes[1]
        if first == 0x80 { return bytes.count >= 4 && bytes.suffix(2) == [0, 0] }
        if first < 0x80 { return bytes.count == 2 + Int(first) }
        let count = Int(first & 0x7F)
        guard count <= 4, bytes.count >= 2 + count else { return false }
        let length = bytes[2..<(2 + count)].reduce(0) { $0 << 8 | Int($1) }
        return bytes.count == 2 + count + length
    }
}
