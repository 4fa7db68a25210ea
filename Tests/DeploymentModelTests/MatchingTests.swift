import DeploymentModel
import Foundation
import Testing

@Suite("Matching of scan results")
struct MatchingTests {
    private let matcher = DeviceMatcher(catalogue: Fixture.catalogue)
    private let seen = Date(timeIntervalSince1970: 1_700_000_000)

    private func trusted(_ mac: Int, _ address: String, number: String? = nil) -> ScanRow {
        ScanRow(
            address: address, port: 443, status: .phone, type: Fixture.tlsType, mac: Fixture.mac(mac),
            number: number.flatMap { TerminalNumber($0) }, softwareVersion: SoftwareVersion("V3.0"), tls: true,
            evidence: PeerEvidence(certificateFingerprint: "aa", profile: "factory"), seenAt: seen)
    }

    private func plain(_ mac: Int, _ address: String, type: PhoneTypeID = Fixture.plainType) -> ScanRow {
        ScanRow(
            address: address, port: 8085, status: .phone, type: type, mac: Fixture.mac(mac),
            softwareVersion: SoftwareVersion("V1.0"), seenAt: seen)
    }

    private func untrusted(_ mac: Int?, _ address: String) -> ScanRow {
        ScanRow(
            address: address, port: 443, status: .notTrusted, type: mac == nil ? nil : Fixture.plainType,
            mac: mac.map(Fixture.mac), softwareVersion: SoftwareVersion("V1.0"), tls: true,
            fault: Fault(StatusCode("tls.unknown-issuer"), detail: "CN=other"), seenAt: seen)
    }

    private func known(_ id: String, _ mac: Int?, _ address: String?, authenticated: Bool = true) -> Device {
        Device(
            id: DeviceID(id), type: Fixture.tlsType, address: address, mac: mac.map(Fixture.mac),
            softwareVersion: SoftwareVersion("V3.0"), certificateFingerprint: "aa", wasAuthenticated: authenticated)
    }

    private func conflict(_ decisions: [MatchDecision]) throws -> MatchConflict {
        try #require(decisions.count == 1)
        guard case .conflict(let conflict) = decisions[0] else {
            throw Fault(.internalDefect, detail: "\(decisions[0])")
        }
        return conflict
    }

    @Test("A phone that is not on the list is new, with all that was seen of it")
    func new() {
        let decisions = matcher.match([trusted(1, "10.0.0.1", number: "3200")], against: [])
        let expected = DeviceFields(
            type: Fixture.tlsType, address: "10.0.0.1", mac: Fixture.mac(1), number: Fixture.number("3200"),
            softwareVersion: SoftwareVersion("V3.0"), certificateFingerprint: "aa", wasAuthenticated: true,
            lastSeen: seen)
        #expect(decisions == [.new(expected)])
    }

    @Test("Rows that are no phone make nothing, and neither does a foreign server that says nothing of itself")
    func noPhone() {
        let rows = [ScanStatus.waiting, .silent, .refused, .noPhone].map { ScanRow(address: "10.0.0.1", status: $0) }
        #expect(matcher.match(rows + [untrusted(nil, "10.0.0.2")], against: []) == [])
    }

    @Test("A phone that cannot be authenticated enters the list as not trusted")
    func newUntrusted() {
        guard case .new(let fields) = matcher.match([untrusted(1, "10.0.0.1")], against: []).first else {
            Issue.record("not new")
            return
        }
        #expect(fields.status == .notTrusted)
        #expect(!fields.wasAuthenticated)
    }

    @Test("A known phone with a new address and new software is updated, by its MAC address")
    func moved() {
        var row = trusted(1, "10.0.0.99")
        row.softwareVersion = SoftwareVersion("V3.1")
        let decisions = matcher.match([row], against: [known("d1", 1, "10.0.0.1")])
        guard case .known(let device, let changes) = decisions.first else {
            Issue.record("\(decisions)")
            return
        }
        #expect(device.id.rawValue == "d1")
        #expect(device.address == "10.0.0.99")
        #expect(changes.map(\.field) == [.address, .softwareVersion])
        #expect(changes[0].before == "10.0.0.1" && changes[0].after == "10.0.0.99")
    }

    @Test("Nothing new about a known phone is no change")
    func unchanged() {
        guard
            case .known(let device, let changes)? = matcher.match(
                [trusted(1, "10.0.0.1")], against: [known("d1", 1, "10.0.0.1")]
            ).first
        else {
            Issue.record("not known")
            return
        }
        #expect(changes == [])
        #expect(device.lastSeen == seen)
    }

    @Test("The number that a person gave stays, and an empty one is filled in")
    func number() {
        var assigned = known("d1", 1, "10.0.0.1")
        assigned.number = Fixture.number("3300")
        let rows = [trusted(1, "10.0.0.1", number: "3200"), trusted(2, "10.0.0.2", number: "3201")]
        let decisions = matcher.match(rows, against: [assigned, known("d2", 2, "10.0.0.2")])
        let numbers = decisions.compactMap { decision -> String? in
            if case .known(let device, _) = decision { device.number?.rawValue } else { nil }
        }
        #expect(numbers == ["3300", "3201"])
    }

    @Test("A device without a MAC address is known by its address and learns the MAC address")
    func byAddress() {
        let decisions = matcher.match(
            [trusted(1, "Phone.example.net")], against: [known("d1", nil, "phone.EXAMPLE.net", authenticated: false)])
        guard case .known(let device, let changes)? = decisions.first else {
            Issue.record("\(decisions)")
            return
        }
        #expect(device.mac == Fixture.mac(1))
        #expect(device.wasAuthenticated)
        #expect(changes.contains { $0.field == .mac })
    }

    @Test("Two rows with one MAC address are a conflict that names both addresses, once")
    func twins() throws {
        let conflict = try conflict(
            matcher.match([trusted(1, "10.0.0.1"), trusted(1, "10.0.0.2")], against: [known("d1", 1, "10.0.0.1")]))
        #expect(
            conflict.fault
                == Fault(
                    .deviceConflict, subject: "MAC 00:01:E3:00:00:01",
                    detail: "answers at 10.0.0.1 and 10.0.0.2, only one of them can be the phone"))
        #expect(conflict.devices.map(\.rawValue) == ["d1"])
        #expect(conflict.addresses == ["10.0.0.1", "10.0.0.2"])
    }

    @Test("One phone that was seen twice at one address counts once")
    func seenTwice() {
        #expect(matcher.match([trusted(1, "10.0.0.1"), trusted(1, "10.0.0.1")], against: []).count == 1)
    }

    @Test("Another MAC address at a known phone's address is a conflict that says what was found")
    func replaced() throws {
        let conflict = try conflict(matcher.match([trusted(7, "10.0.0.1")], against: [known("d1", 1, "10.0.0.1")]))
        #expect(
            conflict.fault
                == Fault(
                    .deviceConflict, subject: "10.0.0.1",
                    detail: "answers with MAC 00:01:E3:00:00:07, d1 has MAC 00:01:E3:00:00:01"))
        #expect(conflict.found?.mac == Fixture.mac(7))
    }

    @Test("When the former phone was seen elsewhere, its old address is free for a new one")
    func swapped() {
        let decisions = matcher.match(
            [trusted(7, "10.0.0.1"), trusted(1, "10.0.0.2")], against: [known("d1", 1, "10.0.0.1")])
        guard decisions.count == 2, case .new = decisions[0], case .known(let device, _) = decisions[1] else {
            Issue.record("\(decisions)")
            return
        }
        #expect(device.address == "10.0.0.2")
    }

    @Test("A known phone at the address of another that was not seen: the first moves, the other is a conflict")
    func takenAddress() {
        let decisions = matcher.match(
            [trusted(2, "10.0.0.1")], against: [known("d1", 1, "10.0.0.1"), known("d2", 2, "10.0.0.2")])
        guard decisions.count == 2, case .conflict(let conflict) = decisions[0],
            case .known(let device, _) = decisions[1]
        else {
            Issue.record("\(decisions)")
            return
        }
        #expect(conflict.devices.map(\.rawValue) == ["d1"])
        #expect(device.id.rawValue == "d2" && device.address == "10.0.0.1")
    }

    @Test("A phone that was authenticated and now answers in plain is a conflict and is not overwritten")
    func downgraded() throws {
        let conflict = try conflict(matcher.match([plain(1, "10.0.0.66")], against: [known("d1", 1, "10.0.0.1")]))
        #expect(
            conflict.fault
                == Fault(
                    .deviceConflict, subject: "10.0.0.66",
                    detail: "d1 was authenticated before, now it answers without TLS"))
        #expect(conflict.devices.map(\.rawValue) == ["d1"])
    }

    @Test("A phone of a TLS type that was never met and answers in plain is a conflict too")
    func plainTLSType() throws {
        let conflict = try conflict(
            matcher.match([plain(1, "10.0.0.1")], against: [known("d1", 1, "10.0.0.1", authenticated: false)]))
        #expect(conflict.fault.detail == "d1 is of a type with TLS, now it answers without TLS")
    }

    @Test(
        "A phone that was authenticated and now has a certificate that is not trusted is a conflict, with or without a MAC"
    )
    func untrustedNow() throws {
        for row in [untrusted(1, "10.0.0.1"), untrusted(nil, "10.0.0.1")] {
            let conflict = try conflict(matcher.match([row], against: [known("d1", 1, "10.0.0.1")]))
            #expect(conflict.fault.detail == "d1 was authenticated before, now tls.unknown-issuer: CN=other")
        }
    }

    @Test("An answer that is not authenticated changes neither type nor software of a TLS phone")
    func untrustedKeepsType() {
        let decisions = matcher.match(
            [untrusted(1, "10.0.0.5")], against: [known("d1", 1, "10.0.0.1", authenticated: false)])
        guard case .known(let device, _)? = decisions.first else {
            Issue.record("\(decisions)")
            return
        }
        #expect(device.type == Fixture.tlsType)
        #expect(device.softwareVersion == SoftwareVersion("V3.0"))
        #expect(device.status == .notTrusted)
        #expect(device.address == "10.0.0.5")
    }

    @Test("A phone that is trusted again is no longer shown as not trusted")
    func trustedAgain() {
        var device = known("d1", 1, "10.0.0.1")
        device.status = .notTrusted
        guard case .known(let updated, _)? = matcher.match([trusted(1, "10.0.0.1")], against: [device]).first else {
            Issue.record("not known")
            return
        }
        #expect(updated.status == .new)
    }

    @Test("One number on two phones enters both and is a conflict that names both")
    func numberConflict() {
        var listed = known("d1", 1, "10.0.0.1")
        listed.number = Fixture.number("3200")
        let decisions = matcher.match([trusted(2, "10.0.0.2", number: "3200")], against: [listed])
        guard decisions.count == 2, case .new = decisions[0], case .conflict(let conflict) = decisions[1] else {
            Issue.record("\(decisions)")
            return
        }
        #expect(conflict.fault == Fault(.planNumberConflict, subject: "3200", detail: "is the number of d1, 10.0.0.2"))
        #expect(conflict.devices.map(\.rawValue) == ["d1"])
    }

    @Test("A port other than the catalogue's is kept with the device, the catalogue's is not")
    func port() {
        var row = trusted(1, "10.0.0.1")
        row.port = 8443
        guard case .new(let fields)? = matcher.match([row], against: []).first else {
            Issue.record("not new")
            return
        }
        #expect(fields.port == 8443)
    }

    @Test("Ten thousand rows against ten thousand devices give the same decisions every time")
    func many() {
        let devices = (0..<10_000).map { known("d\($0)", $0 + 1, "10.1.\($0 / 250).\($0 % 250)") }
        let rows = (0..<10_000).map { trusted($0 + 5001, "10.1.\(($0 + 5000) / 250).\(($0 + 5000) % 250)") }
        let decisions = matcher.match(rows, against: devices)
        #expect(decisions.count == 10_000)
        let newCount = decisions.count { decision in
            if case .new = decision { true } else { false }
        }
        #expect(newCount == 5000)
        #expect(decisions == matcher.match(rows, against: devices))
    }
}
