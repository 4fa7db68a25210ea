import DeploymentModel
import DeploymentStore
import TLSMaterial

/// What shall become of a kind of file on each phone, with the secrets and trust profiles that it takes.
struct FileWork {
    var files: [DeviceID: [WantedFile]] = [:]
    /// By the names under which ``files`` refer to them (`sealed:run/NAME`).
    var secrets: [String: SecretText] = [:]
    /// Made for this work; kept in the database when the run begins, and not before.
    var newProfiles: [TrustRecord] = []

    init(files: [DeviceID: [WantedFile]] = [:], newProfiles: [TrustRecord] = []) {
        self.files = files
        self.newProfiles = newProfiles
    }

    /// The same change for every device.
    static func all(_ devices: [Device], _ kind: FileKind, _ change: FileChange) -> FileWork {
        FileWork(
            files: Dictionary(uniqueKeysWithValues: devices.map { ($0.id, [WantedFile(kind: kind, change: change)]) }))
    }

    /// The same files of a kind to be fetched or deleted for every device.
    static func all(_ devices: [Device], _ kind: FileKind, _ fetches: [FileFetch]) -> FileWork {
        let wanted = fetches.map { WantedFile(kind: kind, change: .fetch($0)) }
        return FileWork(files: Dictionary(uniqueKeysWithValues: devices.map { ($0.id, wanted) }))
    }

    /// The files of an earlier run, to be tried again with their sealed contents; nil when it was not about files.
    init?(again run: RunID, in workspace: Workspace) async throws {
        let plans = try await workspace.store.plan(of: run).devices.filter { !$0.files.isEmpty }
        guard !plans.isEmpty else { return nil }
        var names: [SecretReference: String] = [:]
        for plan in plans {
            var wanted = plan.files
            for place in wanted.indices {
                guard case .transfer(let reference, let facts) = wanted[place].change else { continue }
                let name = names[reference] ?? "file-\(names.count)"
                if names.updateValue(name, forKey: reference) == nil {
                    secrets[name] = try await workspace.store.reveal(reference)
                }
                wanted[place].change = .transfer(.sealed("run/\(name)"), facts)
            }
            files[plan.device] = wanted
        }
    }

    /// Keeps a content among the secrets and returns how a plan refers to it; the same content is kept once.
    mutating func seal(_ content: [UInt8], as name: String) -> SecretReference {
        secrets[name] = SecretText(fileContent: content)
        return .sealed("run/\(name)")
    }
}
