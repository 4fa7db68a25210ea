import DeploymentModel
import DeploymentStore
import Foundation

/// What the commands work with: the database and the catalogue, opened as the global options say.
struct Workspace {
    var store: Store
    var catalogue: Catalogue
    var paths: Paths

    /// Opens (and on first use makes) the database. Throws `store.*` or `input.catalogue`.
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

    /// The groups of every device, by id.
    func groupsByDevice() async throws -> [DeviceID: [String]] {
        var names: [DeviceID: [String]] = [:]
        for group in try await store.groups() {
            for member in group.members { names[member, default: []].append(group.name) }
        }
        return names
    }

    func settingsBook() async throws -> SettingsBook { SettingsBook(try await store.settings()) }

    /// What is known of a run: the results of its finished phones, and that the others are open.
    func result(of record: RunRecord) async throws -> TransferResult {
        let finished = Dictionary(
            try await store.results(of: record.id).map { ($0.device, $0) }, uniquingKeysWith: { _, last in last })
        let planned = try await store.plan(of: record.id).devices
        return TransferResult(
            run: record.id, mode: record.mode, devices: planned.map { finished[$0.device] ?? record.open($0) },
            endedEarly: record.endedEarly)
    }

    /// One device by id, MAC address, address or number.
    func device(_ reference: String) async throws -> Device {
        try DeviceIndex(try await store.devices()).device(reference)
    }
}

extension RunRecord {
    /// The place of a phone that has no result yet: stopped or skipped with the run, or still waiting for its turn.
    fileprivate func open(_ plan: DevicePlan) -> DeviceResult {
        let outcome: DeviceOutcome =
            switch state {
            case .stopped: .stopped
            case .failed: .skipped
            case .running, .interrupted, .finished: .waiting
            }
        return DeviceResult(
            device: plan.device, address: plan.address, mac: plan.mac, type: plan.type, outcome: outcome,
            fault: endedEarly.map { Fault($0.code) }, finishedAt: finishedAt ?? createdAt)
    }
}
