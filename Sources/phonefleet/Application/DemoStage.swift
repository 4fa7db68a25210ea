import ArgumentParser
import DeploymentModel
import DeploymentStore
import Foundation
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
    var range: String

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
        let (fleets, firstAddress) = try await startFleets(count, catalogue: workspace.catalogue)
        let last = fleets.flatMap(\.phones).compactMap { IPv4Address($0.address) }.max()
        return DemoStage(
            workspace: workspace, global: global, fleets: fleets, tlsPort: tlsPort,
            range: "\(firstAddress)-\(last?.description ?? firstAddress)")
    }

    func close() async {
        for fleet in fleets { await fleet.shutdown() }
        try? workspace.store.close()
    }

    /// One fleet of the types with TLS on a port that needs no privilege, one of the plain types on their own port.
    private static func startFleets(
        _ count: Int, catalogue: Catalogue
    ) async throws -> (fleets: [VirtualFleet], firstAddress: String) {
        var problem: any Error = Fault(.netLocal)
        for address in firstAddresses {
            do {
                return (try await startFleets(count, from: address, catalogue: catalogue), address)
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
