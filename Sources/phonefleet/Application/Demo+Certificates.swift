import ArgumentParser
import DeploymentModel
import DeploymentStore
import TLSMaterial

/// An authority of one's own, key material of it for every phone that can take some, and later a renewal.
extension Demo {
    private static let authority = "demo"

    func certify() async throws {
        step(
            "ca init \(Self.authority)",
            "from the factory all phones of a type have one key; make an authority of your own")
        let command = try CAInit.parse([Self.authority, "--database", workspace.paths.database, "--quiet"])
        try await command.run()
        let authority = try await OpenAuthority.open(Self.authority, in: workspace)
        tell("\(authority.authority.certificate.subject); its key is sealed in the database")
        let selection = "status=verified and trusted=yes"
        step(
            "key-material rotate --where '\(selection)' --ca \(Self.authority)",
            "a key and certificate for each phone; it counts when a new handshake shows the new chain")
        let devices = try await workspace.devices(DeviceSelection(filter: try DeviceFilter(selection)))
        let first = try await rotate(devices, by: authority)
        for device in first.devices where device.fault?.code == .materialRolledBack {
            tell("\(device.address) went on with its old chain, so the change was taken back; nobody is locked out")
        }
        step("key-material rotate --all --expiring-within 400d", "a year later: the same again renews them")
        let held = Set(first.devices.filter(\.outcome.isProven).map(\.device))
        _ = try await rotate(devices.filter { held.contains($0.id) }, by: authority)
    }

    private func rotate(_ devices: [Device], by authority: OpenAuthority) async throws -> TransferResult {
        let issuer = MaterialIssuer(workspace: workspace, by: authority)
        let made = try await issuer.make(for: devices)
        try await issuer.keep(made)
        let materials = zip(devices, made).map { device, made in
            (device.id, ChosenMaterial(material: made.material, origin: made.origin))
        }
        let work = try await KeyMaterialWork(workspace: workspace).transfer(
            Dictionary(uniqueKeysWithValues: materials), to: devices, trust: .named(authority.record.profile))
        let prepared = try await RunPreparation(workspace: workspace).prepare(
            mode: .deploy, devices: devices, options: TransferOptions(attempts: 2, replyTimeout: 3), files: work)
        let (result, seconds) = try await RunSession(workspace: workspace, global: stage.global, calls: stage.calls)
            .start(prepared)
        var shown = result
        // Said by the deployment before, and in the way here.
        for place in shown.devices.indices { shown.devices[place].warnings = [] }
        Terminal.writeOut(
            ResultReport(result: shown, seconds: seconds, palette: palette, showsFiles: false).text()
                + FileReport(result: shown, palette: palette).text(limit: 2))
        return result
    }
}
