import DeploymentModel
import DeploymentStore
import Foundation
import TLSMaterial

/// A certificate or set that a phone was seen with.
struct Holding: Encodable {
    var device: String
    var address: String?
    var mac: String?
    var type: String?
    /// `server-key-material`, `client-trusted-certificates`, or `client-certificate` of a phone in secure mode.
    var kind: String
    /// SHA-256 of the phone's certificate, or of the set.
    var fingerprint: String
    var subject: String?
    /// When the first of its certificates expires; missing where only the fingerprint was seen.
    var notAfter: Date?
    /// The authority here that issued it.
    var authority: String?
    /// When it was last read back.
    var readAt: Date?
    /// When the phone last presented it in a handshake.
    var presentedAt: Date?

    var id: DeviceID { DeviceID(device) }
}

/// What the phones of the list were seen with: by read-back, and by the certificate that they presented.
struct Holdings {
    private let issued: [String: IssuedCertificate]
    private let read: [DeviceID: [HeldMaterial]]
    private let seenInScans: [String: ParsedCertificate]

    static func load(from workspace: Workspace) async throws -> Holdings {
        try await Holdings(
            issued: workspace.store.issuedCertificates(), read: workspace.store.heldMaterial(),
            scans: workspace.store.scanRows())
    }

    init(issued: [IssuedCertificate], read: [HeldMaterial], scans: [ScanRow]) {
        self.issued = Dictionary(issued.map { ($0.fingerprint, $0) }, uniquingKeysWith: { first, _ in first })
        self.read = Dictionary(grouping: read, by: \.device)
        let leaves = Dictionary(
            scans.compactMap { row in row.evidence?.certificateFingerprint.map { ($0, row.chain.first) } },
            uniquingKeysWith: { first, _ in first })
        seenInScans = leaves.compactMapValues { $0.flatMap { try? ParsedCertificate(der: $0) } }
    }

    /// What a phone has, by kind; both where it presents another certificate than the one that was read back.
    func of(_ device: Device) -> [Holding] {
        var found = (read[device.id] ?? []).map { held in
            var holding = holding(device, held.kind, held.fingerprint)
            holding.subject = held.subject ?? holding.subject
            holding.notAfter = held.notAfter ?? holding.notAfter
            holding.readAt = held.seenAt
            return holding
        }
        guard let presented = device.certificateFingerprint else { return found }
        if let place = found.firstIndex(where: { $0.fingerprint == presented }) {
            found[place].presentedAt = device.lastSeen
        } else {
            let isClient = issued[presented]?.purpose == .client
            var holding = holding(device, isClient ? HeldMaterial.clientCertificate : .serverKeyMaterial, presented)
            holding.presentedAt = device.lastSeen
            found.append(holding)
        }
        return found
    }

    /// The certificate of the phone's server: the one seen last.
    func keyMaterial(of device: Device) -> Holding? {
        of(device).filter { $0.kind == FileKind.serverKeyMaterial.rawValue }.max { left, right in
            (left.presentedAt ?? left.readAt ?? .distantPast) < (right.presentedAt ?? right.readAt ?? .distantPast)
        }
    }

    private func holding(_ device: Device, _ kind: FileKind, _ fingerprint: String) -> Holding {
        let ours = issued[fingerprint]
        let seen = seenInScans[fingerprint]
        return Holding(
            device: device.id.rawValue, address: device.address, mac: device.mac?.description,
            type: device.type?.rawValue, kind: kind.rawValue, fingerprint: fingerprint,
            subject: ours?.subject ?? seen?.subject.description, notAfter: ours?.notAfter ?? seen?.notAfter,
            authority: ours?.authority)
    }

    /// - Parameter limit: lists what expires before it; nil for everything.
    static func listing(_ all: [Holding], expiringBefore limit: Date? = nil) -> Listing<Holding> {
        let unknown = "nothing is known of what the phones hold; 'phonefleet scan' or 'key-material read' finds out"
        let none = limit.map { "nothing that the phones are known to hold expires before \(Words.day($0))" }
        return Listing(
            noun: "holdings", views: all.filter { $0.isExpiring(before: limit) },
            columns: [
                .init(title: "DEVICE", text: { $0.device }),
                .init(title: "ADDRESS", text: { $0.address }),
                .init(title: "HOLDS", text: { $0.kind }, wraps: true),
                .init(title: "SUBJECT", text: { $0.subject }, wraps: true),
                .init(title: "EXPIRES", text: { $0.notAfter.map(Words.day) }),
                .init(title: "CA", text: { $0.authority }, wraps: true),
                .init(title: "READ", text: { $0.readAt.map(Words.day) }),
                .init(title: "PRESENTED", text: { $0.presentedAt.map(Words.day) }),
                .init(title: "SHA-256", text: { $0.fingerprint }, onlyCSV: true),
            ],
            whenEmpty: all.isEmpty ? unknown : none ?? unknown)
    }
}
