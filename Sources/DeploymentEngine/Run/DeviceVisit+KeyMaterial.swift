import DeploymentModel
import ManagementXML
import PhoneTransport

/// Server key material, changed so that the phone can be reached at every moment by a profile that the tool trusts.
///
/// Both profiles are in the trust list from before the change is sent until a new connection was made under the coming
/// one alone; the session over which it was sent stays open until then, as the way back.
extension DeviceVisit {
    mutating func changeKeyMaterial(_ file: WantedFile) async throws -> FileReadBack {
        try await finishWayBack(of: file)
        let content = try await content(of: file)
        var found = try await look(at: file.kind, wanted: content)
        if !found.isSame(as: content) {
            try await change(file, content, replacing: found)
            found = try await look(at: file.kind, wanted: content)
            guard found.isSame(as: content) else {
                throw try await goBack(file, because: mismatch(file, found))
            }
        }
        let evidence: PeerEvidence
        switch try await newHandshake(of: file, content) {
        case .success(let shown): evidence = shown
        case .failure(let fault):
            guard state.files[file.id]?.isSent == true else { throw fault }
            throw try await goBack(file, because: fault)
        }
        return try await settle(file, content, found, evidence)
    }

    func mismatch(_ file: WantedFile, _ found: SeenFile) -> Fault {
        let finding = FileReadBack(wanted: file, holding: found.holding, isAsWanted: false).finding
        return finding?.fault ?? Fault(.verifyMismatch, subject: file.kind.rawValue)
    }

    /// Checks the content once more and sends the change; a phone that refuses it is proven to be as it was.
    mutating func change(
        _ file: WantedFile, _ content: FileContent?, replacing found: SeenFile, wasRegistered: Bool? = nil
    ) async throws {
        if let content { try check(content, of: file) }
        do {
            try await send(file, content, replacing: found, wasRegistered: wasRegistered)
        } catch let fault as Fault where fault.code == .phoneActionFailed {
            throw try await goBack(file, because: fault)
        }
    }

    /// Throws what speaks against sending a content.
    func check(_ content: FileContent, of file: WantedFile) throws(Fault) {
        guard let facts = file.facts else { return }
        do throws(Fault) {
            try FileCheck.check(content, facts, context.profiles(comingTrust(of: file), for: plan), at: context.date)
        } catch {
            throw Fault(error.code, subject: plan.address, detail: error.detail)
        }
    }

    /// Everything is proven: the coming profiles alone are trusted from now on.
    private mutating func settle(
        _ file: WantedFile, _ content: FileContent?, _ found: SeenFile, _ evidence: PeerEvidence
    ) async throws -> FileReadBack {
        let trust = file.newTrust.isEmpty || file.newTrust == plan.trust ? nil : file.newTrust
        if state.files[file.id]?.isSent == true || trust != nil {
            try await record(
                entry(.proveHandshake, .outcome, file, content), keeping: JournalKeeping(trust: trust))
        }
        if state.files[file.id]?.isSent == false { state.files[file.id]?.before = found.holding }
        let proof = FileReadBack(
            wanted: file, holding: found.holding, isAsWanted: true, handshake: evidence)
        state.files[file.id]?.proof = proof
        return proof
    }

    /// Under which profiles the phone is met once the change is made.
    func comingTrust(of file: WantedFile) -> [String] {
        file.newTrust.isEmpty ? plan.trust : file.newTrust
    }
}
