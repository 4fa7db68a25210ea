import DeploymentEngine
import DeploymentModel
import DeploymentStore
import TLSMaterial

/// A deployment file on its way into the database.
struct LoadedFile {
    var path: String

    /// Reads, checks and takes the file over: all of it or nothing.
    ///
    /// Returns what changed in the device list.
    ///
    /// - Parameter replacing: whether the database has just the file's work afterwards.
    @discardableResult
    func apply(to workspace: Workspace, replacing: Bool) async throws -> LoadSummary {
        let document = try checked(in: workspace)
        return try await workspace.store.load(document, replacing ? .replace : .merge)
    }

    /// The file's content, checked against the catalogue and against itself.
    func checked(in workspace: Workspace) throws -> DeploymentDocument {
        let document: DeploymentDocument
        do {
            document = try DeploymentFile.document(
                from: try UserFile.read(path), isSecret: workspace.catalogue.secretTest)
        } catch let list as FaultList {
            throw FaultList(list.faults.map(named))
        }
        let faults = SettingsBook(document.settings).check(against: workspace.catalogue)
        guard faults.isEmpty else { throw FaultList(faults.map(named)) }
        for record in document.profiles { _ = try TrustProfile(record) }
        return document
    }

    private func named(_ fault: Fault) -> Fault {
        Fault(
            fault.code, subject: [path, fault.subject].compactMap(\.self).joined(separator: ": "), detail: fault.detail)
    }
}
