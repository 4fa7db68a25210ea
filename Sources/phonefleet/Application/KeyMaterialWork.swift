import DeploymentEngine
import DeploymentModel
import DeploymentStore
import Foundation
import TLSMaterial

/// Checks new key material against everything that can be known beforehand, and makes it the work of a run.
struct KeyMaterialWork {
    var workspace: Workspace

    /// What each device gets, and by which trust profiles it is authenticated afterwards.
    ///
    /// Throws a ``FaultList`` with everything that stands in the way; nothing is sent or kept.
    func transfer(
        _ materials: [DeviceID: ChosenMaterial], to devices: [Device], trust choice: NewTrust.Choice
    ) async throws -> FileWork {
        let directory = try await TrustDirectory.load(from: workspace)
        let trust = try NewTrust(choice, materials: materials, for: devices, trust: directory)
        var work = FileWork(newProfiles: trust.made)
        var faults: [Fault] = []
        var checks = MaterialRules()
        var sealed: [String: FileChange] = [:]
        for device in devices {
            guard let chosen = materials[device.id] else { continue }
            faults += checks.faults(of: chosen, for: device.type.flatMap { workspace.catalogue[$0] })
            if sealed[chosen.origin] == nil {
                do throws(MaterialError) {
                    let reference = work.seal(try PKCS12.encode(chosen.material), as: "file-\(sealed.count)")
                    sealed[chosen.origin] = .transfer(reference, try FileFacts(chosen.material))
                } catch {
                    faults.append(Fault(error, subject: chosen.origin))
                }
            }
            guard let change = sealed[chosen.origin] else { continue }
            work.files[device.id] = [
                WantedFile(kind: .serverKeyMaterial, change: change, newTrust: trust.names[device.id] ?? [])
            ]
        }
        var seen: Set<Fault> = []
        faults = faults.filter { seen.insert($0).inserted }
        guard faults.isEmpty else { throw FaultList(faults) }
        return work
    }

    /// Back to the built-in key material, and to the trust profile by which it is authenticated.
    ///
    /// - Parameter name: the profile of the built-in key material; nil for the one that applies where a device has none
    ///   of its own.
    func deletion(from devices: [Device], trust name: String?) async throws -> FileWork {
        let directory = try await TrustDirectory.load(from: workspace)
        let groups = try await workspace.groupsByDevice()
        if let name, directory.profiles[name] == nil {
            throw Fault(
                .inputNotFound, subject: name,
                detail: "no such trust profile" + NearestName.hint(name, among: directory.records.map(\.name)))
        }
        var work = FileWork()
        for device in devices {
            let names =
                name.map { [$0] }
                ?? directory.resolver.profiles(for: nil, type: device.type, groups: groups[device.id] ?? [])
            work.files[device.id] = [WantedFile(kind: .serverKeyMaterial, change: .delete, newTrust: names)]
        }
        return work
    }

    /// Unbinds the own trust profiles of devices for which the same ones apply without.
    ///
    /// So a device follows its group or type again once it has the built-in key material.
    func forgetNeedlessTrust(of devices: [Device]) async throws {
        let bindings = try await workspace.store.trustBindings()
        let groups = try await workspace.groupsByDevice()
        let resolver = TrustResolver(bindings)
        let byScope = Dictionary(grouping: bindings, by: \.scope)
        var needless: [TrustBinding] = []
        for device in devices {
            let others = resolver.profiles(for: nil, type: device.type, groups: groups[device.id] ?? [])
            guard resolver.ownProfiles(of: device.id) == others else { continue }
            needless += byScope[.device(device.id)] ?? []
        }
        if !needless.isEmpty { try await workspace.store.changeTrustBindings(unbind: needless) }
    }
}
