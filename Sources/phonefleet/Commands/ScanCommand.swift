import ArgumentParser
import DeploymentEngine
import DeploymentModel
import DeploymentStore
import Foundation
import PhoneTransport
import TLSMaterial

/// `phonefleet scan`: finds phones and brings them into the device list.
struct ScanCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "scan", abstract: "Find phones in address ranges and put them on the device list.",
        discussion: """
            A range is a CIDR block, first-last, one address or name, or @FILE (one range a line). \
            A scan connects, judges the certificate and asks the phone who it is. It sends no password and changes \
            nothing on a phone. Ctrl-C stops it; what was found until then is kept.

            OpenStage and OpenScape Desk Phones call instead of being called: --contact-me asks every address once to \
            call this machine, waits for those that take the request, and lists who calls.

            Example: phonefleet scan 10.0.0.0/24 10.0.4.10-99
            """)
    @Argument(help: "Address ranges. None with --show or --reset.") var ranges: [String] = []
    @Option(
        help: ArgumentHelp("Number of passes; later ones visit only addresses that did not answer.", valueName: "n"))
    var passes = 2
    @Option(
        help: ArgumentHelp("A port to try instead of the catalogue's; may be given more than once.", valueName: "port"))
    var port: [Int] = []
    @Option(help: ArgumentHelp("Most addresses per second; 5000, and 500 with --contact-me.", valueName: "n"))
    var rate: Double?
    @Option(help: ArgumentHelp("How long a connection may take.", valueName: "duration")) var timeout =
        DurationArgument(seconds: 0.8)
    @Flag(help: "Ask every address to call by WPI, and wait for the calls.") var contactMe = false
    @Option(help: ArgumentHelp("How long a phone is waited for that took the request to call.", valueName: "duration"))
    var wait = DurationArgument(seconds: 30)
    @OptionGroup var calls: CallOptions
    @Flag(help: "Show what was found and leave the device list as it is.") var dryRun = false
    @Flag(help: "Show the result of earlier scans again.") var show = false
    @Flag(help: "Forget the result of earlier scans; the device list stays.") var reset = false
    @Flag(help: "Also list the addresses that did not answer, refused, or were not visited.") var silent = false
    @OptionGroup var global: GlobalOptions

    func validate() throws {
        let isOther = show || reset
        guard isOther == ranges.isEmpty else {
            throw ValidationError(isOther ? "--show and --reset take no ranges" : "give at least one range")
        }
        guard passes >= 1, passes <= 100 else { throw ValidationError("--passes is 1 to 100") }
        guard port.allSatisfy((1...65_535).contains) else { throw ValidationError("--port is 1 to 65535") }
        guard rate.map({ $0 > 0 && $0.isFinite }) ?? true else { throw ValidationError("--rate is more than 0") }
    }

    func run() async throws {
        let addresses = try AddressArguments.parse(ranges)
        let workspace = try Workspace.open(global)
        if reset {
            try await workspace.store.resetScan()
            return global.say("the scan result was reset")
        }
        if show { return try list(try await workspace.store.scanRows()) }
        let before = contactMe && !dryRun ? try await workspace.store.devices() : []
        let (found, wasStopped) = try await scan(addresses, in: workspace)
        try list(found.all)
        if !dryRun {
            // What was asked counts where both are about one address; the others were listed when they called.
            try await workspace.store.saveScan(found.elsewhere + found.rows.filter { $0.status != .waiting })
            var summary = try await ScanIntake(workspace: workspace).take(found.rows)
            if contactMe { try await countCalls(&summary, since: before, in: workspace) }
            say(summary)
        }
        hint(found.rows)
        let waiting = found.rows.count { $0.status == .waiting }
        if waiting > 0 { global.say("stopped; \(waiting) addresses were not visited, scan them again") }
        if wasStopped { throw Finish(status: .stopped) }
    }

    private func scan(_ addresses: AddressSet, in workspace: Workspace) async throws -> (
        found: ScanSession.Found, wasStopped: Bool
    ) {
        let stop = StopSignal()
        var session = ScanSession(
            workspace: workspace, addresses: addresses, ports: port, passes: passes,
            pace: ScanRequest.Pace(
                addressesPerSecond: rate ?? (contactMe ? 500 : 5000),
                timeouts: ContactTimeouts(connect: timeout.seconds, handshake: 5, reply: 5)))
        if contactMe {
            session.contact = (calls.settings, wait.seconds)
            session.notesCalls = !dryRun
        }
        let complete = session
        let line =
            global.quiet && !global.verbose
            ? nil : ScanLine(addresses: addresses.count, passes: passes, tellsRows: global.verbose)
        let found = try await Signals.graceful(
            onStop: { stop.request() }, work: { try await complete.run(showing: line, stop: stop) })
        return (found, stop.isRequested)
    }

    /// Phones that called were entered when they did, so the list itself tells what is new.
    private func countCalls(
        _ summary: inout IntakeSummary, since before: [Device], in workspace: Workspace
    ) async throws {
        let known = Dictionary(uniqueKeysWithValues: before.map { ($0.id, DeviceFields($0)) })
        let now = try await workspace.store.devices()
        summary.added = now.filter { known[$0.id] == nil }
        summary.changed = now.count { device in
            known[device.id].map { !DeviceChange.changes(from: $0, to: DeviceFields(device)).isEmpty } ?? false
        }
    }

    private func list(_ rows: [ScanRow]) throws {
        let shown = rows.filter { silent || ($0.status != .silent && $0.status != .waiting && $0.status != .refused) }
        try ScanView.listing(shown).write(as: global.format)
    }

    private func say(_ summary: IntakeSummary) {
        for fault in summary.conflicts { ErrorText.write(fault) }
        global.say(
            "device list: \(summary.added.count) new, \(summary.changed) changed, "
                + Words.count(summary.conflicts.count, "conflict"))
    }

    private func hint(_ rows: [ScanRow]) {
        let unknown = rows.count { row in
            row.status == .notTrusted && !row.chain.isEmpty
                && [.tlsNoProfile, StatusCode(TrustFailure.Reason.unknownIssuer.rawValue)].contains(row.fault?.code)
        }
        guard !global.quiet else { return }
        hintOfAsked(rows)
        guard unknown > 0 else { return }
        ErrorText.write(
            hint:
                "\(Words.count(unknown, "phone")) not trusted yet; 'phonefleet trust learn --last-scan' shows by which CAs they could be"
        )
    }

    /// That phones were passed over because they may not be asked so soon again.
    private func hintOfAsked(_ rows: [ScanRow]) {
        let asked = rows.count { $0.fault?.code == .phoneAskedRecently }
        guard asked > 0 else { return }
        let gap = Words.duration(calls.settings.contactGap)
        ErrorText.write(
            hint:
                "\(asked == 1 ? "1 address was" : "\(asked) addresses were") asked to call less than \(gap) ago and not asked again; scan again in \(gap), and real phones react once in their contact gap (300 s from the factory)"
        )
    }
}
