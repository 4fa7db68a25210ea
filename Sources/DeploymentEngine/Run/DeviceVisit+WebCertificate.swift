import DeploymentModel
import ManagementXML
import PhoneTransport

/// The certificate of the web server of a phone that calls (WPI).
///
/// It is not that by which the phone is known when it calls, so no trust changes with it and no phone is locked out by it:
/// there is no way back to go, and none to fear.
extension DeviceVisit {
    /// Transfers it, has the phone say what it holds, and looks at what its web server shows.
    mutating func changeWebCertificate(_ file: WantedFile) async throws -> FileReadBack {
        guard let content = try await content(of: file) else {
            throw Fault(.planNotSupported, subject: plan.address, detail: "phones that call return to no built-in file")
        }
        var found = try await look(at: file.kind)
        if !found.isSame(as: content) {
            try check(content, of: file)
            try await send(file, content, replacing: found)
            found = try await look(at: file.kind)
        }
        let shown = try await webEvidence(of: content)
        // What a real phone says of its certificate is in no known form: then its web server has to show it.
        guard found.isSame(as: content) || (found.holding == .none && shown != nil) else { throw mismatch(file, found) }
        if state.files[file.id]?.isSent == true {
            try await record(entry(.proveHandshake, .outcome, file, content))
        }
        // It named the SHA-256 of just this file, or showed the certificate: so it holds what is in it.
        let proof = FileReadBack(
            wanted: file, holding: .holds(content.facts), isAsWanted: true, handshake: shown ?? evidence(of: content))
        state.files[file.id]?.now = proof.holding
        state.files[file.id]?.proof = proof
        return proof
    }

    /// What a new connection to the phone's web server showed, under the authentication of the call.
    ///
    /// - Returns: nil when it cannot be reached, which speaks neither for nor against what the phone itself says.
    /// - Throws: `material.not-used` when it shows another one.
    mutating func webEvidence(of content: FileContent, tries: Int = handshakeTries) async throws -> PeerEvidence? {
        guard let web = context.services.web else { return nil }
        context.emit(.stepStarted(.proveHandshake), of: plan.device)
        for attempt in 1...max(1, tries) {
            let timeout = context.plan.options.connectTimeout
            let report = try await web.probe.contact(
                address: plan.address, port: web.port, tls: true, profiles: [],
                timeouts: ContactTimeouts(connect: timeout, handshake: timeout, reply: timeout))
            let shown = report.evidence.certificateFingerprint
            if shown == nil || shown == content.facts.fingerprint {
                context.emit(.stepFinished(.proveHandshake), of: plan.device)
                return shown == nil ? nil : evidence(of: content)
            }
            guard attempt < tries else { break }
            let pause = Self.handshakePause.seconds(after: attempt, using: &state.generator)
            try await context.clock.sleep(seconds: pause)
        }
        throw Fault(
            .materialNotUsed, subject: plan.address,
            detail: "its web server shows another certificate at port \(web.port)")
    }

    /// The phone, authenticated by its call, with this certificate.
    func evidence(of content: FileContent) -> PeerEvidence {
        var evidence = session?.evidence ?? PeerEvidence()
        evidence.certificateFingerprint = content.facts.fingerprint
        return evidence
    }
}
