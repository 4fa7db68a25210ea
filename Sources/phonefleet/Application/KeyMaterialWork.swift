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
        let candidates = try await candidates(materials, for: devices)
        var work = FileWork(newProfiles: trust.made)
        var faults: [Fault] = []
        var sealed: [String: FileChange] = [:]
        for device in devices {
            guard let origin = materials[device.id]?.origin, let candidate = candidates[origin] else { continue }
            faults += candidate.faults[device.type] ?? []
            do throws(Fault) {
                let file = try candidate.file.get()
                let change =
                    sealed[origin]
                    ?? .transfer(work.seal(file.content, as: "file-\(sealed.count)"), file.facts)
                sealed[origin] = change
                work.files[device.id] = [
                    WantedFile(kind: .serverKeyMaterial, change: change, newTrust: trust.names[device.id] ?? [])
                ]
            } catch {
                faults.append(error)
            }
        }
        var seen: Set<Fault> = []
        faults = faults.filter { seen.insert($0).inserted }
        guard faults.isEmpty else { throw FaultList(faults) }
        return work
    }

    /// What was found of each origin's material, made on all processors; thousands of phones with one file are checked
    /// once for each type.
    private func candidates(
        _ materials: [DeviceID: ChosenMaterial], for devices: [Device]
    ) async throws -> [String: CandidateMaterial] {
        var places: [String: Int] = [:]
        var cases: [(chosen: ChosenMaterial, types: Set<PhoneTypeID?>)] = []
        for device in devices {
            guard let chosen = materials[device.id] else { continue }
            let place = places[chosen.origin] ?? cases.count
            if place == cases.count { cases.append((chosen, [])) }
            places[chosen.origin] = place
            cases[place].types.insert(device.type)
        }
        let (rules, catalogue) = (MaterialRules(), workspace.catalogue)
        let found = try await Processors.map(cases) { CandidateMaterial($0.chosen, for: $0.types, rules, catalogue) }
        return places.mapValues { found[$0] }
    }

    /// Back to the built-in key material, and to the trust profile by which it is authenticated.
    ///
    /// - Parameter name: the profile of the built-in key material; nil for the one that applies where a device has none
    ///   of its own.
    private func deletion(from devices: [Device], trust name: String?) async throws -> FileWork {
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

    /// Does what returns devices to their built-in key material; those that need no trust profile of their own for it have
    /// none afterwards.
    ///
    /// - Parameter isTried: whether nothing is sent.
    func returning(
        _ devices: [Device], trust name: String?, isTried: Bool, _ work: (FileWork) async throws -> Void
    ) async throws {
        let deletion = try await deletion(from: devices, trust: name)
        let isKept = name != nil || isTried
        do {
            try await work(deletion)
        } catch {
            if !isKept { try? await forgetNeedlessTrust(of: devices) }
            throw error
        }
        if !isKept { try await forgetNeedlessTrust(of: devices) }
    }

    /// Unbinds the own trust profiles of devices for which the same ones apply without.
    ///
    /// So a device follows its group or type again once it has the built-in key material.
    private func forgetNeedlessTrust(of devices: [Device]) async throws {
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

/// Key material as it would be sent, with all that is known against it.
private struct CandidateMaterial: Sendable {
    /// What stands against sending it, by the type of phone.
    var faults: [PhoneTypeID?: [Fault]] = [:]
    /// What is sent; the fault when it cannot be put into a file.
    var file: Result<(content: [UInt8], facts: FileFacts), Fault>

    init(_ chosen: ChosenMaterial, for types: Set<PhoneTypeID?>, _ rules: MaterialRules, _ catalogue: Catalogue) {
        for type in types {
            let known = type.flatMap { catalogue[$0] }.map { [$0] } ?? []
            faults[type] = rules.faults(of: chosen.material, named: chosen.origin, for: known)
        }
        do throws(MaterialError) {
            file = .success((try PKCS12.encode(chosen.material), try FileFacts(chosen.material)))
        } catch {
            file = .failure(Fault(error, subject: chosen.origin))
        }
    }
}
