public import DeploymentModel
public import TLSMaterial

/// What a close look at one phone showed: the facts that a person needs to mend a failing handshake.
///
/// Holds facts only; meaning and remedy belong to the fault's code.
public struct Diagnosis: Sendable {
    /// What an ordinary contact saw, with the chain of the second look when only that one came to see it.
    public var contact: ContactReport
    /// The cause, named as closely as the second look allows; nil when all is well.
    public var fault: Fault?
    /// `1.0` to `1.3` or `SSL 3.0`, as the phone chose it.
    public var tlsVersion: String?
    /// The cipher suite that the phone chose.
    public var cipherSuite: String?
    /// The certificates that the phone presented and that could be read, leaf first.
    public var certificates: [ParsedCertificate]
    /// For `tls.unknown-issuer` and `tls.chain-incomplete`: the CA that a trust profile would need to hold.
    public var missingIssuer: DistinguishedName?
    /// That CA's certificate, if the phone itself presented it; to be trusted only after its fingerprint was confirmed.
    public var presentedAnchor: ParsedCertificate?
    /// For `tls.wrong-subject`: the subject that the phone has.
    public var presentedSubject: DistinguishedName?
    /// The subjects that the profiles expect, in their order.
    public var expectedSubjects: [DistinguishedName]

    init(contact: ContactReport, sight: PeerSight, profiles: [TrustProfile]) {
        self.contact = contact
        fault = contact.fault
        tlsVersion = sight.tlsVersion
        cipherSuite = sight.suite?.description
        certificates = []
        expectedSubjects = profiles.compactMap(\.subject.fixedSubject)
        readChain()
    }

    /// Draws out of the chain what a person wants to see of it.
    mutating func readChain() {
        certificates = contact.chain.compactMap { try? ParsedCertificate(der: $0) }
        presentedSubject = certificates.first?.subject
        guard var top = certificates.first else { return }
        var path: Set<String> = [top.fingerprint]
        while !top.isSelfSigned,
            let next = certificates.first(where: { $0.subject == top.issuer && !path.contains($0.fingerprint) })
        {
            path.insert(next.fingerprint)
            top = next
        }
        missingIssuer = top.issuer
        presentedAnchor = top.isSelfSigned ? top : nil
    }
}

extension DirectProbe {
    /// Looks closely at one phone: as an ordinary contact does, and when its handshake fails, twice more, to learn what
    /// the phone would have chosen and what chain it has.
    ///
    /// The further looks offer old versions and cipher suites and send nothing but a handshake and `identify`. Made for
    /// single phones, not for scans.
    ///
    /// - Throws: `CancellationError` only; everything that was seen is in the diagnosis.
    public func diagnose(
        address: String, port: Int, tls: Bool, profiles: [TrustProfile], timeouts: ContactTimeouts
    ) async throws -> Diagnosis {
        let policy = TLSPolicy(for: profiles)
        let (report, sight) = try await contact(
            address: address, port: port, tls: tls, profiles: profiles, policy: policy, timeouts: timeouts)
        var diagnosis = Diagnosis(contact: report, sight: sight, profiles: profiles)
        guard tls, let code = report.fault?.code, report.chain.isEmpty, Self.askingFurtherHelps.contains(code) else {
            return diagnosis
        }
        let first = try await firstAnswer(address: address, port: port, timeouts: timeouts)
        diagnosis.refine(by: first, policy: policy)
        let (second, all) = try await contact(
            address: address, port: port, tls: true, profiles: profiles, policy: .everything, timeouts: timeouts)
        diagnosis.contact.chain = second.chain
        diagnosis.contact.identity = second.identity
        diagnosis.contact.answerFault = second.answerFault
        diagnosis.tlsVersion = diagnosis.tlsVersion ?? all.tlsVersion
        diagnosis.cipherSuite = diagnosis.cipherSuite ?? all.suite?.description
        diagnosis.readChain()
        return diagnosis
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
    fileprivate mutating func refine(by first: FirstRecord?, policy: TLSPolicy) {
        guard case .serverHello(let hello)? = first else { return }
        tlsVersion = hello.version
        cipherSuite = hello.suite.description
        let version = TrustProfile.MinimumTLS(rawValue: hello.version)
        if hello.suite.isAnonymous {
            fault = Fault(.tlsNoCertificate, subject: contact.address, detail: "the phone chose \(hello.suite)")
        } else if version.map({ $0 < policy.minimum }) ?? true {
            fault = HandshakeFault.versionFault(hello.version, policy: policy, subject: contact.address)
        } else if fault?.code != .netClosed, fault?.code != .netReset {
            fault = Fault(
                .tlsNoCommonCipher, subject: contact.address, detail: "the phone would choose \(hello.suite)")
        }
    }
}
