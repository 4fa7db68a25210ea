import ArgumentParser
import DeploymentModel
import DeploymentStore
import Foundation
import PhoneTransport
import TLSMaterial

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
    @Option(help: ArgumentHelp("Longest silence of a phone before it counts as not answering.", valueName: "duration"))
    var timeout = DurationArgument(seconds: 5)
    @OptionGroup var global: GlobalOptions

    func run() async throws {
        let workspace = try Workspace.open(global)
        let patients = try await patients(workspace)
        let loops = EventLoops()
        let probe = DirectProbe(loops: loops)
        let timeouts = ContactTimeouts(connect: timeout.seconds, handshake: timeout.seconds, reply: timeout.seconds)
        let findings = try await BoundedWork.map(patients, width: 64) { patient in
            let diagnosis = try await probe.diagnose(
                address: patient.address, port: patient.port, tls: patient.tls, profiles: patient.profiles,
                timeouts: timeouts)
            return (patient, diagnosis)
        }
        try await loops.shutDown()
        try DiagnosisReport(findings: findings, palette: global.palette).write(as: global.format)
        if findings.contains(where: { $0.1.fault != nil }) { throw Finish(status: .phonesFailed) }
    }

    private func patients(_ workspace: Workspace) async throws -> [Patient] {
        let trust = try await TrustDirectory.load(from: workspace)
        let list = try await workspace.store.devices()
        let groups = try await workspace.groupsByDevice()
        var patients = try AddressArguments.parse(addresses).map { address in
            if let device = list.first(where: { $0.address == address }) {
                return patient(device, at: address, trust: trust, groups: groups, in: workspace)
            }
            return Patient(address: address, port: port ?? 443, tls: true, profiles: Array(trust.profiles.values))
        }
        let selection = try selection.selection()
        if !selection.isEmpty {
            patients += try await workspace.devices(selection).compactMap { device in
                device.address.map { patient(device, at: $0, trust: trust, groups: groups, in: workspace) }
            }
        }
        guard !patients.isEmpty else { throw Fault(.inputSelection, detail: "give addresses or select devices") }
        return patients
    }

    private func patient(
        _ device: Device, at address: String, trust: TrustDirectory, groups: [DeviceID: [String]],
        in workspace: Workspace
    ) -> Patient {
        let access = device.type.flatMap { workspace.catalogue[$0] }?.access(for: device.softwareVersion)
        return Patient(
            address: address, port: port ?? device.port ?? access?.port ?? 443,
            tls: device.wasAuthenticated || access?.tls ?? true,
            profiles: trust.profiles(for: device, groups: groups[device.id] ?? []))
    }
}

/// Who is looked at, and by which profiles it is judged.
struct Patient: Sendable {
    var address: String
    var port: Int
    var tls: Bool
    var profiles: [TrustProfile]
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
