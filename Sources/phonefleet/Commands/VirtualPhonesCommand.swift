import ArgumentParser
import DeploymentModel
import Foundation
import TLSMaterial
import VirtualPhone

/// `phonefleet virtual-phones`: phones for rehearsals and tests.
struct VirtualPhonesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "virtual-phones", abstract: "Run virtual phones, for rehearsals and tests.",
        subcommands: [VirtualPhonesRun.self])
}

/// The command `phonefleet virtual-phones run`.
struct VirtualPhonesRun: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Start virtual phones and keep them running until Ctrl-C.",
        discussion: """
            Every phone has an address of its own from the range. Their key material is built in, public, and not \
            secret; their factory password is 123456. A fault is NAME[:ARGUMENT][@SHARE], for example busy:5s@10%, \
            keeps-nothing:sntp-addr@3 or certificate:expired@#7; see docs/reference/virtual-phones.md.

            Example: phonefleet virtual-phones run --count 100 --listen 127.1.0.0/24
            """)
    @Option(help: ArgumentHelp("Number of phones.", valueName: "n")) var count = 24
    @Option(
        help: ArgumentHelp(
            "Types, separated by commas, with weight: TYPE[*N][/SOFTWARE]; all types by default.", valueName: "types"))
    var types: String?
    @Option(help: ArgumentHelp("Addresses on which the phones listen.", valueName: "range")) var listen = "127.1.0.0/16"
    @Option(help: ArgumentHelp("One port for all phones instead of each type's own.", valueName: "port")) var port: Int?
    @Option(help: ArgumentHelp("A fault and whom it strikes; may be given more than once.", valueName: "fault"))
    var fault: [String] = []
    @Option(help: ArgumentHelp("Decides which phones the faults strike.", valueName: "number")) var seed: UInt64 = 1
    @Option(help: "Kind of the built-in keys.") var keys = CertificateIssuer.KeyType.p256
    @Option(help: "One listener for each phone (own), one for each port (one), or as the number of phones suggests.")
    var listeners = FleetConfiguration.Layout.automatic
    @Option(
        help: ArgumentHelp(
            "Keep the phones' state in this directory, over restarts of this command.", valueName: "directory"))
    var state: String?
    @Option(help: ArgumentHelp("How long a restart takes.", valueName: "duration")) var restart = DurationArgument(
        seconds: 3)
    @Option(
        help: """
            Where the phones register by SIP over TLS if their items tell them to: at servers of this machine only \
            (loopback), anywhere, or nowhere (off).
            """)
    var telephony = TelephonyScope.loopback
    @OptionGroup var wpi: CallingPhoneOptions
    @OptionGroup var global: GlobalOptions

    func run() async throws {
        let catalogue = try CatalogueFiles.load(global.catalogue)
        let configuration = FleetConfiguration(
            count: count, types: try shares(catalogue), listenRange: try ListenRange(parsing: listen), port: port,
            layout: listeners, keyType: keys, seed: seed, faults: try FaultPlan(parsing: fault), stateDirectory: state,
            restartSeconds: restart.seconds, telephony: telephony, wpi: try wpi.options())
        let fleet = try await VirtualFleet.start(configuration, catalogue: catalogue)
        try announce(fleet.phones)
        await Signals.untilStopped()
        await fleet.shutdown()
        if fleet.phones.contains(where: { $0.webPort != nil }) { tellCalls(fleet.counts) }
    }

    /// What the phones that call by themselves did, for benchmarks and for people.
    private func tellCalls(_ counts: [PhoneCounts]) {
        let calls = counts.reduce(0) { $0 + $1.calls }
        let ended = counts.reduce(0) { $0 + $1.conversations }
        let contacts = counts.reduce(0) { $0 + $1.contacts }
        Terminal.writeOut(
            "\(Words.count(calls, "call")), \(ended) of them to their end; contacted \(contacts) times\n")
    }

    private func shares(_ catalogue: Catalogue) throws(Fault) -> [FleetConfiguration.Share] {
        var shares: [FleetConfiguration.Share] = []
        for text in (types ?? "").split(separator: ",") {
            let parts = text.split(separator: "/", maxSplits: 1)
            let named = parts[0].split(separator: "*", maxSplits: 1)
            guard let name = named.first, let weight = named.count == 1 ? 1 : Int(named[1]), weight > 0 else {
                throw Fault(.inputValue, subject: String(text), detail: "expects TYPE, TYPE*N or TYPE/SOFTWARE")
            }
            shares.append(
                FleetConfiguration.Share(
                    try catalogue.knownType(String(name)).id, weight: weight,
                    software: parts.count == 2 ? SoftwareVersion(String(parts[1])) : nil))
        }
        return shares
    }

    /// The first line tells scripts that the phones are there; the list follows where it can be read.
    private func announce(_ phones: [VirtualPhoneInfo]) throws {
        guard global.format == .table else { return try VirtualPhoneView.listing(phones).write(as: global.format) }
        let first = phones.first?.address ?? "-"
        let last = phones.last?.address ?? "-"
        Terminal.writeOut(
            "\(Words.count(phones.count, "virtual phone")) ready at \(first) to \(last); Ctrl-C ends them\n")
        if phones.count <= 100 || global.verbose { try VirtualPhoneView.listing(phones).write(as: .table) }
    }
}

/// A virtual phone in a list.
struct VirtualPhoneView: Encodable {
    var address: String
    var port: Int
    var tls: Bool
    var mac: MACAddress
    var type: PhoneTypeID
    var software: SoftwareVersion
    var faults: [String]

    static func listing(_ phones: [VirtualPhoneInfo]) -> Listing<VirtualPhoneView> {
        Listing(
            noun: "phones",
            views: phones.map {
                VirtualPhoneView(
                    address: $0.address, port: $0.port, tls: $0.tls, mac: $0.mac, type: $0.type, software: $0.software,
                    faults: $0.faults.map(\.description))
            },
            columns: [
                .init(title: "ADDRESS", text: { $0.address }),
                .init(title: "PORT", text: { String($0.port) }, alignsRight: true),
                .init(title: "TLS", text: { $0.tls ? "yes" : "no" }),
                .init(title: "MAC", text: { $0.mac.description }),
                .init(title: "TYPE", text: { $0.type.rawValue }, wraps: true),
                .init(
                    title: "FAULTS", text: { $0.faults.isEmpty ? nil : $0.faults.joined(separator: " ") }, wraps: true),
            ],
            whenEmpty: "no phones")
    }
}
