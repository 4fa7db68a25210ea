import DeploymentModel
import ManagementXML
import PhoneTransport

/// Client trusted certificates, taken back when the telephony client was registered before and is not afterwards.
extension DeviceVisit {
    mutating func changeTrustedCertificates(_ file: WantedFile) async throws -> FileReadBack {
        try await finishWayBack(of: file)
        let content = try await content(of: file)
        var found = try await look(at: file.kind)
        if !found.isSame(as: content) {
            let wasRegistered = try await isRegistered()
            try await change(file, content, replacing: found, wasRegistered: wasRegistered)
            found = try await look(at: file.kind)
            guard found.isSame(as: content) else {
                throw try await goBack(file, because: mismatch(file, found))
            }
        }
        if state.files[file.id]?.isSent == true {
            if state.files[file.id]?.wasRegistered == true, let fault = try await registrationFault(file.kind) {
                throw try await goBack(file, because: fault)
            }
            try await record(entry(.checkRegistration, .outcome, file, content))
        } else {
            state.files[file.id]?.before = found.holding
        }
        let proof = FileReadBack(wanted: file, holding: found.holding, isAsWanted: true)
        state.files[file.id]?.proof = proof
        return proof
    }

    /// Whether the telephony client is registered; one that is about to is given a moment.
    private func isRegistered() async throws -> Bool {
        var (look, pause) = (1, 0.05)
        while true {
            let registration = try await status().registration
            guard registration == .registering, look < Self.looksPerVisit else { return registration == .registered }
            try await context.clock.sleep(seconds: pause)
            (look, pause) = (look + 1, pause * 2)
        }
    }

    private func status() async throws -> PhoneStatus {
        guard let session else { throw Fault(.netClosed, subject: plan.address) }
        return try await rules.driver.status(over: call(session, password: nil))
    }

    /// How long a phone may take to register again, and how long it may say that it failed, in seconds.
    private static let patience = (registering: 30.0, failed: 5.0)
    /// Looks at the phone within one visit; after these the phone's place is given to others for a while.
    private static let looksPerVisit = 6

    /// Waits until the phone is registered again; the phone's own reason when it is not in time.
    private mutating func registrationFault(_ kind: FileKind) async throws -> Fault? {
        let since = state.files[FileID(kind)]?.settlingSince ?? context.clock.seconds
        state.files[FileID(kind)]?.settlingSince = since
        context.emit(.stepStarted(.checkRegistration), of: plan.device)
        var (look, pause) = (1, 0.05)
        while true {
            let status = try await status()
            if status.registration == .registered {
                context.emit(.stepFinished(.checkRegistration), of: plan.device)
                return nil
            }
            let waited = context.clock.seconds - since
            let limit = status.registration == .failed ? Self.patience.failed : Self.patience.registering
            if waited >= limit {
                let reason = status.registrationReason.map { ": \($0)" } ?? ""
                return Fault(
                    .materialNotRegistered, subject: plan.address,
                    detail: "\(status.registration?.rawValue ?? "unknown")\(reason)")
            }
            if look >= Self.looksPerVisit { throw Interruption.registering(seconds: 1) }
            try await context.clock.sleep(seconds: pause)
            (look, pause) = (look + 1, pause * 2)
        }
    }
}
