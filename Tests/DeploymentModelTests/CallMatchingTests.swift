import DeploymentModel
import Foundation
import Testing

@Suite("Matching of phones that call")
struct CallMatchingTests {
    private static let wpi = PhoneType(
        id: PhoneTypeID("openstage-60-sip"), name: "OpenStage 60 SIP", deviceType: "OpenStage 60", family: "OpenStage",
        managementProtocol: .wpi, access: [ManagementAccess(tls: false, port: 8085)], softwareVersions: [], tabs: [],
        fileKinds: [], limits: PhoneType.Limits(items: 100, fileBytes: 65_536),
        durations: PhoneType.Durations(transfer: 1, restart: 60), provenance: .decision)
    private let matcher = DeviceMatcher(catalogue: Catalogue(types: Fixture.catalogue.types + [Self.wpi]))
    private let mac = MACAddress(value: 0x001A_E800_0001)

    private func call(
        _ mac: MACAddress, from address: String = "192.0.2.1", port: Int? = nil, proof: String? = nil,
        number: String? = nil
    ) -> ScanRow {
        ScanRow(
            address: address, port: port, status: .phone, type: Self.wpi.id, deviceType: "OpenStage 60", mac: mac,
            number: number.flatMap { TerminalNumber($0) }, softwareVersion: SoftwareVersion("V3 R3.32.0"),
            tls: proof != nil, evidence: proof.map { PeerEvidence(certificateFingerprint: "aa", profile: $0) },
            seenAt: Date(timeIntervalSince1970: 1))
    }

    private func device(
        type: PhoneTypeID = Self.wpi.id, address: String = "192.0.2.1", mac: MACAddress?,
        number: TerminalNumber? = nil, status: DeviceStatus = .new
    ) -> Device {
        Device(id: DeviceID("d1"), type: type, address: address, mac: mac, number: number, status: status)
    }

    private func known(_ decision: MatchDecision?) -> Device? {
        if case .known(let device, _)? = decision { device } else { nil }
    }

    private func isRefused(_ decision: MatchDecision?) -> Bool {
        if case .conflict? = decision { true } else { false }
    }

    @Test("An unknown phone is new, also at the address of another one behind the same router")
    func unknownPhone() throws {
        let other = device(mac: MACAddress(value: 0x001A_E800_0009))
        guard case .new(let fields)? = matcher.match(call: call(mac, number: "4711"), against: [other]) else {
            Issue.record("not new")
            return
        }
        #expect(fields.mac == mac)
        #expect(fields.address == "192.0.2.1")
        #expect(fields.number == TerminalNumber("4711"))
        #expect(fields.port == nil)
    }

    @Test("A known phone is found at its new address and port, and keeps the number that somebody gave it")
    func movedPhone() throws {
        let entry = device(
            address: "192.0.2.77", mac: mac, number: TerminalNumber("1000"))
        let found = try #require(known(matcher.match(call: call(mac, port: 9000, number: "4711"), against: [entry])))
        #expect(found.address == "192.0.2.1")
        #expect(found.port == 9000)
        #expect(found.number == TerminalNumber("1000"))
    }

    @Test("An entry made by hand for the address is the phone that calls from there")
    func handMade() throws {
        let entry = device(mac: nil)
        #expect(known(matcher.match(call: call(mac), against: [entry]))?.mac == mac)
        var elsewhere = entry
        elsewhere.port = 9001
        #expect(known(matcher.match(call: call(mac, port: 9000), against: [elsewhere])) == nil)
    }

    @Test("What an authenticated call said is not overwritten by one that proves nothing")
    func unauthenticated() throws {
        let entry = device(address: "192.0.2.77", mac: mac)
        let proven = try #require(known(matcher.match(call: call(mac, proof: "phones"), against: [entry])))
        #expect(proven.wasAuthenticated)
        #expect(proven.address == "192.0.2.1")
        #expect(isRefused(matcher.match(call: call(mac, from: "198.51.100.6"), against: [proven])))
        let moved = known(matcher.match(call: call(mac, from: "198.51.100.6", proof: "phones"), against: [proven]))
        #expect(moved?.address == "198.51.100.6")
    }

    @Test("A call never makes a phone of another protocol its own", arguments: [Fixture.tlsType, Fixture.plainType])
    func otherProtocol(type: PhoneTypeID) {
        let entry = device(type: type, address: "192.0.2.77", mac: mac)
        #expect(isRefused(matcher.match(call: call(mac), against: [entry])))
        let nameless = device(type: type, mac: nil)
        #expect(known(matcher.match(call: call(mac), against: [nameless])) == nil)
    }

    @Test("An entry in doubt stays in doubt until a phone proves who it is")
    func doubt() {
        let entry = device(mac: mac, status: .conflict)
        #expect(known(matcher.match(call: call(mac), against: [entry]))?.status == .conflict)
        #expect(known(matcher.match(call: call(mac, proof: "phones"), against: [entry]))?.status == .new)
    }

    @Test("A call without a MAC address says nothing")
    func nameless() {
        var row = call(mac)
        row.mac = nil
        #expect(matcher.match(call: row, against: []) == nil)
    }
}
