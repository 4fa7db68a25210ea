import DeploymentModel
import ManagementXML
import PhoneTransport
import TLSMaterial

/// Files: what the phone has, what it shall have, and the proof that it does.
///
/// Every visit begins by asking the phone, so each step may be the first one after a crash.
extension DeviceVisit {
    /// The items first, if there are any, then the files in the order of the plan.
    mutating func workWithFiles() async throws -> DeviceEnding {
        var differing: [Finding] = []
        if context.plan.mode == .deploy { try await settleRestart() }
        if !wanted.isEmpty {
            let ending = context.plan.mode == .compare ? try await compare() : try await deploy()
            switch ending {
            case .proven: break
            case .differs(let findings): differing = findings
            default: return ending
            }
        }
        var (found, failures): ([FileReadBack], [Fault]) = ([], [])
        for file in plan.files {
            do {
                found.append(try await work(on: file))
            } catch let fault as Fault where fault.code == .verifyMismatch {
                return .refuted([Finding(key: ItemKey(file.kind.rawValue), fault: fault)])
            } catch let fault as Fault where file.name != nil && fault.isAboutOneFile {
                failures.append(fault)
            }
        }
        if let fault = Fault(ofFiles: failures) { throw fault }
        let identity = ReadBack.Identity(type: plan.type, mac: plan.mac)
        let verdict = context.services.verification.judge(
            ReadBack(wanted: [], read: [], planned: identity, seen: seen, kinds: rules.kinds), files: found)
        switch verdict {
        case .proven(let proof):
            return differing.isEmpty ? .proven(proof, written: state.hasWritten) : .differs(differing)
        case .refuted(let findings):
            return context.plan.mode == .compare ? .differs(differing + findings) : .refuted(findings)
        }
    }

    private mutating func work(on file: WantedFile) async throws -> FileReadBack {
        if let proof = state.files[file.id]?.proof { return proof }
        if state.files[file.id] == nil { state.files[file.id] = FileState() }
        if case .fetch(let wish) = file.change {
            if let failure = state.files[file.id]?.failure { throw failure }
            return context.plan.mode == .deploy ? try await fetch(file, wish) : try await compare(file, wish)
        }
        guard context.plan.mode == .deploy, file.change != .read else { return try await compare(file) }
        guard file.kind == .serverKeyMaterial else { return try await changeTrustedCertificates(file) }
        return isCalling ? try await changeWebCertificate(file) : try await changeKeyMaterial(file)
    }

    private mutating func compare(_ file: WantedFile) async throws -> FileReadBack {
        let found = try await look(at: file.kind)
        state.files[file.id]?.before = found.holding
        guard file.change != .read else {
            if let content = found.content { try context.services.received?(plan.device, file.kind, content) }
            return FileReadBack(wanted: file, holding: found.holding, isAsWanted: true)
        }
        let content = try await content(of: file)
        var handshake: PeerEvidence?
        if file.kind == .serverKeyMaterial, found.isSame(as: content) {
            if isCalling, let content {
                // Another certificate than the wanted one is no proof; none at all does not speak against it.
                do { handshake = try await webEvidence(of: content, tries: 1) ?? evidence(of: content) } catch is Fault
                {}
            } else {
                handshake = try? await newHandshake(of: file, content, tries: 1).get()
            }
        }
        return FileReadBack(
            wanted: file, holding: found.holding, isAsWanted: found.isSame(as: content), handshake: handshake)
    }

    /// The content that the phone shall have; nil when it shall have none.
    func content(of file: WantedFile) async throws -> FileContent? {
        guard case .transfer(let reference, _) = file.change else { return nil }
        return try FileContent(file.kind, try await context.reveal(reference), subject: plan.address)
    }
}

/// Looking at a file, and changing it.
extension DeviceVisit {
    /// Asks the phone for a file, with the password to which it answers.
    ///
    /// - Parameter wanted: the content that it shall have, if that is known.
    mutating func look(at kind: FileKind, wanted: FileContent? = nil) async throws -> SeenFile {
        guard currentPassword == nil else { return try await read(kind, wanted) }
        return try await usePassword { visit, password in
            visit.currentPassword = password
            do {
                return try await visit.read(kind, wanted)
            } catch {
                visit.currentPassword = nil
                throw error
            }
        }
    }

    private mutating func read(_ kind: FileKind, _ wanted: FileContent?) async throws -> SeenFile {
        guard let session else { throw Fault(.netClosed, subject: plan.address) }
        context.emit(.stepStarted(.readFile), of: plan.device)
        let call = call(session, password: currentPassword)
        var found: SeenFile
        do {
            let file = try await rules.driver.readFile(kind, over: call)
            found =
                file.content.map { SeenFile(kind, content: $0, wanted: wanted) } ?? SeenFile(withheld: file.fingerprint)
        } catch let fault as Fault where fault.code == .phoneActionFailed {
            // It has none, or does not give it back: its own list tells.
            var files = listed
            if files == nil { files = try await rules.driver.identify(over: call).files }
            found = files?.first { $0.kind == kind }.map { SeenFile(withheld: $0.fingerprint) } ?? .none
        }
        state.files[FileID(kind)]?.now = found.holding
        context.emit(.stepFinished(.readFile), of: plan.device)
        return found
    }

    /// Sends the wanted change, with the intent, the old content and the trust for both sides of it in the journal before.
    mutating func send(
        _ file: WantedFile, _ content: FileContent?, replacing found: SeenFile, wasRegistered: Bool? = nil
    ) async throws {
        guard let session, var known = state.files[file.id] else { throw Fault(.netClosed, subject: plan.address) }
        guard known.sends < Self.mostSends else {
            throw Fault(.phoneActionFailed, subject: plan.address, detail: "the phone does not take the file")
        }
        try checkStop()
        let changesTrust = !isCalling && plan.trustWhileChanging != plan.trust
        var keeping = JournalKeeping(trust: changesTrust ? plan.trustWhileChanging : nil)
        if !known.isSent {
            known.before = found.holding
            known.wasRegistered = wasRegistered
            known.kept = nil
            if let old = found.content {
                let reference = SecretReference.sealed("run/\(context.run)/old/\(plan.device)/\(file.kind)")
                known.kept = reference
                keeping.secrets[reference] = SecretText(fileContent: old)
            }
        }
        known.intend()
        state.files[file.id] = known
        state.hasWritten = true
        let intent = entry(content == nil ? .deleteFile : .transferFile, .intent, file, content)
        let call = call(session, password: currentPassword)
        try await record(intent, keeping: keeping)
        try await effect(intent, of: file) { driver in
            if let content {
                try await driver.transfer(content.bytes, as: file.kind, over: call)
            } else {
                try await driver.deleteFile(file.kind, over: call)
            }
        }
    }

    /// Pause before a phone is looked for again that was lost in the change of a file; nil when it had its time.
    ///
    /// It may have lost its power, or restart by itself, and comes back with the old file or the new one: as long as that may
    /// take it is looked for, however few attempts the run allows.
    mutating func pauseForLostPhone() -> Double? {
        let since = state.lostSince ?? context.clock.seconds
        state.lostSince = since
        guard context.clock.seconds - since < restartDeadline else { return nil }
        state.looksForLost += 1
        return restartPause(polls: state.looksForLost)
    }

    /// Sends of one file to one phone in one run, each after a look that showed that the one before did nothing.
    private static let mostSends = 3

    /// What is kept when the change is off: the trust from before.
    func giveUpTrust(of file: WantedFile) -> JournalKeeping {
        JournalKeeping(trust: plan.trustWhileChanging == plan.trust ? nil : file.ownTrust ?? [])
    }

    func entry(
        _ step: RunStep, _ moment: JournalEntry.Moment, _ file: WantedFile, _ content: FileContent?,
        fault: Fault? = nil
    ) -> JournalEntry {
        let known = state.files[file.id] ?? FileState()
        return JournalEntry(
            device: plan.device, step: step, moment: moment, at: context.date,
            file: FileStep(
                kind: file.kind, name: file.name, before: known.before,
                after: content.map { .holds($0.facts) } ?? .none,
                kept: known.kept, wasRegistered: known.wasRegistered), fault: fault)
    }

    /// Makes the side effect whose intent is in the journal, and records how it came out, also when it failed.
    ///
    /// A phone that is busy has changed nothing, so what was prepared for the change is given up.
    private mutating func effect(
        _ intent: JournalEntry, of file: WantedFile, _ body: (any PhoneDriver) async throws -> Void
    ) async throws {
        context.emit(.stepStarted(intent.step), of: plan.device)
        listed = nil
        sawChange = true
        var outcome = intent
        outcome.moment = .outcome
        do {
            try await body(rules.driver)
            outcome.at = context.date
            // Kept with what comes next: until then the phone is only looked at, and to a resumed run it says what it has.
            state.outcome = outcome
            context.emit(.stepFinished(intent.step), of: plan.device)
        } catch let fault as Fault {
            outcome.fault = fault
            outcome.at = context.date
            if fault.code == .phoneBusy { state.files[file.id]?.takeBackIntent() }
            let isOff = state.files[file.id]?.isSent == false
            try await record(outcome, keeping: isOff ? giveUpTrust(of: file) : JournalKeeping())
            throw fault
        }
    }
}
