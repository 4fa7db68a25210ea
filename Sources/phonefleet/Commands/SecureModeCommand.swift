import ArgumentParser
import DeploymentEngine
import DeploymentModel
import DeploymentStore
import Foundation
import PhoneTransport
import TLSMaterial

/// `phonefleet secure-mode`: phones that call, with a certificate of their own.
struct SecureModeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "secure-mode", abstract: "Have phones that call (WPI) prove who they are.",
        subcommands: [SecureModeStart.self])
}

/// The command `phonefleet secure-mode start`.
struct SecureModeStart: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "start", abstract: "Give phones a certificate each, and bring them into secure mode.",
        discussion: """
            Each phone gets a key and certificate that are made for it alone, and the authority by which it believes this \
            program. Nobody authenticates a phone at this moment: the key goes to whoever answers for it. It counts as \
            secure when it has called on the secure port with exactly this certificate; from then on it is refused on the \
            default port. Until then it is served as before, and the command, given again, goes on where it ended. With a \
            PIN, which somebody enters at each phone, the key travels encrypted; the form of that is known for virtual \
            phones only, because the vendor's is not public.
            """)
    @OptionGroup var selection: SelectionOptions
    @Option(help: ArgumentHelp("The authority that issues.", valueName: "name")) var ca: String?
    @Option(help: ArgumentHelp("Validity instead of the authority's usual one.", valueName: "n")) var days: Int?
    @Flag(help: "With a PIN, which is asked for, or read from standard input.") var pin = false
    @Option(
        help: ArgumentHelp("With the PIN of the first line of a file ('-' for standard input).", valueName: "file"))
    var pinFile: String?
    @Option(
        help: ArgumentHelp("How long phones that took the order are waited for, at least.", valueName: "duration"))
    var wait = DurationArgument(seconds: 0)
    @Option(help: ArgumentHelp("Most phones at work at one time.", valueName: "n")) var concurrency = 64
    @Option(help: ArgumentHelp("Longest silence of a phone before it counts as failed.", valueName: "duration"))
    var timeout = DurationArgument(seconds: 10)
    @OptionGroup var calls: CallOptions
    @Flag(help: "Do not ask.") var yes = false
    @OptionGroup var global: GlobalOptions

    func validate() throws {
        try CertificateOptions.checkDays(days, "--days")
        guard (1...2000).contains(concurrency) else { throw ValidationError("--concurrency is 1 to 2000") }
        guard timeout.seconds > 0 else { throw ValidationError("--timeout is more than 0") }
    }

    func run() async throws {
        let workspace = try Workspace.open(global)
        let chosen = try await workspace.someDevices(try selection.selection())
        let devices = chosen.filter { !$0.wasAuthenticated }
        let already = chosen.count - devices.count
        if already > 0 { global.say("\(Words.count(already, "phone")) proved who they are before, and are left alone") }
        guard !devices.isEmpty else { return }
        let work = SecureModeWork(
            workspace: workspace, by: try await OpenAuthority.open(ca, in: workspace), days: days)
        try work.check(devices)
        let pin = pin || pinFile != nil ? try SecretInput.read("PIN", file: pinFile) : nil
        try Question.confirm(Self.question(devices.count, hasPIN: pin != nil), yes: yes)
        try await workspace.store.claiming(devices.map(\.id)) {
            // Somebody else may have been at work until now.
            let ids = Set(devices.map(\.id))
            let devices = try await workspace.store.devices().filter { ids.contains($0.id) && !$0.wasAuthenticated }
            try await tell(try await carryOut(work, devices, pin), devices, in: workspace)
        }
    }

    private static func question(_ count: Int, hasPIN: Bool) -> String {
        let phones = Words.count(count, "phone")
        let way = hasPIN ? ", encrypted under the PIN" : ""
        return "Send a new private key\(way) to each of \(phones); nobody authenticates a phone at this moment, so the "
            + "key made for a phone goes to whoever answers for it"
    }

    /// Why phones are not in secure mode, by phone.
    private func carryOut(
        _ work: SecureModeWork, _ devices: [Device], _ pin: SecretText?
    ) async throws -> [DeviceID: Fault] {
        let prepared = try await work.prepare(devices, at: Date())
        let trust = try await work.keep(prepared)
        let anchor = try await ServerIdentity.current(in: work.workspace.store).anchor
        return try await CallServer.during(in: work.workspace, calls.settings) { server in
            await visit(prepared, work, server, trust, anchor, pin)
        }
    }

    private func visit(
        _ prepared: [SecureModeWork.Prepared], _ work: SecureModeWork, _ server: CallServer, _ trust: TrustProfile,
        _ anchor: ParsedCertificate, _ pin: SecretText?
    ) async -> [DeviceID: Fault] {
        let timeouts = ContactTimeouts(
            connect: min(5, timeout.seconds), handshake: timeout.seconds, reply: timeout.seconds)
        let patience = wait.seconds
        return await withTaskGroup(of: (DeviceID, Fault?).self) { group in
            var faults: [DeviceID: Fault] = [:]
            for (place, phone) in prepared.enumerated() {
                if place >= concurrency, let (id, fault) = await group.next() { faults[id] = fault }
                group.addTask {
                    do {
                        let visit = try await work.visit(
                            phone, to: server, trust, anchor: anchor, pin: pin, timeouts: timeouts, patience: patience)
                        try await visit.carryOut()
                        return (phone.device.id, nil)
                    } catch {
                        return (phone.device.id, (error as? Fault) ?? Fault(.netClosed, subject: phone.device.label))
                    }
                }
            }
            for await (id, fault) in group { faults[id] = fault }
            return faults
        }
    }

    private func tell(_ faults: [DeviceID: Fault], _ devices: [Device], in workspace: Workspace) async throws {
        let modes = Dictionary(
            try await workspace.store.calls(of: devices.map(\.id)).map { ($0.device, $0.secureMode) },
            uniquingKeysWith: { first, _ in first })
        // The desk may have heard the proof while the phone was asked for it.
        let faults = faults.filter { modes[$0.key] != .active }
        let views = devices.map { SecureModeView($0, modes[$0.id] ?? nil, faults[$0.id]) }
        try SecureModeView.listing(views).write(as: global.format)
        guard !faults.isEmpty else { return }
        ErrorText.write(FaultList(devices.compactMap { faults[$0.id] }))
        throw Finish(status: .phonesFailed)
    }
}

/// How far a phone came.
struct SecureModeView: Encodable {
    var id: DeviceID
    var address: String?
    var mac: MACAddress?
    var mode: ModeView
    var code: StatusCode?

    init(_ device: Device, _ mode: DeploymentModel.SecureMode?, _ fault: Fault?) {
        id = device.id
        address = device.address
        mac = device.mac
        self.mode = ModeView(mode)
        code = fault?.code
    }

    static func listing(_ views: [SecureModeView]) -> Listing<SecureModeView> {
        Listing(
            noun: "secure-mode", views: views,
            columns: [
                .init(title: "ID", text: { $0.id.rawValue }), .init(title: "ADDRESS", text: { $0.address }),
                .init(title: "MAC", text: { $0.mac?.description }), .init(title: "MODE", text: { $0.mode.rawValue }),
                .init(title: "CODE", text: { $0.code?.rawValue }),
            ], whenEmpty: "no phones")
    }
}
