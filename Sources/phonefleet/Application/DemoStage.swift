import ArgumentParser
import DeploymentModel
import DeploymentStore
import Foundation
import TLSMaterial
import VirtualPhone

/// The phones and the database of a demonstration.
struct DemoStage {
    /// Where the phones are; TLS types and plain types have a port each, both open to ordinary users.
    static let tlsPort = 18_443
    /// First addresses, tried in turn: another demonstration may have taken the ones before.
    static let firstAddresses = (77...84).map { "127.\($0).0.1" }

    var workspace: Workspace
    var global: GlobalOptions
    var fleets: [VirtualFleet]
    var tlsPort: Int
    /// The phones that are called.
    var range: String
    /// The phones that call (WPI); nil where there are none.
    var callers: String?
    /// Where these call.
    var calls: CallSettings

    var phones: [VirtualPhoneInfo] { fleets.flatMap(\.phones) }

    /// The first phone of each type with TLS.
    var deskPhones: [String] {
        var seen: Set<PhoneTypeID> = []
        return phones.filter { $0.tls && seen.insert($0.type).inserted }.map(\.address)
    }

    /// Starts the phones and opens a fresh database.
    static func build(phones count: Int, directory: String, noColor: Bool) async throws -> DemoStage {
        let global = try GlobalOptions.parse(
            ["--database", "\(directory)/demo.db", "--quiet"] + (noColor ? ["--no-color"] : []))
        let workspace = try Workspace.open(global)
        try await ServerIdentity.issue(in: workspace.store, keyType: .p256).keep(as: .inUse, in: workspace.store)
        let callers = count / shareOfCallers
        let (fleets, first) = try await startFleets(count - callers, callers: callers, catalogue: workspace.catalogue)
        let base = IPv4Address(first)?.value ?? 0
        func address(_ number: Int) -> String { IPv4Address(value: base + UInt32(number)).description }
        return DemoStage(
            workspace: workspace, global: global, fleets: fleets, tlsPort: tlsPort,
            range: "\(first)-\(address(count - callers - 1))",
            callers: callers > 0 ? "\(address(count - callers))-\(address(count - 1))" : nil,
            calls: CallSettings(listen: address(callServer), contactGap: callerGap))
    }

    /// One phone of so many calls and is not called.
    private static let shareOfCallers = 7
    /// Where in the network of the phones they call: beyond the last phone that there may be.
    private static let callServer = 60_000
    /// Virtual phones of a demonstration can be asked to call again at once: their own gap is as short.
    private static let callerGap = 0.1
    private static let callerSpeed = 10_000.0

    func close() async {
        for fleet in fleets { await fleet.shutdown() }
        try? workspace.store.close()
    }

    /// One fleet of the types with TLS on a port that needs no privilege, one of the plain types on their own port.
    private static func startFleets(
        _ count: Int, callers: Int, catalogue: Catalogue
    ) async throws -> (fleets: [VirtualFleet], firstAddress: String) {
        var problem: any Error = Fault(.netLocal)
        for address in firstAddresses {
            do {
                var fleets = try await startFleets(count, from: address, catalogue: catalogue)
                guard callers > 0 else { return (fleets, address) }
                do {
                    fleets.append(
                        try await startCallers(callers, in: try range(address, count, callers), catalogue: catalogue))
                } catch {
                    for fleet in fleets { await fleet.shutdown() }
                    throw error
                }
                return (fleets, address)
            } catch let fault as Fault where fault.code == .netLocal {
                problem = fault
            }
        }
        throw problem
    }

    private static func startFleets(
        _ count: Int, from address: String, catalogue: Catalogue
    ) async throws -> [VirtualFleet] {
        let direct = catalogue.types.filter { $0.managementProtocol == .direct }
        let tls = direct.filter { $0.access(for: nil).tls }
        let plain = direct.filter { !$0.access(for: nil).tls }
        let tlsCount = max(1, count * tls.count / max(1, direct.count))
        let configuration = FleetConfiguration(
            count: tlsCount, types: tls.map { .init($0.id) }, listenRange: try range(address, 0, tlsCount),
            port: tlsPort, faults: FaultPlan(tlsFaults(tlsCount)), restartSeconds: 0.3)
        let first = try await VirtualFleet.start(configuration, catalogue: catalogue)
        guard count > tlsCount else { return [first] }
        let rest = count - tlsCount
        do {
            let second = try await VirtualFleet.start(
                FleetConfiguration(
                    count: rest, types: plain.map { .init($0.id) }, listenRange: try range(address, tlsCount, rest),
                    faults: FaultPlan(plainFaults(rest)), restartSeconds: 0.3,
                    firstMAC: MACAddress(value: configuration.firstMAC.value + UInt64(tlsCount))),
                catalogue: catalogue)
            return [first, second]
        } catch {
            await first.shutdown()
            throw error
        }
    }

    /// Phones that call when they are asked to.
    private static func startCallers(
        _ count: Int, in range: ListenRange, catalogue: Catalogue
    ) async throws -> VirtualFleet {
        let all = catalogue.types.filter { $0.managementProtocol == .wpi && !$0.id.rawValue.hasSuffix("-hfa") }
        // From each part of the family a few.
        let types = (0..<min(count, all.count)).map { all[$0 * all.count / min(count, all.count)] }
        var calls = WPIOptions()
        calls.webPort = nil
        calls.speed = callerSpeed
        return try await VirtualFleet.start(
            FleetConfiguration(
                count: count, types: types.map { .init($0.id) }, listenRange: range, restartSeconds: 0.3,
                firstMAC: MACAddress(value: 0x001A_E810_0001), wpi: calls), catalogue: catalogue)
    }

    private static func range(_ first: String, _ offset: Int, _ count: Int) throws -> ListenRange {
        let first = (IPv4Address(first)?.value ?? 0) + UInt32(offset)
        return try ListenRange(parsing: "\(IPv4Address(value: first))-\(IPv4Address(value: first + UInt32(count) - 1))")
    }

    /// Faults for a fleet that is large enough to show them beside healthy phones.
    private static func tlsFaults(_ count: Int) -> [FaultPlan.Rule] {
        guard count >= 12 else { return [] }
        return [
            .init(.certificate(.foreign), .number(8)), .init(.certificate(.expired), .number(9)),
            .init(.busy(seconds: 1), .number(10)), .init(.keepsNothing("sntp-addr"), .number(11)),
            .init(.servesOldChain, .number(12)),
        ]
    }

    private static func plainFaults(_ count: Int) -> [FaultPlan.Rule] {
        guard count >= 12 else { return [] }
        return [.init(.wrongPassword("998877"), .number(9)), .init(.malformedXML, .number(11))]
    }
}
