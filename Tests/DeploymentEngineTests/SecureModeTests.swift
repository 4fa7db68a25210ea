import DeploymentEngine
import DeploymentModel
import DeploymentStore
import DeploymentTesting
import Foundation
import ManagementXML
import PhoneTransport
import Synchronization
import TLSMaterial
import Testing
import VirtualPhone

/// A clock that passes at once as soon as it is told to.
private final class HastyClock: Sendable {
    private let state = Mutex((isHasty: false, offset: 0.0))

    func hurry() { state.withLock { $0.isHasty = true } }

    var contact: ContactClock {
        ContactClock(
            now: { [self] in Date(timeIntervalSinceNow: state.withLock { $0.offset }) },
            sleep: { [self] seconds in
                let isHasty = state.withLock { state in
                    if state.isHasty { state.offset += 1000 }
                    return state.isHasty
                }
                if !isHasty { try await Task.sleep(for: .seconds(seconds)) }
            })
    }
}

/// Lets a virtual phone be asked again soon: it passes over what comes too early by its own gap.
private struct QuickBook: ContactBook {
    let book: MemoryContactBook

    func claimContactMe(at place: String, gap: Double) async throws -> Date? {
        try await book.claimContactMe(at: place, gap: 1)
    }

    func withdrawContactMe(at place: String) async throws {
        try await book.withdrawContactMe(at: place)
    }
}

/// Phones that decline whatever they are to write on the default port.
private struct DecliningDialer: PhoneDialer {
    struct Session: PhoneSession {
        let inner: any PhoneSession
        var evidence: PeerEvidence { inner.evidence }

        func perform(_ action: ManagementAction, password: SecretText?) async throws -> ManagementReply {
            if case .writeItems = action, !evidence.isAuthenticated {
                return ManagementReply(action: "WriteItems", status: .failed)
            }
            return try await inner.perform(action, password: password)
        }

        func close() async { await inner.close() }
        func close(because reason: String) async { await inner.close(because: reason) }
    }

    let inner: any PhoneDialer

    func session(with target: PhoneTarget) async throws -> any PhoneSession {
        Session(inner: try await inner.session(with: target))
    }
}

/// A server end with a store behind it, and one virtual phone in default mode.
private struct SecureBench {
    static let type: PhoneType = PhoneType.make(
        id: PhoneTypeID("openstage-60-test"), deviceType: "OpenStage 60", tls: false, port: 8085,
        parameters: Parameter.assortment, managementProtocol: .wpi, softwareVersions: ["V3 R5.12.0"])

    let store: Store
    let desk: CallDesk
    let server: WPIServer
    let loops: EventLoops
    let fleet: VirtualFleet
    let device: Device
    let authority: CertificateAuthority
    let serverAnchor: ParsedCertificate
    let trust: TrustProfile
    let clock = HastyClock()

    /// - Parameter pin: what somebody enters at the phone.
    static func with(pin: String? = nil, _ body: (SecureBench) async throws -> Void) async throws {
        let bench = try await SecureBench(pin: pin)
        var failure: (any Error)?
        do { try await body(bench) } catch { failure = error }
        await bench.fleet.shutdown()
        await bench.server.stop()
        try await bench.loops.shutDown()
        if let failure { throw failure }
    }

    private init(pin: String?) async throws {
        let catalogue = Catalogue(types: [Self.type])
        loops = EventLoops()
        store = try Store.inMemory()
        desk = CallDesk(book: store, catalogue: catalogue)
        authority = try Self.authority("CN=phones CA")
        let ours = try Self.authority("CN=server CA")
        serverAnchor = ours.certificate
        let record = TrustRecord(name: "secure", subject: "CN={mac}", anchors: [authority.certificate.pem])
        let trust = try TrustProfile(record)
        self.trust = trust
        server = try await WPIServer.start(
            WPIServerConfiguration(
                address: "127.0.0.1", port: 0, securePort: 0,
                material: try ours.issue(subject: DistinguishedName(rfc4514: "CN=server"), at: Date()),
                profiles: { mac in
                    [try trust.resolved(for: PhoneValues(mac: mac.description, number: nil, type: nil, ip: nil))]
                }),
            receiver: desk, loops: loops)
        fleet = try await Self.fleet(pin: pin, catalogue)
        let phone = fleet.phones[0]
        device = try #require(
            try await store.saveDevices(adding: [
                Device(
                    id: DeviceID(""), type: Self.type.id, address: phone.address, port: phone.port, mac: phone.mac)
            ]).first)
        try await store.saveTrust(record, binding: [TrustBinding(profile: "secure", scope: .device(device.id))])
    }

    private static func authority(_ subject: String) throws -> CertificateAuthority {
        let subject = try DistinguishedName(rfc4514: subject)
        return try CertificateAuthority.make(
            subject: subject, keyType: .p256, days: 30,
            policy: AuthorityPolicy(subject: SubjectPattern(subject), keyType: .p256), at: Date())
    }

    private static func fleet(pin: String?, _ catalogue: Catalogue) async throws -> VirtualFleet {
        var options = WPIOptions()
        options.webPort = 0
        options.speed = 1000
        options.enteredPIN = pin
        options.secureModeOpener = { data, password in
            let content = try SecureModeContainer(opening: data, password: password)
            return VirtualPhone.SecureMode(
                clientCertificate: content.clientCertificate, authorities: content.authorities, port: content.port)
        }
        let range = try ListenRange(
            parsing: "127.79.\(Int.random(in: 0...255)).\(8 * Int.random(in: 0...31))/29")
        return try await VirtualFleet.start(
            FleetConfiguration(
                count: 1, types: [.init(type.id)], listenRange: range, port: 0, limits: .patient, wpi: options),
            catalogue: catalogue)
    }

    var mac: MACAddress { fleet.phones[0].mac }
    var isSecure: Bool { fleet.state(of: fleet.phones[0].address)?.isSecure ?? false }

    func material(for mac: MACAddress? = nil) throws -> KeyMaterial {
        let subject = try DistinguishedName(rfc4514: "CN=\(mac ?? self.mac)")
        return try authority.issue(subject: subject, for: .client, at: Date())
    }

    func order(_ material: KeyMaterial, port: Int? = nil, pin: String? = nil) throws -> SecureModeOrder {
        try SecureModeOrder(
            material, for: mac, authorities: [serverAnchor], port: port ?? server.securePort ?? 0,
            pin: pin.map { SecretText($0) })
    }

    /// - Parameters:
    ///   - hurries: the phone is not waited for once it has the order.
    ///   - forgets: the proof is not kept, as after the end of the program.
    func visit(
        _ order: SecureModeOrder, hurries: Bool = false, forgets: Bool = false
    ) async throws -> SecureModeVisit {
        let (store, id, clock, tan) = (store, device.id, clock, order.tan)
        let isBegun = try await mode() == .begun
        let earlierTAN = try await store.secureModeTAN(of: id)
        let dialer = WPIDialer(
            server: server, book: QuickBook(book: MemoryContactBook(now: clock.contact.now)),
            timing: CallTiming(deadline: 500, unreachableDeadline: 500), clock: clock.contact)
        return SecureModeVisit(
            target: PhoneTarget(
                address: fleet.phones[0].address, port: fleet.phones[0].port, security: .plain,
                timeouts: ContactTimeouts(connect: 300, handshake: 300, reply: 300), managementProtocol: .wpi, mac: mac),
            order: order,
            profiles: [try trust.resolved(for: PhoneValues(device))],
            hasEarlierOrder: isBegun, earlierTAN: earlierTAN,
            keeping: .init(
                begin: {
                    try await store.beginSecureMode(of: id, tan: tan)
                    if hurries { clock.hurry() }
                },
                withdraw: {
                    guard isBegun else { return try await store.withdrawSecureMode(of: id) }
                    try await store.beginSecureMode(of: id, tan: earlierTAN)
                },
                distrust: { try await store.distrustSecureMode(of: id, fingerprint: $0) },
                prove: { if !forgets { try await store.proveSecureMode(of: id, fingerprint: $0) } }),
            dialer: dialer, desk: desk)
    }

    /// The phone is not asked to call, and calls by itself again and again.
    func carryOutWhileItCalls(_ order: SecureModeOrder) async throws {
        var visit = try await visit(order)
        visit.target.port = 1
        let unasked = visit
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await unasked.carryOut() }
            group.addTask {
                for number in 1... {
                    try await fleet.setModules("key-modules", to: number % 3, at: fleet.phones[0].address)
                    try await Task.sleep(for: .milliseconds(50))
                }
            }
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    func mode() async throws -> DeploymentModel.SecureMode? {
        try await store.calls(of: [device.id]).first?.secureMode
    }

    /// How a call of the phone in default mode would be taken now.
    func refusalInDefaultMode() async throws -> StatusCode? {
        let row = ScanRow(
            address: fleet.phones[0].address, port: fleet.phones[0].port, status: .phone, type: Self.type.id,
            deviceType: "OpenStage 60", mac: mac, tls: false)
        let call = HeardCall(reason: .solicited, row: row, at: Date())
        return try await store.note(call, by: DeviceMatcher(catalogue: Catalogue(types: [Self.type]))).refusal?.code
    }
}

private func fault(_ body: () async throws -> Void) async -> StatusCode? {
    do {
        try await body()
        return nil
    } catch {
        return (error as? Fault)?.code
    }
}

@Suite("Phones that are brought into secure mode, live", .timeLimit(.minutes(5)))
struct SecureModeTests {
    @Test("A phone counts as secure when it has called with its certificate, and is refused in default mode afterwards")
    func wholeWay() async throws {
        try await SecureBench.with { bench in
            #expect(try await bench.refusalInDefaultMode() == nil)
            let order = try bench.order(try bench.material())
            try await bench.visit(order).carryOut()
            #expect(bench.isSecure)
            #expect(try await bench.mode() == .active)
            let device = try await bench.store.device(bench.device.id)
            #expect(device.wasAuthenticated)
            #expect(device.certificateFingerprint == order.fingerprint)
            #expect(try await bench.refusalInDefaultMode() == .callRefused)
        }
    }

    @Test("After the end of the program the work goes on from where the phone is, with the same certificate only")
    func goesOn() async throws {
        try await SecureBench.with { bench in
            let order = try bench.order(try bench.material())
            try await bench.visit(order, forgets: true).carryOut()
            #expect(try await bench.mode() == .begun)
            #expect(try await bench.refusalInDefaultMode() == nil)
            let other = try bench.order(try bench.material())
            #expect(await fault { try await bench.carryOutWhileItCalls(other) } == .materialNotUsed)
            #expect(try await bench.mode() == .begun)
            #expect(try await bench.store.device(bench.device.id).wasAuthenticated == false)
            try await bench.carryOutWhileItCalls(order)
            #expect(try await bench.mode() == .active)
        }
    }

    @Test(
        "After the end of the program before anything was sent, and after a phone lost what it was given, it is sent again"
    )
    func sentAgain() async throws {
        try await SecureBench.with { bench in
            try await bench.store.beginSecureMode(of: bench.device.id, tan: SecretText("623"))
            let order = try bench.order(try bench.material())
            try await bench.visit(order, forgets: true).carryOut()
            #expect(try await bench.mode() == .begun)
            try await bench.visit(order).carryOut()
            #expect(try await bench.mode() == .active)
        }
    }

    @Test(
        "A phone that follows an earlier order and declines a new one on the default port is proven on the secure port")
    func declinesBecauseItFollowedAnEarlierOrder() async throws {
        try await SecureBench.with(pin: "48151623") { bench in
            let order = try bench.order(try bench.material(), pin: "48151623")
            try await bench.visit(order, forgets: true).carryOut()
            #expect(bench.isSecure)
            #expect(try await bench.mode() == .begun)
            var visit = try await bench.visit(order)
            visit.dialer = DecliningDialer(inner: visit.dialer)
            try await visit.carryOut()
            #expect(try await bench.mode() == .active)
        }
    }

    @Test(
        "A phone that declines its first order is in default mode as before; on the way by an earlier one it stays there"
    )
    func declines() async throws {
        try await SecureBench.with { bench in
            let order = try bench.order(try bench.material(), port: 1)
            var first = try await bench.visit(order)
            first.dialer = DecliningDialer(inner: first.dialer)
            #expect(await fault { try await first.carryOut() } == .phoneActionFailed)
            #expect(try await bench.mode() == nil)
            try await bench.store.beginSecureMode(of: bench.device.id, tan: SecretText("623"))
            var next = try await bench.visit(order, hurries: true)
            next.dialer = DecliningDialer(inner: next.dialer)
            #expect(await fault { try await next.carryOut() } == .phoneActionFailed)
            #expect(try await bench.mode() == .begun)
            #expect(try await bench.store.secureModeTAN(of: bench.device.id)?.reveal() == "623")
        }
    }

    @Test("A phone in secure mode gets another certificate where it proved itself, and is known by it once it calls so")
    func renewal() async throws {
        try await SecureBench.with { bench in
            try await bench.visit(try bench.order(try bench.material())).carryOut()
            let next = try SecureModeOrder(renewing: try bench.material(), for: bench.mac)
            try await bench.visit(next).renew()
            #expect(try await bench.store.device(bench.device.id).certificateFingerprint == next.fingerprint)
            #expect(try await bench.mode() == .active)
            // The program ended before it kept the proof: the same order again finds it followed.
            let last = try SecureModeOrder(renewing: try bench.material(), for: bench.mac)
            try await bench.visit(last, forgets: true).renew()
            try await bench.visit(last).renew()
            #expect(try await bench.store.device(bench.device.id).certificateFingerprint == last.fingerprint)
            #expect(try await bench.refusalInDefaultMode() == .callRefused)
            let other = try bench.material(for: MACAddress(value: bench.mac.value ^ 1))
            #expect(await fault { _ = try SecureModeOrder(renewing: other, for: bench.mac) } == .materialSharedKey)
        }
    }

    @Test("A phone that does not come to the secure port is served in default mode as before")
    func doesNotCome() async throws {
        try await SecureBench.with { bench in
            let order = try bench.order(try bench.material(), port: 1)
            #expect(await fault { try await bench.visit(order, hurries: true).carryOut() } == .callNotSecure)
            #expect(try await bench.mode() == .begun)
            #expect(try await bench.store.device(bench.device.id).wasAuthenticated == false)
            #expect(try await bench.refusalInDefaultMode() == nil)
        }
    }

    @Test("A key that is not this phone's alone is never put into an order")
    func sharedKey() async throws {
        try await SecureBench.with { bench in
            let other = try bench.material(for: MACAddress(value: bench.mac.value ^ 1))
            #expect(await fault { _ = try bench.order(other) } == .materialSharedKey)
            let shared = try bench.authority.issue(
                subject: DistinguishedName(rfc4514: "CN=all phones"), for: .client, at: Date())
            #expect(await fault { _ = try bench.order(shared) } == .materialSharedKey)
            #expect(await fault { _ = try bench.order(try bench.material(), pin: "1234567") } == .inputSecret)
        }
    }

    @Test("With the right PIN a phone is asked for its end, and is secure")
    func rightPIN() async throws {
        try await SecureBench.with(pin: "48151623") { bench in
            try await bench.visit(try bench.order(try bench.material(), pin: "48151623")).carryOut()
            #expect(try await bench.mode() == .active)
            #expect(try await bench.store.secureModeTAN(of: bench.device.id) == nil)
        }
    }

    @Test("With a wrong PIN a phone stays in default mode, and is served there")
    func wrongPIN() async throws {
        try await SecureBench.with(pin: "99999623") { bench in
            let order = try bench.order(try bench.material(), pin: "48151623")
            #expect(await fault { try await bench.visit(order, hurries: true).carryOut() } == .callNotSecure)
            #expect(!bench.isSecure)
            #expect(try await bench.refusalInDefaultMode() == nil)
        }
    }

    @Test("A phone that does not know the end of the PIN does not count as secure, also not later")
    func wrongTAN() async throws {
        try await SecureBench.with(pin: "48151999") { bench in
            let order = try bench.order(try bench.material(), pin: "48151623")
            #expect(await fault { try await bench.visit(order).carryOut() } == .callWrongTAN)
            #expect(bench.isSecure)
            #expect(try await bench.mode() == .begun)
            #expect(try await bench.store.device(bench.device.id).wasAuthenticated == false)
            #expect(await fault { try await bench.visit(order).carryOut() } == .callWrongTAN)
        }
    }
}
