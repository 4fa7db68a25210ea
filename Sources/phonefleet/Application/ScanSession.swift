import DeploymentEngine
import DeploymentModel
import Foundation
import PhoneTransport
import Synchronization
import TLSMaterial

/// Carries one scan out with the workspace's catalogue and trust.
struct ScanSession {
    var workspace: Workspace
    var addresses: AddressSet
    /// Ports instead of the catalogue's; each is tried with TLS, the catalogue's plain ports in plain.
    var ports: [Int] = []
    var passes = 1
    var pace = ScanRequest.Pace()
    /// For a scan that asks phones to call: how, and how long each is waited for, in seconds.
    var contact: (settings: CallSettings, patience: Double)?
    /// Whether phones that call meanwhile are entered into the device list at once.
    var notesCalls = true

    /// Addresses beyond which rows of silent addresses are not kept.
    static let keptSilentRows = 65_536

    /// What a scan found.
    struct Found {
        /// One for every address that was visited, in the order of the addresses.
        var rows: [ScanRow]
        /// Phones that were asked and called, but from other addresses than those that were asked, as behind address
        /// translation: under the address from which they called.
        var elsewhere: [ScanRow] = []

        /// Both; of one address may be several.
        var all: [ScanRow] {
            (rows + elsewhere).sorted { AddressOrder.isBefore($0.address, $1.address) }
        }
    }

    func run(showing line: ScanLine?, stop: StopSignal = StopSignal()) async throws -> Found {
        let trust = try await TrustDirectory.load(from: workspace)
        let request = ScanRequest(
            addresses: addresses, count: addresses.count, ports: scanPorts, passes: passes, pace: pace,
            profiles: { trust.profiles(for: $0) })
        let loops = EventLoops()
        let calls: CallServer?
        let heard = HeardPhones()
        do { calls = try await callServer(on: loops, hearing: heard) } catch {
            try? await loops.shutDown()
            throw error
        }
        let scanner = Scanner(probe: probe(on: loops, calls), catalogue: workspace.catalogue)
        let drawing = line.map { line in Task { await line.draw() } }
        var rows: [String: ScanRow] = [:]
        do {
            _ = try await scanner.scan(request, stop: stop) { event in
                line?.receive(event)
                guard case .row(let row, _) = event else { return }
                if row.status == .silent, rows.count >= Self.keptSilentRows, rows[row.address] == nil { return }
                rows[row.address] = row
            }
        } catch {
            drawing?.cancel()
            await calls?.stop()
            try? await loops.shutDown()
            throw error
        }
        drawing?.cancel()
        await drawing?.value
        await calls?.stop()
        try await loops.shutDown()
        if stop.isRequested { addWaiting(to: &rows) }
        let elsewhere = heard.sort(into: &rows)
        return Found(
            rows: try await judgedByDevice(Array(rows.values)), elsewhere: try await judgedByDevice(elsewhere))
    }

    /// Addresses that a stopped scan did not come to.
    private func addWaiting(to rows: inout [String: ScanRow]) {
        for address in addresses where rows[address] == nil {
            guard rows.count < Self.keptSilentRows else { return }
            rows[address] = ScanRow(address: address)
        }
    }

    private func callServer(on loops: EventLoops, hearing phones: HeardPhones) async throws -> CallServer? {
        guard let contact else { return nil }
        let (notes, catalogue) = (notesCalls, workspace.catalogue)
        let heard: @Sendable (HeardCall, CallEntry) -> Void = { call, entry in phones.note(call, entry) }
        return try await CallServer.start(
            in: workspace, contact.settings, on: loops, ears: CallServer.Ears(heard: heard),
            receiver: { desk in
                notes ? desk as any CallReceiver : UnnotedCalls(catalogue: catalogue, heard: heard)
            })
    }

    private func probe(on loops: EventLoops, _ calls: CallServer?) -> any PhoneProbe {
        guard let calls, let contact else { return DirectProbe(loops: loops) }
        return ContactMeProbe(
            server: calls.server, book: calls.book, patience: contact.patience,
            advertisedAddress: contact.settings.address)
    }

    private var scanPorts: [ScanRequest.Port] {
        if contact != nil {
            guard ports.isEmpty else { return ports.map { ScanRequest.Port($0, tls: false) } }
            return ScanRequest.ports(of: workspace.catalogue, for: .wpi)
        }
        let known = ScanRequest.ports(of: workspace.catalogue)
        guard !ports.isEmpty else { return known }
        let plain = Set(known.filter { !$0.tls }.map(\.number))
        return ports.map { ScanRequest.Port($0, tls: !plain.contains($0)) }
    }

    /// A known device may have trust profiles of its own or of its groups; the scan itself knows types only.
    private func judgedByDevice(_ rows: [ScanRow]) async throws -> [ScanRow] {
        // Read again: while the scan went on, a run may have given phones another profile.
        let trust = try await TrustDirectory.load(from: workspace)
        let now = Date()
        return rows.map { Rejudgement.judgeByDevice($0, in: trust, at: now) }
            .sorted { AddressOrder.isBefore($0.address, $1.address) }
    }
}

/// The phones that called while a scan lasted, because they were asked to.
///
/// A visit waits for a call from the address that it asked. Where addresses are translated the call comes from another
/// one, and which of them are one phone nobody can know: what a phone says of its own address is not believed.
final class HeardPhones: Sendable {
    private let phones = Mutex<[MACAddress: ScanRow]>([:])

    func note(_ call: HeardCall, _ entry: CallEntry) {
        guard call.reason == .solicited, entry.refusal == nil, let mac = call.row.mac else { return }
        phones.withLock { phones in
            if phones.count < ScanSession.keptSilentRows || phones[mac] != nil { phones[mac] = call.row }
        }
    }

    /// Puts calls that came late, from an address that was asked, into its row, and returns those from elsewhere.
    func sort(into rows: inout [String: ScanRow]) -> [ScanRow] {
        let seen = Set(rows.values.compactMap(\.mac))
        var elsewhere: [ScanRow] = []
        for (mac, row) in phones.withLock({ $0 }) where !seen.contains(mac) {
            if rows[row.address]?.status == .noCall { rows[row.address] = row } else { elsewhere.append(row) }
        }
        return elsewhere
    }
}

/// Numeric order of IPv4 addresses, names after them.
enum AddressOrder {
    static func isBefore(_ left: String, _ right: String) -> Bool {
        switch (IPv4Address(left), IPv4Address(right)) {
        case (let left?, let right?): left < right
        case (_?, nil): true
        case (nil, _?): false
        case (nil, nil): left < right
        }
    }
}

/// Shows how far a scan is: a line that is rewritten on a terminal, a plain one every few seconds elsewhere.
final class ScanLine: Sendable {
    private struct State {
        var progress: ScanProgress
        var phones: Set<String> = []
        var untrusted: Set<String> = []
    }

    private let state: Mutex<State>

    private let tellsRows: Bool

    /// - Parameters:
    ///   - addresses: how many are going to be visited.
    ///   - tellsRows: whether each address is told on a line of its own instead.
    init(addresses: Int, passes: Int, tellsRows: Bool = false) {
        state = Mutex(
            State(progress: ScanProgress(pass: 1, passes: passes, visited: 0, addresses: addresses)))
        self.tellsRows = tellsRows
    }

    func receive(_ event: ScanEvent) {
        if tellsRows { tell(event) }
        state.withLock { state in
            switch event {
            case .passStarted(let pass, let addresses):
                state.progress.pass = pass
                state.progress.visited = 0
                state.progress.addresses = addresses
            case .row(let row, let progress):
                state.progress = progress
                if row.status == .phone { state.phones.insert(row.address) }
                if row.status == .notTrusted { state.untrusted.insert(row.address) }
            case .finished: break
            }
        }
    }

    private func tell(_ event: ScanEvent) {
        switch event {
        case .passStarted(let pass, let addresses):
            Terminal.writeError("pass \(pass): \(addresses) addresses\n")
        case .row(let row, _):
            let words = [row.address, row.status.rawValue, row.deviceType, row.fault.map { "(\($0.code))" }]
            Terminal.writeError(SafeText.line(words.compactMap(\.self).joined(separator: "  ")) + "\n")
        case .finished: break
        }
    }

    func draw() async {
        guard !tellsRows else { return }
        await LiveLine.draw { self.text }
    }

    private var text: String {
        state.withLock { state in
            let progress = state.progress
            let pass = progress.passes > 1 ? "pass \(progress.pass) of \(progress.passes), " : ""
            return
                "\(pass)\(progress.visited)/\(progress.addresses) addresses, \(Words.count(state.phones.count, "phone")), "
                + "\(state.untrusted.count) not trusted"
        }
    }
}
