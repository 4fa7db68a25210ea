import DeploymentModel

/// What is known of the work on one file of one phone between two visits.
struct FileState: Sendable {
    /// Whether a change that was sent is to be taken back, and why.
    enum WayBack: Sendable, Equatable {
        case notNeeded
        /// The way back was begun, or is about to be.
        case intended(Fault)
        /// The phone is proven to be as it was before.
        case done(Fault)
    }

    /// What the phone had before this run sent anything.
    var before = FileHolding.unknown
    /// What the phone had when it was last asked.
    var now = FileHolding.unknown
    /// Where the content from before is sealed.
    var kept: SecretReference?
    var wasRegistered: Bool?
    /// Whether a change was sent or may have been.
    var isSent = false
    private var wasSent = false
    var sends = 0
    var wayBack = WayBack.notNeeded
    /// Made when everything about the file is settled.
    var proof: FileReadBack?
    /// Since when the phone is given time to register again, in seconds of the run's clock.
    var settlingSince: Double?
    /// Since when the phone puts the way back off, in seconds of the run's clock.
    var putOffSince: Double?

    /// Whether nobody knows which file the phone has, or under which profile it is to be met.
    var isOpen: Bool {
        if case .done = wayBack { return false }
        return isSent && proof == nil
    }

    /// Notes that a change is about to be sent.
    mutating func intend() {
        wasSent = isSent
        isSent = true
        sends += 1
    }

    /// What keeps the phone from having the file that it was to fetch, for good.
    var failure: Fault? {
        if case .done(let fault) = wayBack { fault } else { nil }
    }

    /// Notes the phone's own word that it changed nothing: a phone in a call may say so any number of times.
    mutating func takeBackIntent() {
        isSent = wasSent
        sends = max(0, sends - 1)
    }
}

extension FileState {
    /// Takes in what the journal has of a step that is about the file.
    mutating func restore(_ step: FileStep, of entry: JournalEntry) {
        switch (entry.step, entry.moment) {
        case (.transferFile, .intent), (.deleteFile, .intent), (.fetchFile, .intent):
            before = step.before
            kept = step.kept
            wasRegistered = step.wasRegistered
            intend()
        case (.transferFile, .outcome), (.deleteFile, .outcome):
            if entry.fault?.code == .phoneBusy { takeBackIntent() }
        case (.fetchFile, .outcome):
            if entry.fault != nil { takeBackIntent() }
        case (.restoreFile, .intent): wayBack = .intended(entry.fault ?? Fault(.materialUncertain))
        case (.restoreFile, .outcome):
            if case .intended(let reason) = wayBack, entry.fault == nil { wayBack = .done(reason) }
        default: break
        }
    }
}

extension DeviceState {
    /// Whether a file of the phone was changed and it is not settled what came of it.
    var hasOpenFile: Bool { !files.isEmpty && files.values.contains(where: \.isOpen) }

    /// What the result tells of the files of the plan.
    func fileResults(of plan: DevicePlan) -> [FileResult] {
        plan.files.compactMap { file in
            guard let state = files[file.id] else { return nil }
            var isRolledBack = false
            if case .done(let reason) = state.wayBack { isRolledBack = reason.isTakenBack }
            return FileResult(
                kind: file.kind, name: file.name, before: state.before, now: state.isOpen ? .unknown : state.now,
                isRolledBack: isRolledBack)
        }
    }
}

extension Fault {
    /// Whether a way back for this reason takes a change back; if not, the phone itself never took or kept it.
    var isTakenBack: Bool { ![.phoneActionFailed, .verifyMismatch, .fileNotDeployed].contains(code) }
}
