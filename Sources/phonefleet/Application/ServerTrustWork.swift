import DeploymentEngine
import DeploymentModel
import DeploymentStore
import PhoneTransport
import TLSMaterial

/// Has phones in secure mode believe this program by the authorities of its certificates, and by no others.
struct ServerTrustWork {
    let workspace: Workspace
    let inUse: ServerIdentity
    /// The certificate kept beside, if that comes from another authority.
    let beside: ServerIdentity?
    private let trust: ServerTrust
    private let profiles: TrustDirectory
    private let groups: [DeviceID: [String]]

    init(in workspace: Workspace) async throws {
        self.workspace = workspace
        let current = try await ServerIdentity.current(in: workspace.store)
        let other = try await ServerIdentity.kept(.beside, in: workspace.store)
        inUse = current
        beside = other.flatMap { $0.anchor == current.anchor ? nil : $0 }
        trust = try await ServerTrust(in: workspace.store)
        profiles = try await TrustDirectory.load(from: workspace)
        groups = try await workspace.groupsByDevice()
    }

    /// By which phones are to believe, the one in use first.
    var authorities: [ParsedCertificate] { [inUse.anchor] + (beside.map { [$0.anchor] } ?? []) }

    private var fingerprints: Set<String> { Set(authorities.map(\.fingerprint)) }

    /// Whether a phone is known to believe by just these.
    func isDone(_ device: Device) -> Bool { trust.byDevice[device.id] == fingerprints }

    /// Where phones call: the ports of the certificate in use, and the port of the one beside.
    struct Places {
        var inUse: CallServer
        var beside: CallServer?
    }

    /// The visit of one phone: where it believes this program now it is told, and where the other certificate is presented
    /// it proves that it was.
    ///
    /// - Throws: `call.server-not-believed` for a phone that believes neither certificate.
    func visit(
        _ device: Device, _ places: Places, timeouts: ContactTimeouts, patience: Double
    ) throws(Fault) -> SecureModeVisit {
        guard let mac = device.mac, let type = device.type.flatMap({ workspace.catalogue[$0] }) else {
            throw Fault(.planNoMAC, subject: device.label)
        }
        let known = trust.byDevice[device.id] ?? []
        let isReachedBeside = !inUse.isBelieved(by: known)
        let reached = isReachedBeside ? places.beside : places.inUse
        guard let reached, let met = isReachedBeside ? beside : inUse, met.isBelieved(by: known) else {
            throw Fault(.callServerNotBelieved, subject: device.label, detail: "it believes neither certificate")
        }
        let other = isReachedBeside ? places.inUse : places.beside
        let (store, id, all) = (workspace.store, device.id, fingerprints)
        let kept = known.intersection(all).union([met.anchor.fingerprint])
        return SecureModeVisit(
            target: PhoneTarget(caller: device, of: type, mac, timeouts),
            order: SecureModeOrder(trusting: isReachedBeside ? authorities.reversed() : authorities),
            profiles: profiles.profiles(for: device, groups: groups[device.id] ?? []),
            keeping: .init(
                begin: { try await store.setServerTrust(kept, of: id) }, withdraw: {}, distrust: { _ in },
                prove: { _ in try await store.setServerTrust(all, of: id) }),
            place: reached.place, proof: other?.place, patience: patience)
    }
}
