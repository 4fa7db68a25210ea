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
final class HastyClock: Sendable {
    private let state = Mutex((isHasty: false, offset: 0.0))

    func hurry() { state.withLock { $0.isHasty = true } }
    func calm() { state.withLock { $0.isHasty = false } }

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
struct QuickBook: ContactBook {
    let book: MemoryContactBook

    func claimContactMe(at place: String, gap: Double) async throws -> Date? {
        try await book.claimContactMe(at: place, gap: 1)
    }

    func withdrawContactMe(at place: String) async throws {
        try await book.withdrawContactMe(at: place)
    }
}

/// Phones that decline whatever they are to write on the default port.
struct DecliningDialer: PhoneDialer {
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

/// Asks nobody to call.
struct SilentDialer: PhoneDialer {
    func session(with target: PhoneTarget) async throws -> any PhoneSession {
        throw Fault(.phoneDidNotCall, subject: target.address)
    }
}

/// A server end with a store behind it, and one virtual phone in default mode.
struct SecureBench {
    static let type: PhoneType = PhoneType.make(
        id: PhoneTypeID("openstage-60-test"), deviceType: "OpenStage 60", tls: false, port: 8085,
        parameters: Parameter.assortment, managementProtocol: .wpi, softwareVersions: ["V3 R5.12.0"])

    let store: Store
    let desk: CallDesk
    let server: WPIServer
    /// Where phones in secure mode meet a certificate of another authority.
    let coming: WPIServer
    /// Hears the calls there.
    let comingDesk: CallDesk
    let loops: EventLoops
    let fleet: VirtualFleet
    let device: Device
    let authority: CertificateAuthority
    let serverAnchor: ParsedCertificate
    /// Of the certificate that ``coming`` presents.
    let comingAnchor: ParsedCertificate
    let trust: TrustProfile
    let clock = HastyClock()

    /// - Parameter pin: what somebody enters at the phone.
    static func with(pin: String? = nil, _ body: (SecureBench) async throws -> Void) async throws {
        let bench = try await SecureBench(pin: pin)
        var failure: (any Error)?
        do { try await body(bench) } catch { failure = error }
        await bench.fleet.shutdown()
        await bench.server.stop()
        await bench.coming.stop()
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
        let next = try Self.authority("CN=coming server CA")
        (serverAnchor, comingAnchor) = (ours.certificate, next.certificate)
        let record = TrustRecord(name: "secure", subject: "CN={mac}", anchors: [authority.certificate.pem])
        let trust = try TrustProfile(record)
        self.trust = trust
        func listening(_ port: Int?, _ authority: CertificateAuthority) throws -> WPIServerConfiguration {
            WPIServerConfiguration(
                address: "127.0.0.1", port: port, securePort: 0,
                material: try authority.issue(subject: DistinguishedName(rfc4514: "CN=server"), at: Date()),
                profiles: { mac in
                    [try trust.resolved(for: PhoneValues(mac: mac.description, number: nil, type: nil, ip: nil))]
                })
        }
        server = try await WPIServer.start(try listening(0, ours), receiver: desk, loops: loops)
        comingDesk = CallDesk(book: store, catalogue: catalogue)
        coming = try await WPIServer.start(try listening(nil, next), receiver: comingDesk, loops: loops)
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
            place: CallPlace(dialer: dialer(to: server), desk: desk))
    }

    func dialer(to server: WPIServer) -> any PhoneDialer {
        WPIDialer(
            server: server, book: QuickBook(book: MemoryContactBook(now: clock.contact.now)),
            timing: CallTiming(deadline: 500, unreachableDeadline: 500), clock: clock.contact)
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

/// The code with which some work ends; nil when it succeeds.
func fault(_ body: () async throws -> Void) async -> StatusCode? {
    do {
        try await body()
        return nil
    } catch {
        return (error as? Fault)?.code
    }
}
