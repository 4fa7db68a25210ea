import ArgumentParser
import DeploymentModel
import DeploymentStore
import Foundation
import PhoneTransport

/// `phonefleet diagnose`: why a phone cannot be reached or trusted, and the one thing to do about it.
struct DiagnoseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "diagnose",
        abstract: "Look closely at phones whose handshake fails: what was seen, what it means, what to do.",
        discussion: """
            More than three phones are grouped by their cause. No password is sent, and nothing is changed. Phones of the \
            list that call (WPI) are asked to, and waited for: what answers at the contact-me port, whether the phone \
            calls, and what becomes of the call. Where another program has the port for calls ('phonefleet serve'), it \
            takes them.
            """)
    @Argument(help: "Addresses or ranges; or choose devices of the list.") var addresses: [String] = []
    @OptionGroup var selection: SelectionOptions
    @Option(help: ArgumentHelp("Port of addresses that are not on the list; 443 by default.", valueName: "port"))
    var port: Int?
    @Option(help: ArgumentHelp("Longest silence of a phone before it counts as not answering.", valueName: "duration"))
    var timeout = DurationArgument(seconds: 5)
    @Option(
        help: ArgumentHelp("How long a phone that took the request to call is waited for.", valueName: "duration"))
    var wait = DurationArgument(seconds: 30)
    @OptionGroup var calls: CallOptions
    @OptionGroup var global: GlobalOptions

    func run() async throws {
        let workspace = try Workspace.open(global)
        let list = try await workspace.store.devices()
        let patients = try await patients(list, workspace)
        let trust = try await TrustDirectory.load(from: workspace)
        var findings: [Int: PhoneFinding] = [:]
        let places = Array(patients.enumerated())
        for (place, found) in try await dialled(places.filter { !$0.element.calls }, list, trust, workspace) {
            findings[place] = .dialled(found)
        }
        for (place, found) in try await called(places.filter { $0.element.calls }, workspace) {
            findings[place] = .called(found)
        }
        let report = DiagnosisReport(
            findings: patients.indices.compactMap { findings[$0] }, trust: trust, palette: global.palette)
        try report.write(as: global.format)
        if report.findings.contains(where: { $0.fault != nil }) { throw Finish(status: .phonesFailed) }
    }

    private typealias Place = (offset: Int, element: Patient)

    private var timeouts: ContactTimeouts {
        ContactTimeouts(connect: timeout.seconds, handshake: timeout.seconds, reply: timeout.seconds)
    }

    private func dialled(
        _ places: [Place], _ list: [Device], _ trust: TrustDirectory, _ workspace: Workspace
    ) async throws -> [(Int, Examination)] {
        guard !places.isEmpty else { return [] }
        let loops = EventLoops()
        let examiner = Examiner(
            catalogue: workspace.catalogue, trust: trust, devices: list, loops: loops, timeouts: timeouts,
            webPort: calls.webPort)
        let found = try await BoundedWork.map(places, width: 64) { ($0.offset, try await examiner.examine($0.element)) }
        try await loops.shutDown()
        return found
    }

    private func called(_ places: [Place], _ workspace: Workspace) async throws -> [(Int, CallExamination)] {
        guard !places.isEmpty else { return [] }
        return try await CallExaminer.during(
            in: workspace, calls.settings, timeouts: timeouts, patience: wait.seconds
        ) { examiner in
            try await BoundedWork.map(places, width: 64) { place in
                (place.offset, try await examiner.examine(place.element).judgedByType(in: workspace.catalogue))
            }
        }
    }

    private func patients(_ list: [Device], _ workspace: Workspace) async throws -> [Patient] {
        let groups = try await workspace.groupsByDevice()
        let calling = Set(try await workspace.store.calls().map(\.device))
        let byAddress = Dictionary(
            list.compactMap { device in device.address.map { ($0, device) } }, uniquingKeysWith: { first, _ in first })
        var patients = try AddressArguments.parse(addresses).map { address in
            byAddress[address].map { patient($0, at: address, groups: groups, calling: calling, in: workspace) }
                ?? Patient(address: address, port: port ?? 443, tls: true)
        }
        let selection = try selection.selection()
        if !selection.isEmpty {
            patients += try await workspace.devices(selection).compactMap { device in
                device.address.map { patient(device, at: $0, groups: groups, calling: calling, in: workspace) }
            }
        }
        guard !patients.isEmpty else { throw Fault(.inputSelection, detail: "give addresses or select devices") }
        return patients
    }

    private func patient(
        _ device: Device, at address: String, groups: [DeviceID: [String]], calling: Set<DeviceID>,
        in workspace: Workspace
    ) -> Patient {
        let type = device.type.flatMap { workspace.catalogue[$0] }
        let access = type?.access(for: device.softwareVersion)
        return Patient(
            address: address, port: port ?? device.port ?? access?.port ?? 443,
            tls: device.wasAuthenticated || access?.tls ?? true,
            // Of a type that nobody knows it is known that it calls once it did.
            calls: type.map { $0.managementProtocol == .wpi } ?? calling.contains(device.id), device: device,
            groups: groups[device.id] ?? [])
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
