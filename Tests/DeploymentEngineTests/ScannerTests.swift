import DeploymentEngine
import DeploymentModel
import Foundation
import ManagementXML
import PhoneTransport
import Synchronization
import TLSMaterial
import Testing

@Suite struct ScannerTests {
    private static let both = [ScanRequest.Port(443, tls: true), ScanRequest.Port(8085, tls: false)]

    private func scan(
        _ probe: ScriptedProbe, _ addresses: [String], passes: Int = 1, pace: ScanRequest.Pace = .init(),
        stop: StopSignal = StopSignal(), watch: @Sendable (ScanEvent) -> Void = { _ in }
    ) async throws -> (rows: [String: [ScanRow]], summary: ScanSummary) {
        let clock = ManualClock()
        let scanner = Scanner(probe: probe, catalogue: Bench.catalogue, clock: clock)
        let rows = Mutex<[String: [ScanRow]]>([:])
        let request = ScanRequest(addresses: addresses, ports: Self.both, passes: passes, pace: pace)
        let summary = try await clock.drive {
            try await scanner.scan(request, stop: stop) { event in
                watch(event)
                if case .row(let row, _) = event { rows.withLock { $0[row.address, default: []].append(row) } }
            }
        }
        return (rows.withLock { $0 }, summary)
    }

    @Test func everyAddressGetsOneRowPerPassAndOnlySilentOnesAreVisitedAgain() async throws {
        let probe = ScriptedProbe { address, port, visit in
            switch address {
            case "a": port == 8085 ? .phone : .fault(.netRefused)
            case "b": .fault(.netSilent)
            case "c": visit <= 2 ? .fault(.netRefused) : port == 8085 ? .phone : .fault(.netRefused)
            default: .garbage
            }
        }
        let (rows, summary) = try await scan(probe, ["a", "b", "c", "d"], passes: 2)
        #expect(rows["a"]?.map(\.status) == [.phone])
        #expect(rows["b"]?.map(\.status) == [.silent, .silent])
        #expect(rows["c"]?.map(\.status) == [.refused, .phone])
        #expect(rows["d"]?.map(\.status) == [.noPhone])
        #expect(summary.totals == [.phone: 2, .silent: 1, .noPhone: 1])
        #expect(summary.passes == 2)
        #expect(!summary.wasStopped)
    }

    @Test func neverMoreContactsAreUnderWayThanAllowed() async throws {
        let probe = ScriptedProbe { _, _, _ in .fault(.netSilent) }
        _ = try await scan(
            probe, (1...200).map { "h\($0)" }, pace: .init(addressesPerSecond: nil, contacts: 10))
        #expect(probe.most <= 10)
        #expect(probe.visits == 400)
    }

    @Test func theRateIsKept() async throws {
        let probe = ScriptedProbe { _, _, _ in .fault(.netRefused) }
        let summary = try await scan(probe, (1...101).map { "h\($0)" }, pace: .init(addressesPerSecond: 10)).summary
        #expect(abs(summary.duration - 10) < 0.5)
    }

    @Test func aStoppedScanHearsWhatIsUnderWayAndLeavesTheRestWaiting() async throws {
        let stop = StopSignal()
        let probe = ScriptedProbe { _, _, _ in .fault(.netRefused) }
        let summary = try await scan(
            probe, (1...50).map { "h\($0)" }, passes: 3, pace: .init(addressesPerSecond: nil, contacts: 2), stop: stop
        ) { event in
            if case .row(_, let progress) = event, progress.visited == 10 { stop.request() }
        }.summary
        #expect(summary.wasStopped)
        #expect(summary.passes == 1)
        #expect(summary.totals[.waiting] ?? 0 >= 38)
    }

    @Test func aRequestOutOfRangeIsRefused() async throws {
        let scanner = Scanner(probe: ScriptedProbe { _, _, _ in .garbage }, catalogue: Bench.catalogue)
        let request = ScanRequest(addresses: ["a"], ports: [], passes: 0)
        await #expect(throws: Fault.self) { try await scanner.scan(request) { _ in } }
    }
}

@Suite struct ScanRowTests {
    private func row(
        tls: Bool, type: String? = nil, software: String = "V2.0", fault: Fault? = nil, connected: Bool = true,
        chain: [[UInt8]] = []
    ) -> ScanRow {
        let identity = type.map { type in
            ManagementReply(
                action: "Identify", status: .accepted,
                items: [
                    Item(ItemKey("device-type"), value: type), Item(ItemKey("software-version"), value: software),
                    Item(ItemKey("mac-addr"), value: "00:01:E3:00:00:01"), Item(ItemKey("e164"), value: "4711"),
                ])
        }
        let report = ContactReport(
            address: "a", port: 1, tls: tls, connected: connected, chain: chain, fault: fault, identity: identity)
        return ScanRow(report, catalogue: Self.catalogue, profiles: { _ in [] }, at: Date())
    }

    private static let catalogue: Catalogue = {
        var newer = Bench.type
        newer.id = PhoneTypeID("newer")
        newer.deviceType = "Newer"
        newer.access.append(ManagementAccess(softwareFrom: SoftwareVersion("V3.0"), tls: true, port: 443))
        return Catalogue(types: [Bench.type, newer])
    }()

    @Test func aPlainPhoneOfAPlainTypeIsAPhone() {
        let row = row(tls: false, type: "plain 1")
        #expect(row.status == .phone)
        #expect(row.type == Bench.type.id)
        #expect(row.number?.rawValue == "4711")
        #expect(row.fault == nil)
    }

    @Test func aPhoneThatShouldSpeakTLSIsNotTrustedInPlain() {
        #expect(row(tls: false, type: "Newer", software: "V2.9").status == .phone)
        let refused = row(tls: false, type: "Newer", software: "V3.0")
        #expect(refused.status == .notTrusted)
        #expect(refused.fault?.code == .tlsPlainRefused)
    }

    @Test func aPhoneWithoutAnyProfileIsNotTrusted() {
        let row = row(tls: true, type: "Plain 1", chain: [[1]])
        #expect(row.status == .notTrusted)
        #expect(row.fault?.code == .tlsNoProfile)
        #expect(row.mac != nil)
    }

    @Test func anUnknownTypeIsNamed() {
        let row = row(tls: false, type: "Toaster")
        #expect(row.status == .unknownType)
        #expect(row.deviceType == "Toaster")
        #expect(row.fault?.code == .phoneUnknownType)
    }

    @Test func whatSpeaksSomethingElseIsNoPhone() {
        #expect(row(tls: false, fault: Fault(.httpMalformed)).status == .noPhone)
        #expect(row(tls: false, fault: Fault(.httpStatus)).status == .noPhone)
        #expect(row(tls: true, fault: Fault(.tlsNotTLS)).status == .noPhone)
        #expect(row(tls: true, fault: Fault(.httpStatus), chain: [[1]]).status == .noPhone)
        #expect(row(tls: false).fault?.code == .phoneNotAPhone)
    }

    @Test func aFailedHandshakeIsNotTrustedAndSilenceIsSilent() {
        #expect(row(tls: true, fault: Fault(.tlsProtocolVersion)).status == .notTrusted)
        #expect(row(tls: true, fault: Fault(.tlsSilent)).status == .silent)
        #expect(row(tls: true, fault: Fault(.netSilent), connected: false).status == .silent)
        #expect(row(tls: true, fault: Fault(.netRefused), connected: false).status == .refused)
        #expect(row(tls: true, fault: Fault(.netReset)).status == .refused)
    }
}

/// A network whose every answer is written down beforehand.
final class ScriptedProbe: PhoneProbe, Sendable {
    enum Answer { case phone, garbage, fault(StatusCode) }

    private let answer: @Sendable (String, Int, Int) -> Answer
    private let state = Mutex<(visits: [String: Int], underWay: Int, most: Int)>(([:], 0, 0))

    init(_ answer: @escaping @Sendable (String, Int, Int) -> Answer) {
        self.answer = answer
    }

    var most: Int { state.withLock { $0.most } }
    var visits: Int { state.withLock { $0.visits.values.reduce(0, +) } }

    func contact(
        address: String, port: Int, tls: Bool, profiles: [TrustProfile], timeouts: ContactTimeouts
    ) async throws -> ContactReport {
        let visit = state.withLock { state in
            state.underWay += 1
            state.most = max(state.most, state.underWay)
            state.visits[address, default: 0] += 1
            return state.visits[address] ?? 0
        }
        await Task.yield()
        state.withLock { $0.underWay -= 1 }
        var report = ContactReport(address: address, port: port, tls: tls)
        switch answer(address, port, visit) {
        case .phone:
            report.connected = true
            report.identity = ManagementReply(
                action: "Identify", status: .accepted, items: [Item(ItemKey("device-type"), value: "Plain 1")])
        case .garbage:
            report.connected = true
            report.fault = Fault(tls ? .tlsNotTLS : .httpMalformed)
        case .fault(let code): report.fault = Fault(code)
        }
        return report
    }
}
