public import DeploymentModel
import ManagementXML
public import PhoneTransport
public import TLSMaterial

/// Brings one phone from default mode into secure mode, and proves that it is there.
///
/// The intent is kept before anything is sent, and the phone counts as secure only when it has called on the secure port
/// with exactly the certificate that was made for it. Until then it is served in default mode; whenever the work ends
/// early, beginning again goes on from where the phone is.
public struct SecureModeVisit: Sendable {
    /// What has to be durable before the visit goes on.
    public struct Keeping: Sendable {
        /// The order is about to be sent.
        public var begin: @Sendable () async throws -> Void
        /// The phone declined it: all is as before ``begin``, also where that was on the way by an earlier order.
        public var withdraw: @Sendable () async throws -> Void
        /// Somebody else may have the key of the certificate with this fingerprint: it is not to be used again.
        public var distrust: @Sendable (String) async throws -> Void
        /// The phone proved that it is in secure mode, by the certificate with this fingerprint.
        public var prove: @Sendable (String) async throws -> Void

        public init(
            begin: @escaping @Sendable () async throws -> Void, withdraw: @escaping @Sendable () async throws -> Void,
            distrust: @escaping @Sendable (String) async throws -> Void,
            prove: @escaping @Sendable (String) async throws -> Void
        ) {
            self.begin = begin
            self.withdraw = withdraw
            self.distrust = distrust
            self.prove = prove
        }
    }

    /// The phone in default mode; with its MAC address.
    public var target: PhoneTarget
    public var order: SecureModeOrder
    /// By which the phone's new certificate is judged, resolved for it.
    public var profiles: [TrustProfile]
    /// Whether the phone may have followed an earlier order by now, whose proof is still missing.
    public var hasEarlierOrder: Bool
    /// The end of the PIN of that order.
    public var earlierTAN: SecretText?
    public var keeping: Keeping
    /// Where the phone is reached.
    public var place: CallPlace
    /// Where it is to call for the proof; nil for the same place.
    public var proof: CallPlace?
    /// Seconds for which a phone that has taken the order is waited for, beside what the dialler waits.
    public var patience: Double

    public init(
        target: PhoneTarget, order: SecureModeOrder, profiles: [TrustProfile], hasEarlierOrder: Bool = false,
        earlierTAN: SecretText? = nil, keeping: Keeping, place: CallPlace,
        proof: CallPlace? = nil, patience: Double = 0
    ) {
        self.target = target
        self.order = order
        self.profiles = profiles
        self.hasEarlierOrder = hasEarlierOrder
        self.earlierTAN = earlierTAN
        self.keeping = keeping
        self.place = place
        self.proof = proof
        self.patience = patience
    }

    /// The phone in secure mode.
    private var secured: PhoneTarget {
        var secured = target
        secured.security = .tls(profiles)
        return secured
    }

    /// - Throws: ``Fault``: why the phone is not in secure mode; `CancellationError`.
    public func carryOut() async throws {
        guard let mac = target.mac else { throw Fault(.planNoMAC, subject: target.address) }
        let session = try await place.dialer.session(with: target)
        // It is there already: the order of an earlier time was followed.
        if session.evidence.isAuthenticated { return try await prove(session, earlierTAN) }
        try await changeOver(session, mac) { try await give(over: session) }
    }

    /// Gives a phone in secure mode the order's certificate in place of the one that it has, and proves that it calls with it.
    ///
    /// The key goes only over a connection on which the phone proved itself. Until it has called with the new certificate
    /// it is known by the old one too, so the order, given again, goes on from where the phone is.
    /// - Throws: ``Fault``: why it is not known that the phone has the new certificate; `CancellationError`.
    public func renew() async throws {
        guard let mac = target.mac else { throw Fault(.planNoMAC, subject: target.address) }
        let session = try await place.dialer.session(with: secured)
        // The order of an earlier time was followed.
        if session.evidence.certificateFingerprint == order.fingerprint { return try await prove(session, nil) }
        try await changeOver(session, mac) {
            guard session.evidence.isAuthenticated else {
                throw Fault(.materialPlainRefused, subject: target.address)
            }
            if let refusal = try await send(over: session) { throw refusal }
            return nil
        }
    }

    /// Tells a phone in secure mode by which authorities to believe the server, and proves that it does: it calls where
    /// the certificate of the authority that is new to it is presented.
    ///
    /// The authority by which it believes the server now is among them, so the phone is never without it.
    /// - Throws: ``Fault``: why it is not known that the phone believes them; `CancellationError`.
    public func trustServer() async throws {
        guard let mac = target.mac else { throw Fault(.planNoMAC, subject: target.address) }
        let session = try await place.dialer.session(with: secured)
        try await changeOver(session, mac) {
            guard session.evidence.isAuthenticated else { throw Fault(.tlsPlainRefused, subject: target.address) }
            try await keeping.begin()
            if let refusal = try await send(over: session) { throw refusal }
            return nil
        }
    }

    /// Ends a conversation in which the phone was given something, and proves that it calls anew as it should.
    ///
    /// - Parameter give: returns why a phone declined that may be proven all the same.
    private func changeOver(
        _ session: any PhoneSession, _ mac: MACAddress, _ give: () async throws -> Fault?
    ) async throws {
        let (wakes, feed) = AsyncStream.makeStream(of: Void.self)
        let proof = proof ?? place
        do {
            let refusal = try await give()
            // Before the conversation ends: a phone may call at once.
            proof.desk.expect(mac) { feed.yield() }
            await session.close()
            let secure: any PhoneSession
            do { secure = try await secureSession(of: mac, at: proof, wakes) } catch let fault as Fault {
                throw refusal ?? fault
            }
            await proof.desk.forget(mac)
            try await prove(secure, refusal == nil ? order.tan : earlierTAN)
        } catch {
            await session.close()
            await proof.desk.forget(mac)
            throw error
        }
    }

    /// Sends the order.
    ///
    /// - Returns: why a phone declined it that may have followed an earlier one: in secure mode there is nothing to take on
    ///   the default port.
    private func give(over session: any PhoneSession) async throws -> Fault? {
        try await keeping.begin()
        guard let refusal = try await send(over: session) else { return nil }
        try await keeping.withdraw()
        guard hasEarlierOrder, refusal.code != .phoneBusy else { throw refusal }
        return refusal
    }

    /// Why the phone does not take the items; nil when it took them.
    private func send(over session: any PhoneSession) async throws -> Fault? {
        for items in order.messages {
            if let refusal = try await send(items, over: session) { return refusal }
        }
        return nil
    }

    private func send(_ items: [Item], over session: any PhoneSession) async throws -> Fault? {
        let reply = try await session.perform(.writeItems(items), password: nil)
        let refused = reply.items.first { $0.status != nil }
        guard reply.status != .accepted || refused != nil else { return nil }
        if reply.status == .busy { return Fault(.phoneBusy, subject: target.address) }
        let word = refused.map { "\($0.key): \($0.status?.rawValue ?? "failed")" }
        return Fault(.phoneActionFailed, subject: target.address, detail: word ?? reply.reason)
    }

    /// The next call on the secure port, by itself or because the phone was asked to.
    private func secureSession(
        of mac: MACAddress, at place: CallPlace, _ wakes: AsyncStream<Void>
    ) async throws -> any PhoneSession {
        try await withThrowingTaskGroup(of: (any PhoneSession)?.self) { group in
            group.addTask { try await asked(at: place) }
            group.addTask {
                for await _ in wakes {
                    guard let call = place.desk.take(mac) else { continue }
                    if call.session.evidence.isAuthenticated { return call.session }
                    // On the default port: it has not changed over yet.
                    await call.session.close()
                }
                return nil
            }
            defer { group.cancelAll() }
            while let session = try await group.next() {
                if let session { return session }
            }
            throw CancellationError()
        }
    }

    private func asked(at place: CallPlace) async throws -> any PhoneSession {
        let clock = ContinuousClock()
        let end = clock.now + .seconds(patience)
        while true {
            do {
                return try await place.dialer.session(with: secured)
            } catch let fault as Fault {
                try Task.checkCancellation()
                guard clock.now >= end else { continue }
                let code = order.fingerprint == nil ? StatusCode.callServerNotBelieved : .callNotSecure
                throw Fault(code, subject: target.address, detail: fault.detail ?? fault.code.rawValue)
            }
        }
    }

    private func prove(_ session: any PhoneSession, _ tan: SecretText?) async throws {
        do {
            let shown = session.evidence.certificateFingerprint ?? "-"
            guard shown == order.fingerprint ?? shown else {
                await session.close(because: "certificate not accepted")
                throw Fault(
                    .materialNotUsed, subject: target.address, detail: "it calls with the certificate \(shown)")
            }
            if let tan { try await check(tan, over: session) }
            try await keeping.prove(shown)
            await session.close()
        } catch {
            await session.close()
            throw error
        }
    }

    /// Asks for the last characters of the PIN.
    private func check(_ tan: SecretText, over session: any PhoneSession) async throws {
        let key = ItemKey(WPIItem.bootstrappingTAN)
        let reply = try await session.perform(.readItems([key]), password: nil)
        guard reply.status == .accepted, reply.items.value(of: key.name) == tan.reveal() else {
            await session.close(because: "wrong TAN from device")
            if let fingerprint = order.fingerprint { try await keeping.distrust(fingerprint) }
            throw Fault(.callWrongTAN, subject: target.address)
        }
    }
}
