import DeploymentEngine
import DeploymentModel
import DeploymentStore
import Foundation
import TLSMaterial

/// By which trust profiles phones are authenticated once they have their new key material.
struct NewTrust {
    /// What was asked for.
    enum Choice {
        /// The profiles of each phone stay.
        case present
        /// A profile that there is.
        case named(String)
        /// For each phone the profile that goes with its new material: of an authority, which may have to be made again, or
        /// made with the material.
        case each([DeviceID: String], of: [TrustRecord], made: [TrustRecord])
        /// A profile made of the new chains.
        case made(String)
    }

    /// The names for a phone; empty for those that it has.
    private(set) var names: [DeviceID: [String]] = [:]
    /// Profiles that have to be kept before the run.
    private(set) var made: [TrustRecord] = []

    /// Throws a ``Fault`` when the profile that was named is not there, or the one to be made is.
    init(
        _ choice: Choice, materials: [DeviceID: ChosenMaterial], for devices: [Device], trust: TrustDirectory
    ) throws(Fault) {
        switch choice {
        case .present: break
        case .named(let name):
            try take(Dictionary(uniqueKeysWithValues: materials.keys.map { ($0, name) }), from: trust)
        case .each(let chosen, of: let usual, made: let own):
            made = usual.filter { trust.profiles[$0.name] == nil } + own.filter { !trust.records.contains($0) }
            try take(chosen, from: trust)
        case .made(let name): try make(name, of: materials, for: devices, besides: trust)
        }
    }

    private mutating func take(_ chosen: [DeviceID: String], from trust: TrustDirectory) throws(Fault) {
        let known = Set(trust.records.map(\.name)).union(made.map(\.name))
        for name in Set(chosen.values).sorted() where !known.contains(name) {
            throw Fault(
                .inputNotFound, subject: name,
                detail: "no such trust profile" + NearestName.hint(name, among: trust.records.map(\.name)))
        }
        self.names = chosen.mapValues { [$0] }
    }

    /// One profile for all phones whose chains have one CA and one subject, or subjects that differ in nothing but the
    /// phone's MAC address; else one for each kind of chain.
    private mutating func make(
        _ name: String, of materials: [DeviceID: ChosenMaterial], for devices: [Device], besides trust: TrustDirectory
    ) throws(Fault) {
        var found: [TrustRecord: [DeviceID]] = [:]
        for device in devices {
            let chain = materials[device.id]?.material.chain.compactMap { try? ParsedCertificate(der: $0) } ?? []
            guard let leaf = chain.first, let top = chain.last else { continue }
            var subject = SubjectPattern(leaf.subject).description
            if materials.count > 1, let mac = device.mac?.description {
                subject = subject.replacing(mac, with: "{mac}")
            }
            found[TrustRecord(name: name, subject: subject, anchors: [top.pem]), default: []].append(device.id)
        }
        for (record, devices) in found {
            var record = record
            if found.count > 1, let first = devices.min() { record.name = "\(name)-\(first)" }
            guard trust.profiles[record.name] == nil else {
                throw Fault(
                    .inputDuplicate, subject: record.name, detail: "name it with --trust, or choose another name")
            }
            made.append(record)
            for device in devices { names[device] = [record.name] }
        }
        made.sort { $0.name < $1.name }
    }
}
