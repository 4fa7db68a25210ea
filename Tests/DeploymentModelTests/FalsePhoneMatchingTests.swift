import DeploymentModel
import Foundation
import Testing

/// What somebody who answers in the network, and proves nothing, can do to the device list.
@Suite("Matching of answers by false phones")
struct FalsePhoneMatchingTests {
    /// Plain before V3.0, over TLS from then on.
    private static let turningType = PhoneTypeID("optipoint-400-standard-sip")
    private let matcher = DeviceMatcher(catalogue: Fixture.catalogue)
    private let imported = Device(id: DeviceID("d1"), type: turningType, address: "10.0.0.1")

    private func claim(_ mac: Int, _ address: String, type: PhoneTypeID, software: String) -> ScanRow {
        ScanRow(
            address: address, port: 443, status: .notTrusted, type: type, mac: Fixture.mac(mac),
            number: TerminalNumber("3299"), softwareVersion: SoftwareVersion(software), tls: true,
            fault: Fault(.tlsNoProfile))
    }

    private func proof(_ mac: Int, _ address: String) -> ScanRow {
        ScanRow(
            address: address, port: 443, status: .phone, type: Fixture.tlsType, mac: Fixture.mac(mac),
            softwareVersion: SoftwareVersion("V3.0"), tls: true,
            evidence: PeerEvidence(certificateFingerprint: "aa", profile: "factory"))
    }

    private func isTLS(_ type: PhoneTypeID?, _ software: SoftwareVersion?) throws -> Bool {
        try #require(type.flatMap { Fixture.catalogue[$0] }).access(for: software).tls
    }

    @Test("A TLS phone of unknown software does not become a plain one because a false phone says an old version")
    func oldVersionClaimed() throws {
        let row = claim(1, "10.0.0.1", type: Self.turningType, software: "V2.3")
        #expect(try !isTLS(Self.turningType, row.softwareVersion))
        guard case .known(let device, _)? = matcher.match([row], against: [imported]).first else {
            Issue.record("not known")
            return
        }
        #expect(device.softwareVersion == nil)
        #expect(try isTLS(device.type, device.softwareVersion))
    }

    @Test("An entry without a MAC address learns MAC, number and port only from a phone that proved itself")
    func macClaimed() throws {
        var row = claim(7, "10.0.0.1", type: Self.turningType, software: "V3.0")
        row.port = 8443
        guard case .known(let device, _)? = matcher.match([row], against: [imported]).first else {
            Issue.record("not known")
            return
        }
        #expect(device.mac == nil)
        #expect(device.number == nil)
        #expect(device.port == nil)
        #expect(device.status == .notTrusted)
    }

    @Test("A new phone that says over TLS, without proof, that it is managed in plain is not believed")
    func newPlainClaimed() throws {
        let rows = [
            claim(1, "10.0.0.1", type: Self.turningType, software: "V2.3"),
            claim(2, "10.0.0.2", type: Fixture.plainType, software: "V1.0"),
        ]
        for decision in matcher.match(rows, against: []) {
            guard case .new(let fields) = decision else { continue }
            #expect(fields.softwareVersion == nil || fields.type == nil)
            #expect(try fields.type == nil || isTLS(fields.type, fields.softwareVersion))
        }
    }

    @Test("A false phone with the MAC address of one that proved itself does not put that one into conflict")
    func twinClaimed() throws {
        let listed = Device(
            id: DeviceID("d1"), type: Fixture.tlsType, address: "10.0.0.1", mac: Fixture.mac(1), wasAuthenticated: true)
        let rows = [claim(1, "10.0.0.9", type: Fixture.tlsType, software: "V3.0"), proof(1, "10.0.0.1")]
        for order in [rows, rows.reversed()] {
            let decisions = matcher.match(order, against: [listed])
            #expect(
                decisions.contains {
                    if case .known(let device, _) = $0 { device.address == "10.0.0.1" } else { false }
                })
            let conflicts = decisions.compactMap { if case .conflict(let conflict) = $0 { conflict } else { nil } }
            #expect(conflicts.count == 1)
            #expect(conflicts.first?.devices == [])
            #expect(conflicts.first?.addresses == ["10.0.0.9"])
        }
    }

    @Test("An entry that was authenticated follows no phone that has only its MAC address")
    func followsProofOnly() throws {
        let listed = Device(
            id: DeviceID("d1"), type: Fixture.tlsType, address: "10.0.0.1", mac: Fixture.mac(1),
            certificateFingerprint: "bb", wasAuthenticated: true)
        var row = claim(1, "10.0.0.9", type: Fixture.tlsType, software: "V3.0")
        row.evidence = PeerEvidence(certificateFingerprint: "aa", tlsVersion: "1.2")
        let decisions = matcher.match([row], against: [listed])
        guard decisions.count == 1, case .conflict(let conflict)? = decisions.first else {
            Issue.record("no conflict")
            return
        }
        #expect(conflict.devices == [listed.id])
        #expect(conflict.addresses == ["10.0.0.9"])
    }
}
