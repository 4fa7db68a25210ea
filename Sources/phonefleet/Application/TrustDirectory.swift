import DeploymentEngine
import DeploymentModel
import DeploymentStore
import TLSMaterial

/// The trust profiles of the database, parsed, with what they are bound to.
struct TrustDirectory: Sendable {
    let records: [TrustRecord]
    let bindings: [TrustBinding]
    let profiles: [String: TrustProfile]

    /// Every profile, in the order of the database.
    var all: [TrustProfile] { records.compactMap { profiles[$0.name] } }

    init(records: [TrustRecord], bindings: [TrustBinding]) throws(Fault) {
        self.records = records
        self.bindings = bindings
        var profiles: [String: TrustProfile] = [:]
        for record in records { profiles[record.name] = try TrustProfile(record) }
        self.profiles = profiles
    }

    static func load(from workspace: Workspace) async throws -> TrustDirectory {
        try TrustDirectory(
            records: try await workspace.store.trustRecords(), bindings: try await workspace.store.trustBindings())
    }

    /// The profiles by which a phone is judged of which only the type is known; their subjects may be patterns.
    func profiles(for type: PhoneTypeID?) -> [TrustProfile] {
        TrustResolver(bindings).profiles(for: nil, type: type).compactMap { profiles[$0] }
    }

    /// The profiles of a device of the list, as they are for this device.
    func profiles(for device: Device, groups: [String]) -> [TrustProfile] {
        let names = TrustResolver(bindings).profiles(for: device.id, type: device.type, groups: groups)
        let values = PhoneValues(device)
        return names.compactMap { profiles[$0] }.compactMap { try? $0.resolved(for: values) }
    }
}

extension Fault {
    /// A certificate file or name that cannot be used, as a fault about what the user gave.
    init(_ error: MaterialError, subject: String) {
        self.init(StatusCode(error.code.rawValue), subject: subject, detail: error.detail)
    }
}
