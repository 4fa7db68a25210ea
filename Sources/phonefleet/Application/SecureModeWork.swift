import DeploymentEngine
import DeploymentModel
import DeploymentStore
import Foundation
import PhoneTransport
import TLSMaterial

/// Certificates of an authority for phones that shall enter secure mode, and the trust that goes with them.
struct SecureModeWork {
    var workspace: Workspace
    var by: OpenAuthority
    /// Validity instead of the authority's usual one.
    var days: Int?

    /// The subject names the phone and nothing else, whatever the authority's policy puts into other certificates.
    private static let subject = "CN={mac}"

    /// The trust profile of all phones that are in secure mode by this authority.
    private var profile: String { "secure-\(by.record.name)" }

    /// A phone with what was made for it.
    struct Prepared {
        var device: Device
        var made: MadeMaterial
    }

    /// What stands in the way of phones; throws a ``FaultList`` with all of it.
    func check(_ devices: [Device]) throws {
        let faults = devices.compactMap { device -> Fault? in
            guard let type = device.type.flatMap({ workspace.catalogue[$0] }) else {
                return Fault(.planNoType, subject: device.label)
            }
            guard type.managementProtocol == .wpi else {
                return Fault(
                    .planNotSupported, subject: device.label, detail: "only phones that call have a secure mode")
            }
            if device.status == .conflict { return Fault(.planDeviceConflict, subject: device.label) }
            return device.mac == nil ? Fault(.planNoMAC, subject: device.label) : nil
        }
        guard faults.isEmpty else { throw FaultList(faults) }
    }

    /// The certificate of each phone: the one that waits for it since an earlier time, or a new one.
    ///
    /// For a renewal only one that the phone was not yet seen with.
    func prepare(_ devices: [Device], for purpose: Purpose, at time: Date) async throws -> [Prepared] {
        let waiting = try await workspace.store.issuedCertificates(IssuedFilter(authority: by.record.name)).filter {
            $0.hasKey && $0.profile == profile && $0.notAfter > time && (!purpose.isRenewal || $0.state == .issued)
        }
        let latest = Dictionary(
            waiting.compactMap { certificate in certificate.holder.device.map { ($0, certificate) } },
            uniquingKeysWith: { first, _ in first })
        let keys = try await workspace.store.materialKeys(latest.values.map(\.keyFingerprint))
        var prepared: [Prepared] = []
        for device in devices {
            try Task.checkCancellation()
            if let mac = device.mac, let certificate = latest[device.id],
                let key = keys[certificate.keyFingerprint]?.fileContent
            {
                let material = KeyMaterial(privateKey: key, chain: certificate.chain)
                if material.isMade(for: mac) {
                    let origin = "certificate of \(device.id)"
                    prepared.append(
                        .init(
                            device: device,
                            made: MadeMaterial(material: material, certificate: certificate, origin: origin)))
                    continue
                }
            }
            prepared.append(.init(device: device, made: try make(for: device, at: time)))
        }
        return prepared
    }

    private func make(for device: Device, at time: Date) throws(Fault) -> MadeMaterial {
        do throws(MaterialError) {
            let subject = try SubjectPattern(Self.subject).subject(for: PhoneValues(device))
            let material = try by.authority.issue(subject: subject, for: .client, days: days, at: time)
            let certificate = try IssuedCertificate(
                chain: material.chain, authority: by.record.name, holder: .device(device.id), profile: profile,
                purpose: .client, at: time)
            return MadeMaterial(material: material, certificate: certificate, origin: "certificate of \(device.id)")
        } catch {
            throw Fault(error, subject: device.label)
        }
    }

    /// Keeps the keys, and the trust by which the phones will be known: before anything is sent.
    func keep(_ prepared: [Prepared]) async throws -> TrustProfile {
        try await workspace.store.saveIssued(
            prepared.map { ($0.made.certificate, SecretText(fileContent: $0.made.material.privateKey)) })
        let known = try await workspace.store.trustRecords().first { $0.name == profile }
        var record = known ?? TrustRecord(name: profile, subject: Self.subject, anchors: [])
        guard record.subject == Self.subject else {
            throw Fault(.inputDuplicate, subject: profile, detail: "a trust profile of this name is about others")
        }
        for anchor in by.record.chain.suffix(1) + by.record.former where !record.anchors.contains(anchor) {
            record.anchors.append(anchor)
        }
        let bound = Set(try await workspace.store.trustBindings())
        let bindings = prepared.map { TrustBinding(profile: profile, scope: .device($0.device.id)) }
        try await workspace.store.saveTrust(record, binding: bindings.filter { !bound.contains($0) })
        return try TrustProfile(record)
    }

    /// What a phone is to be given.
    enum Purpose: Sendable {
        case start(PresentedCertificates, pin: SecretText?)
        case renewal

        var isRenewal: Bool { presented == nil }

        /// By which certificate phones meet this program; nil for the one in use.
        var presented: PresentedCertificates? {
            if case .start(let presented, _) = self { presented } else { nil }
        }
    }

    /// The visit that brings one phone into secure mode, or renews its certificate.
    func visit(
        _ phone: Prepared, to server: CallServer, _ known: TrustProfile, _ purpose: Purpose, timeouts: ContactTimeouts,
        patience: Double
    ) async throws -> SecureModeVisit {
        let device = phone.device
        guard let mac = device.mac, let type = device.type.flatMap({ workspace.catalogue[$0] }),
            let port = server.server.securePort
        else { throw Fault(.planNoMAC, subject: device.label) }
        let order =
            switch purpose {
            case .start(let presented, let pin):
                try SecureModeOrder(
                    phone.made.material, for: mac, authorities: presented.authorities, port: port, pin: pin)
            case .renewal: try SecureModeOrder(renewing: phone.made.material, for: mac)
            }
        let store = workspace.store
        let (id, tan, trust) = (device.id, order.tan, purpose.presented?.order)
        let proven = trust?.authorities.first
        let target = PhoneTarget(caller: device, of: type, mac, timeouts)
        let profile: TrustProfile
        do throws(MaterialError) { profile = try known.resolved(for: PhoneValues(device)) } catch {
            throw Fault(error, subject: device.label)
        }
        let isBegun = try await store.calls(of: [id]).first?.secureMode == .begun
        let earlierTAN = isBegun ? try await store.secureModeTAN(of: id) : nil
        let belief = trust?.state.beliefs[id]
        return SecureModeVisit(
            target: target, order: order, profiles: [profile], hasEarlierOrder: isBegun, earlierTAN: earlierTAN,
            keeping: .init(
                begin: { try await store.beginSecureMode(of: id, tan: tan, trusting: trust) },
                withdraw: {
                    guard isBegun else { return try await store.withdrawSecureMode(of: id) }
                    try await store.returnToBegun(of: id, tan: earlierTAN, believing: belief)
                },
                distrust: { try await store.distrustSecureMode(of: id, fingerprint: $0) },
                prove: { try await store.proveSecureMode(of: id, fingerprint: $0, authority: proven) }),
            place: server.place, patience: patience)
    }
}

extension PhoneTarget {
    /// A phone that calls, asked in default mode.
    init(caller device: Device, of type: PhoneType, _ mac: MACAddress, _ timeouts: ContactTimeouts) {
        self.init(
            address: device.address ?? mac.description,
            port: device.port ?? type.access(for: device.softwareVersion).port, security: .plain, timeouts: timeouts,
            managementProtocol: .wpi, mac: mac)
    }
}
