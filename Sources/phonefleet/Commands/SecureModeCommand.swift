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
        subcommands: [SecureModeStart.self, SecureModeRenew.self, SecureModeTrustServer.self])
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
    @Flag(help: "With a PIN, which is asked for, or read from standard input.") var pin = false
    @Option(
        help: ArgumentHelp("With the PIN of the first line of a file ('-' for standard input).", valueName: "file"))
    var pinFile: String?
    @OptionGroup var certificates: ClientCertificateOptions
    @OptionGroup var options: SecureModeOptions
    @OptionGroup var global: GlobalOptions

    func run() async throws {
        let workspace = try Workspace.open(global)
        let chosen = try await workspace.someDevices(try selection.selection())
        let devices = chosen.filter { !$0.wasAuthenticated }
        let already = chosen.count - devices.count
        if already > 0 { global.say("\(Words.count(already, "phone")) proved who they are before, and are left alone") }
        guard !devices.isEmpty else { return }
        let work = try await certificates.work(in: workspace)
        try work.check(devices)
        let pin = pin || pinFile != nil ? try SecretInput.read("PIN", file: pinFile) : nil
        try Question.confirm(Self.question(devices.count, hasPIN: pin != nil), yes: options.yes)
        try await workspace.store.claiming(devices.map(\.id)) {
            // Somebody else may have been at work until now.
            let ids = Set(devices.map(\.id))
            let devices = try await workspace.store.devices().filter { ids.contains($0.id) && !$0.wasAuthenticated }
            let presented = try await PresentedCertificates(in: workspace.store)
            let faults = try await options.carryOut(work, devices, .start(presented, pin: pin))
            let modes = try await workspace.modes(of: devices)
            // The desk may have heard the proof while the phone was asked for it.
            try SecureModeView.tell(faults.filter { modes[$0.key] != .active }, devices, modes, as: global.format)
        }
    }

    private static func question(_ count: Int, hasPIN: Bool) -> String {
        let phones = Words.count(count, "phone")
        let way = hasPIN ? ", encrypted under the PIN" : ""
        return "Send a new private key\(way) to each of \(phones); nobody authenticates a phone at this moment, so the "
            + "key made for a phone goes to whoever answers for it"
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

    /// Shows how far the phones came; throws when one has a fault.
    static func tell(
        _ faults: [DeviceID: Fault], _ devices: [Device], _ modes: [DeviceID: DeploymentModel.SecureMode],
        as format: OutputFormat
    ) throws {
        try listing(devices.map { SecureModeView($0, modes[$0.id], faults[$0.id]) }).write(as: format)
        guard !faults.isEmpty else { return }
        ErrorText.write(FaultList(devices.compactMap { faults[$0.id] }))
        throw Finish(status: .phonesFailed)
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

extension Workspace {
    /// Those of some phones that are in secure mode; says that the others are left alone.
    func secure(_ devices: [Device], _ global: GlobalOptions) async throws -> [Device] {
        let modes = try await modes(of: devices)
        let secure = devices.filter { modes[$0.id] == .active && $0.wasAuthenticated }
        let others = devices.count - secure.count
        if others > 0 {
            let are = others == 1 ? "is" : "are"
            global.say("\(Words.count(others, "phone")) \(are) not in secure mode, and left alone")
        }
        return secure
    }

    /// How far phones are on their way into secure mode; those in default mode are not in it.
    func modes(of devices: [Device]) async throws -> [DeviceID: DeploymentModel.SecureMode] {
        try await store.calls(of: devices.map(\.id)).reduce(into: [:]) { $0[$1.device] = $1.secureMode }
    }
}
