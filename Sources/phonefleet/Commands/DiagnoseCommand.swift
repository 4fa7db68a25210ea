import ArgumentParser
import DeploymentModel
import DeploymentStore
import Foundation
import PhoneTransport

/// `phonefleet diagnose`: why a handshake fails, and the one thing to do about it.
struct DiagnoseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "diagnose",
        abstract: "Look closely at phones whose handshake fails: what was seen, what it means, what to do.",
        discussion: "More than three phones are grouped by their cause. No password is sent, and nothing is changed.")
    @Argument(help: "Addresses or ranges; or choose devices of the list.") var addresses: [String] = []
    @OptionGroup var selection: SelectionOptions
    @Option(help: ArgumentHelp("Port of addresses that are not on the list; 443 by default.", valueName: "port"))
    var port: Int?
    @Option(
        help: ArgumentHelp(
            "Where phones serve their web pages over TLS, to compare the certificates.", valueName: "port"))
    var webPort = 443
    @Option(help: ArgumentHelp("Longest silence of a phone before it counts as not answering.", valueName: "duration"))
    var timeout = DurationArgument(seconds: 5)
    @OptionGroup var global: GlobalOptions

    func run() async throws {
        let workspace = try Workspace.open(global)
        let list = try await workspace.store.devices()
        let patients = try await patients(list, workspace)
        let loops = EventLoops()
        let examiner = Examiner(
            catalogue: workspace.catalogue, trust: try await TrustDirectory.load(from: workspace), devices: list,
            loops: loops,
            timeouts: ContactTimeouts(connect: timeout.seconds, handshake: timeout.seconds, reply: timeout.seconds),
            webPort: webPort)
        let findings = try await BoundedWork.map(patients, width: 64) { try await examiner.examine($0) }
        try await loops.shutDown()
        try DiagnosisReport(findings: findings, trust: examiner.trust, palette: global.palette).write(as: global.format)
        if findings.contains(where: { $0.fault != nil }) { throw Finish(status: .phonesFailed) }
    }

    private func patients(_ list: [Device], _ workspace: Workspace) async throws -> [Patient] {
        let groups = try await workspace.groupsByDevice()
        let byAddress = Dictionary(
            list.compactMap { device in device.address.map { ($0, device) } }, uniquingKeysWith: { first, _ in first })
        var patients = try AddressArguments.parse(addresses).map { address in
            byAddress[address].map { patient($0, at: address, groups: groups, in: workspace) }
                ?? Patient(address: address, port: port ?? 443, tls: true)
        }
        let selection = try selection.selection()
        if !selection.isEmpty {
            patients += try await workspace.devices(selection).compactMap { device in
                device.address.map { patient(device, at: $0, groups: groups, in: workspace) }
            }
        }
        guard !patients.isEmpty else { throw Fault(.inputSelection, detail: "give addresses or select devices") }
        return patients
    }

    private func patient(
        _ device: Device, at address: String, groups: [DeviceID: [String]], in workspace: Workspace
    ) -> Patient {
        let access = device.type.flatMap { workspace.catalogue[$0] }?.access(for: device.softwareVersion)
        return Patient(
            address: address, port: port ?? device.port ?? access?.port ?? 443,
            tls: device.wasAuthenticated || access?.tls ?? true, device: device, groups: groups[device.id] ?? [])
    }
}

/// Work on many things at once, never more than a given number.
enum BoundedWork {
    /// The results in the order of the input.
    ///
    /// The first error ends the rest.
    static func map<Input: Sendable, Output: Sendable>(
        _ inputs: [Input], width: Int, _ work: @escaping @Sendable (Input) async throws -> Output
    ) async throws -> [Output] {
        try await withThrowingTaskGroup(of: (Int, Output).self) { group in
            var results: [Output?] = Array(repeating: nil, count: inputs.count)
            for (index, input) in inputs.enumerated() {
                if index >= width, let (done, output) = try await group.next() { results[done] = output }
                group.addTask { (index, try await work(input)) }
            }
            for try await (done, output) in group { results[done] = output }
            return results.compactMap(\.self)
        }
    }
}
