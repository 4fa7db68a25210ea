import DeploymentEngine
import DeploymentModel
import DeploymentStore
import Foundation
import PhoneTransport
import TLSMaterial

/// Has phones in secure mode believe this program by the authorities of its certificates, and by no others.
struct ServerTrustWork {
    let workspace: Workspace
    let presented: PresentedCertificates
    private let profiles: TrustDirectory
    private let groups: [DeviceID: [String]]

    init(in workspace: Workspace) async throws {
        self.workspace = workspace
        presented = try await PresentedCertificates(in: workspace.store)
        profiles = try await TrustDirectory.load(from: workspace)
        groups = try await workspace.groupsByDevice()
    }

    private var fingerprints: Set<String> { Set(presented.authorities.map(\.fingerprint)) }

    /// Whether a phone is known to believe by just these.
    func isDone(_ device: Device) -> Bool { presented.trust.byDevice[device.id] == ServerBelief(fingerprints) }

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
        let known = presented.trust.byDevice[device.id]?.sure ?? []
        let (inUse, authorities) = (presented.inUse, presented.authorities)
        let believed = [inUse, presented.beside].compactMap(\.self).filter { $0.isKnown(by: known) }
        let now = Date()
        guard let met = believed.first(where: { $0.refusal(at: now) == nil }) ?? believed.first else {
            throw Fault(.callServerNotBelieved, subject: device.label, detail: "it believes neither certificate")
        }
        let isReachedBeside = met.anchor != inUse.anchor
        let other = isReachedBeside ? places.inUse : places.beside
        guard let reached = isReachedBeside ? places.beside : places.inUse else {
            throw Fault(.callServerNotBelieved, subject: device.label)
        }
        let (store, id, all) = (workspace.store, device.id, fingerprints)
        let (state, usual) = (presented.state, inUse.anchor.fingerprint)
        return SecureModeVisit(
            target: PhoneTarget(caller: device, of: type, mac, timeouts),
            order: SecureModeOrder(trusting: isReachedBeside ? authorities.reversed() : authorities),
            profiles: profiles.profiles(for: device, groups: groups[device.id] ?? []),
            keeping: .init(
                begin: { try await store.tellServerTrust(all, to: id, if: state, others: usual) },
                withdraw: {}, distrust: { _ in },
                prove: { _ in try await store.setServerTrust(ServerBelief(all), of: id) }),
            place: reached.place, proof: other?.place, patience: patience)
    }
}
