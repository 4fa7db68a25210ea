import DeploymentModel
public import TLSMaterial

extension DirectProbe {
    /// Looks closely at one phone: as an ordinary contact does, and when its handshake fails, twice more, to learn what
    /// the phone would have chosen and what chain it has.
    ///
    /// The further looks offer old versions and cipher suites and send nothing but a handshake and `identify`. Made for
    /// single phones, not for scans.
    ///
    /// - Parameter profiles: decide what the first look offers, as a session would; ``Diagnosis/judge(by:others:)`` may
    ///   judge by others when the phone has said what it is.
    /// - Throws: `CancellationError` only; everything that was seen is in the diagnosis.
    public func diagnose(
        address: String, port: Int, tls: Bool, profiles: [TrustProfile], timeouts: ContactTimeouts
    ) async throws -> Diagnosis {
        let policy = TLSPolicy(for: profiles)
        let (report, sight) = try await contact(
            address: address, port: port, tls: tls, profiles: profiles, policy: policy, timeouts: timeouts)
        var diagnosis = Diagnosis(contact: report, sight: sight, profiles: profiles, time: now())
        guard tls, let code = report.fault?.code, report.chain.isEmpty, Self.askingFurtherHelps.contains(code) else {
            return diagnosis
        }
        let first = try await firstAnswer(address: address, port: port, timeouts: timeouts)
        diagnosis.refine(by: first, minimum: policy.minimum)
        let (second, all) = try await look(address: address, port: port, profiles: profiles, timeouts: timeouts)
        diagnosis.take(second, all)
        return diagnosis
    }

    /// Looks with everything that this library can speak, old versions and weak cipher suites included: to see the chain
    /// of a phone that an ordinary contact cannot shake hands with.
    ///
    /// Sends nothing but a handshake and `identify`, and what it saw is no licence for anything else.
    ///
    /// - Throws: `CancellationError` only.
    public func contactLegacy(
        address: String, port: Int, profiles: [TrustProfile], timeouts: ContactTimeouts
    ) async throws -> ContactReport {
        try await look(address: address, port: port, profiles: profiles, timeouts: timeouts).0
    }

    private func look(
        address: String, port: Int, profiles: [TrustProfile], timeouts: ContactTimeouts
    ) async throws -> (ContactReport, PeerSight) {
        try await contact(
            address: address, port: port, tls: true, profiles: profiles, policy: .everything, timeouts: timeouts)
    }

    private static let askingFurtherHelps: Set<StatusCode> = [
        .tlsProtocolVersion, .tlsNoCommonCipher, .tlsAlert, .tlsFailed, .netClosed, .netReset,
    ]

    private func firstAnswer(address: String, port: Int, timeouts: ContactTimeouts) async throws -> FirstRecord? {
        try Task.checkCancellation()
        guard
            let socket = try? await AddressResolver(loops: loops).resolve(
                address, port: port, timeout: timeouts.connect)
        else { return nil }
        let first = await FirstAnswer.ask(socket, timeouts: timeouts, on: loops.next())
        try Task.checkCancellation()
        return first
    }
}

extension Diagnosis {
    /// Names the cause by what the phone chose from everything there is.
    fileprivate mutating func refine(by first: FirstRecord?, minimum: TrustProfile.MinimumTLS) {
        guard case .serverHello(let hello)? = first else { return }
        tlsVersion = hello.version
        cipherSuite = hello.suite.description
        let version = TrustProfile.MinimumTLS(rawValue: hello.version)
        if hello.suite.isAnonymous {
            fault = Fault(.tlsNoCertificate, subject: contact.address, detail: "the phone chose \(hello.suite)")
        } else if version.map({ $0 < minimum }) ?? true {
            fault = HandshakeFault.versionFault(hello.version, minimum: minimum, subject: contact.address)
        } else if fault?.code != .netClosed, fault?.code != .netReset {
            fault = Fault(
                .tlsNoCommonCipher, subject: contact.address, detail: "the phone would choose \(hello.suite)")
        }
    }

    /// Takes what the second look saw that the first did not.
    fileprivate mutating func take(_ second: ContactReport, _ all: PeerSight) {
        sight = all
        contact.chain = second.chain
        contact.identity = second.identity
        contact.answerFault = second.answerFault
        tlsVersion = tlsVersion ?? all.tlsVersion
        cipherSuite = cipherSuite ?? all.suite?.description
        readChain()
    }
}
