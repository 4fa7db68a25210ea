import DeploymentModel
import DeploymentStore
import TLSMaterial

/// Reads what phones hold of one kind of file, shows it, and writes it to files if wished.
struct FileReading {
    var kind: FileKind
    var options: FileReadOptions
    /// Whether private keys are written to the files, too.
    var withKeys = false
    var global: GlobalOptions

    func run(_ workspace: Workspace, _ devices: [Device]) async throws {
        let work = FileWork.all(devices, kind, .read)
        let prepared = try await RunPreparation.ask(workspace, options.password) {
            try await $0.prepare(mode: .compare, devices: devices, options: options.run.transferOptions, files: work)
        }
        var session = RunSession(workspace: workspace, global: global, calls: options.run.calls.settings)
        if let folder = options.out {
            try SecretFile.makeFolder(folder)
            let output = HeldFileOutput(
                folder: folder, names: Dictionary(uniqueKeysWithValues: devices.map { ($0.id, $0) }),
                withKeys: withKeys)
            session.received = { device, kind, content in try output.write(content, kind, of: device) }
        }
        let (result, seconds) = try await session.start(prepared)
        try show(result, seconds)
        try ResultOutput.finish(result)
    }

    private func show(_ result: TransferResult, _ seconds: Double) throws {
        let rows = HeldFileRow.all(result)
        switch global.format {
        case .json: try ResultDocument(result: result, seconds: seconds).write(to: Terminal.writeOut)
        case .csv: try HeldFileRow.listing(rows).write(as: .csv)
        case .table:
            if !rows.isEmpty { try HeldFileRow.listing(rows).write(as: .table) }
            Terminal.writeOut(
                ResultReport(result: result, seconds: seconds, palette: global.palette, showsFiles: false).text())
        }
    }
}

/// Writes what phones gave back into a folder, a file for each phone.
struct HeldFileOutput: Sendable {
    var folder: String
    var names: [DeviceID: Device]
    var withKeys: Bool

    /// Certificates as PEM; with keys as the phones have it, PKCS#12 readable by its owner only.
    func write(_ content: [UInt8], _ kind: FileKind, of device: DeviceID) throws(Fault) {
        guard let device = names[device] else { return }
        if withKeys { return try SecretFile.write(content, to: "\(folder)/\(SecretFile.name(of: device, "p12"))") }
        let path = "\(folder)/\(SecretFile.name(of: device, "pem"))"
        let certificates: [ParsedCertificate]
        do throws(MaterialError) {
            let contents = try PKCS12.decodeUnencrypted(content)
            certificates =
                kind == .serverKeyMaterial
                ? try KeyMaterial(pkcs12: contents).chain.map { der throws(MaterialError) in
                    try ParsedCertificate(der: der)
                } : contents.certificates
        } catch {
            throw Fault(error, subject: path)
        }
        try UserFile.write(certificates.map(\.pem).joined(), to: path)
    }
}
