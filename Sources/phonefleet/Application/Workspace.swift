import DeploymentModel
import DeploymentStore
import Foundation

/// What the commands work with: the database and the catalogue, opened as the global options say.
struct Workspace {
    var store: Store
    var catalogue: Catalogue
    var paths: Paths

    /// Opens (and on first use makes) the database.
    ///
    /// Throws `store.*` or `input.catalogue`.
    static func open(_ options: GlobalOptions) throws -> Workspace {
        let paths = Paths(database: options.database ?? ProcessInfo.processInfo.environment["PHONEFLEET_DATABASE"])
        let catalogue = try CatalogueFiles.load(options.catalogue)
        return Workspace(store: try Store.open(path: paths.database), catalogue: catalogue, paths: paths)
    }

    /// The devices that a selection means, in the order of the list.
    func devices(_ selection: DeviceSelection) async throws -> [Device] {
        try selection.resolve(
            devices: try await store.devices(), groups: try await store.groups(), catalogue: catalogue)
    }

    /// The same, but never none.
    func someDevices(_ selection: DeviceSelection) async throws -> [Device] {
        let devices = try await devices(selection)
        guard !devices.isEmpty else { throw Fault(.inputSelection, detail: "no device fits") }
        return devices
    }

    /// The groups of every device, by id.
    func groupsByDevice() async throws -> [DeviceID: [String]] {
        var names: [DeviceID: [String]] = [:]
        for group in try await store.groups() {
            for member in group.members { names[member, default: []].append(group.name) }
        }
        return names
    }

    /// The same with a document loaded into a copy of the database; itself when there is none.
    func trying(_ document: DeploymentDocument?) async throws -> Workspace {
        guard let document else { return self }
        var trial = self
        trial.store = try store.scratchCopy()
        try await trial.store.load(document, .merge)
        return trial
    }

    func settingsBook() async throws -> SettingsBook { SettingsBook(try await store.settings()) }

    /// What is known of a run: the results of its finished phones and, when it is no longer at work, those that had no turn.
    func result(of record: RunRecord) async throws -> TransferResult {
        var devices = try await store.results(of: record.id)
        if record.state != .running, record.state != .finished {
            let known = Set(devices.map(\.device))
            let gaveUp = record.endedEarly.map { $0.code != .runStopped } ?? false
            devices += try await store.plan(of: record.id).devices.filter { !known.contains($0.device) }.map { plan in
                DeviceResult(
                    device: plan.device, address: plan.address, mac: plan.mac, type: plan.type,
                    outcome: gaveUp ? .skipped : .stopped, fault: Fault(record.endedEarly?.code ?? .runStopped),
                    finishedAt: record.finishedAt ?? record.createdAt)
            }
        }
        return TransferResult(run: record.id, mode: record.mode, devices: devices, endedEarly: record.endedEarly)
    }

    /// One device by id, MAC address, address or number.
    func device(_ reference: String) async throws -> Device {
        try DeviceIndex(try await store.devices()).device(reference)
    }
}
