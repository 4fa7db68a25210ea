import DeploymentModel
import DeploymentStore
import Foundation
import TLSMaterial

/// Finds or makes the key material that phones are to get next.
struct MaterialRotation {
    /// Where it comes from.
    enum Source {
        /// Made now by the authority of this name, or by the one that made what a phone has.
        case authority(String?)
        /// Made before and not yet on the phones.
        case issued
    }

    var workspace: Workspace
    var source: Source
    /// Validity instead of the authority's usual one.
    var days: Int?

    /// The phones whose key material expires before a moment, and of how many that is not known.
    func expiring(before limit: Date, of devices: [Device]) async throws -> (due: [Device], unknown: Int) {
        let holdings = try await Holdings.load(from: workspace)
        var due: [Device] = []
        var unknown = 0
        for device in devices {
            guard let end = holdings.keyMaterial(of: device)?.notAfter else {
                unknown += 1
                continue
            }
            if end < limit { due.append(device) }
        }
        return (due, unknown)
    }

    /// The material of each device, and what is to be kept of it before a phone gets it.
    ///
    /// Throws a ``FaultList`` with every phone for which there is none.
    func materials(for devices: [Device]) async throws -> (all: [DeviceID: MadeMaterial], issuers: [MaterialIssuer]) {
        switch source {
        case .issued: (try await issuedBefore(for: devices), [])
        case .authority(let name): try await made(for: devices, by: name)
        }
    }

    /// The phones that can be renewed as they are: all where the authority is named or the material is there already,
    /// else those with a certificate of an authority that is here.
    func renewable(of devices: [Device]) async throws -> [Device] {
        guard !devices.isEmpty, case .authority(nil) = source else { return devices }
        let holdings = try await Holdings.load(from: workspace)
        return devices.filter { holdings.keyMaterial(of: $0)?.authority != nil }
    }

    private func made(
        for devices: [Device], by name: String?
    ) async throws -> (all: [DeviceID: MadeMaterial], issuers: [MaterialIssuer]) {
        let records = try await workspace.store.authorities()
        let holdings = name == nil && records.count > 1 ? try await Holdings.load(from: workspace) : nil
        var groups: [String: [Device]] = [:]
        for device in devices {
            let usual = holdings?.keyMaterial(of: device)?.authority
            groups[try OpenAuthority.choose(name ?? usual, from: records).name, default: []].append(device)
        }
        var all: [DeviceID: MadeMaterial] = [:]
        var issuers: [MaterialIssuer] = []
        for (name, devices) in groups.sorted(by: { $0.key < $1.key }) {
            let by = try await OpenAuthority.open(name, in: workspace)
            let issuer = MaterialIssuer(workspace: workspace, by: by, days: days)
            issuers.append(issuer)
            for (device, made) in zip(devices, try await issuer.make(for: devices)) { all[device.id] = made }
        }
        return (all, issuers)
    }

    private func issuedBefore(for devices: [Device]) async throws -> [DeviceID: MadeMaterial] {
        let waiting = try await workspace.store.issuedCertificates(IssuedFilter(states: [.issued])).filter(\.hasKey)
        // The latest come first, and what is a phone's own goes before what is for all.
        let common = waiting.first { $0.holder == .all }
        let own = Dictionary(
            waiting.compactMap { certificate in certificate.holder.device.map { ($0, certificate) } },
            uniquingKeysWith: { first, _ in first })
        let chosen = devices.compactMap { device in (own[device.id] ?? common).map { (device.id, $0) } }
        let missing = devices.filter { own[$0.id] == nil && common == nil }
        guard missing.isEmpty else {
            throw FaultList(
                missing.map { Fault(.inputNotFound, subject: $0.label, detail: "no key material waits for the phone") })
        }
        let keys = try await workspace.store.materialKeys(chosen.map(\.1.keyFingerprint))
        var all: [DeviceID: MadeMaterial] = [:]
        for (device, certificate) in chosen {
            guard let key = keys[certificate.keyFingerprint]?.fileContent else { continue }
            let name = certificate.holder.device?.rawValue ?? "all phones"
            all[device] = MadeMaterial(
                material: KeyMaterial(privateKey: key, chain: certificate.chain), certificate: certificate,
                origin: "certificate of \(name) from \(certificate.authority ?? "an outside CA")")
        }
        return all
    }
}
