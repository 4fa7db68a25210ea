import DeploymentModel
import Foundation
import Testing

@testable import DeploymentStore

@Suite("Authorities, issued certificates and what phones hold")
struct AuthorityTests {
    private let start = Date(timeIntervalSince1970: 1_700_000_000)

    private func authority(_ name: String = "site", keepsKeys: Bool = true) -> AuthorityRecord {
        AuthorityRecord(
            name: name, chain: ["OWN"], former: ["OLD"], cross: [],
            policy: .init(
                subject: "CN={mac}", alternativeNames: ["ip:{ip}"], keyType: "p256", days: 397, keepsKeys: keepsKeys),
            profile: name, createdAt: start)
    }

    private func trust(_ name: String = "site") -> TrustRecord {
        TrustRecord(name: name, subject: "CN={mac}", anchors: ["OWN"])
    }

    private func certificate(
        _ mark: String, for holder: IssuedCertificate.Holder, days: Double = 0, authority: String? = "site",
        purpose: IssuedCertificate.Purpose = .server
    ) -> IssuedCertificate {
        let digits = String(repeating: mark, count: 64)
        return IssuedCertificate(
            fingerprint: digits, keyFingerprint: digits, authority: authority, serial: "0\(mark)", subject: "CN=x",
            notBefore: start, notAfter: start + 90 * 86_400, holder: holder, chain: [[1, 2, 3], [4]], profile: "site",
            issuedAt: start + days * 86_400, purpose: purpose)
    }

    private func storeWithPhones(_ count: Int, keepsKeys: Bool = true) async throws -> (Store, [DeviceID]) {
        let store = try Store.inMemory()
        let devices = try await store.saveDevices(adding: (1...count).map { .make($0) })
        try await store.addAuthority(authority(keepsKeys: keepsKeys), key: SecretText("the key"), trust: trust())
        return (store, devices.map(\.id))
    }

    private func states(_ store: Store) async throws -> [String: IssuedCertificate.State] {
        Dictionary(
            uniqueKeysWithValues: try await store.issuedCertificates().map {
                (String($0.fingerprint.prefix(1)), $0.state)
            })
    }

    private func sight(_ mark: String, on device: DeviceID, at seconds: Double = 0) -> HeldMaterial {
        HeldMaterial(
            device: device, kind: .serverKeyMaterial, fingerprint: String(repeating: mark, count: 64), subject: "CN=x",
            notAfter: start, seenAt: start + seconds)
    }

    @Test("an authority comes back as it was kept, with its key and its trust profile")
    func authoritiesAreKept() async throws {
        let (store, _) = try await storeWithPhones(1)
        #expect(try await store.authorities() == [authority()])
        #expect(try await store.authorityKey("site").reveal() == "the key")
        #expect(try await store.trustRecords() == [trust()])
        var renewed = authority()
        renewed.chain = ["NEW"]
        try await store.changeAuthority(renewed, key: SecretText("new key"))
        #expect(try await store.authorities() == [renewed])
        #expect(try await store.authorityKey("site").reveal() == "new key")
    }

    @Test("neither an authority nor a trust profile of the same name is replaced")
    func namesAreTakenOnce() async throws {
        let (store, _) = try await storeWithPhones(1)
        let again = await code { try await store.addAuthority(authority(), key: SecretText("x"), trust: trust("new")) }
        #expect(again == .inputDuplicate)
        let profile = await code { try await store.addAuthority(authority("b"), key: SecretText("x"), trust: trust()) }
        #expect(profile == .inputDuplicate)
        #expect(try await store.authorityKey("site").reveal() == "the key")
        #expect(await code { try await store.changeAuthority(authority("b")) } == .inputNotFound)
    }

    @Test("no key stands in the database in clear")
    func keysAreSealed() async throws {
        let directory = try TemporaryDirectory()
        let store = try Store.open(path: directory.file("db"))
        let device = try await store.saveDevices(adding: [.make(1)])[0].id
        try await store.addAuthority(authority(), key: SecretText("authority-secret"), trust: trust())
        try await store.saveIssued([(certificate("a", for: .device(device)), SecretText("phone-secret"))])
        try store.close()
        for name in try FileManager.default.contentsOfDirectory(atPath: directory.path) {
            let bytes = try Data(contentsOf: URL(filePath: directory.file(name)))
            #expect(bytes.range(of: Data("-secret".utf8)) == nil, "\(name)")
        }
    }

    @Test("a certificate is issued until its phone has it, and superseded when the phone has a later one")
    func statesFollowThePhones() async throws {
        let (store, ids) = try await storeWithPhones(2)
        try await store.saveIssued([
            (certificate("a", for: .device(ids[0])), SecretText("A")),
            (certificate("b", for: .device(ids[0]), days: 1), SecretText("B")),
        ])
        #expect(try await states(store) == ["a": .issued, "b": .issued])
        try await store.noteHeld([sight("a", on: ids[0])])
        #expect(try await states(store) == ["a": .held, "b": .issued])
        try await store.noteHeld([sight("b", on: ids[0], at: 5), sight("a", on: ids[0], at: 4)])
        #expect(try await states(store) == ["a": .superseded, "b": .held])
        // The same certificate on another phone is not this phone's.
        try await store.noteHeld([sight("x", on: ids[0], at: 6), sight("b", on: ids[1], at: 6)])
        #expect(try await states(store) == ["a": .issued, "b": .issued])
        try await store.noteHeld([sight("b", on: ids[0], at: 7)])
        try await store.noteAbsent(.serverKeyMaterial, on: ids[0], at: start + 8)
        #expect(try await states(store) == ["a": .issued, "b": .issued])
    }

    @Test("a handshake tells as much as a read-back")
    func handshakesCount() async throws {
        let (store, ids) = try await storeWithPhones(1)
        try await store.saveIssued([
            (certificate("a", for: .device(ids[0])), SecretText("A")),
            (certificate("c", for: .all), SecretText("C")),
        ])
        var device = try await store.device(ids[0])
        device.certificateFingerprint = String(repeating: "a", count: 64)
        try await store.saveDevices(updating: [device])
        #expect(try await states(store) == ["a": .held, "c": .issued])
        device.certificateFingerprint = String(repeating: "c", count: 64)
        try await store.saveDevices(updating: [device])
        #expect(try await states(store) == ["a": .issued, "c": .held])
    }

    @Test("a phone in secure mode holds its certificate as a client beside that of its web server")
    func twoPurposes() async throws {
        let (store, ids) = try await storeWithPhones(1)
        let client = String(repeating: "a", count: 64)
        try await store.saveIssued([
            (certificate("f", for: .device(ids[0])), SecretText("F")),
            (certificate("a", for: .device(ids[0]), days: 1, purpose: .client), SecretText("A")),
            (certificate("b", for: .device(ids[0]), days: 2), SecretText("B")),
        ])
        try await store.beginSecureMode(of: ids[0], tan: nil)
        try await store.proveSecureMode(of: ids[0], fingerprint: client)
        // A certificate of a web server that waits is not superseded by the one with which the phone calls.
        #expect(try await states(store) == ["f": .issued, "a": .held, "b": .issued])
        try await store.noteHeld([sight("b", on: ids[0])])
        var device = try await store.device(ids[0])
        device.certificateFingerprint = String(repeating: "b", count: 64)
        try await store.saveDevices(updating: [device])
        #expect(try await states(store) == ["f": .superseded, "a": .held, "b": .held])
        #expect(try await store.issuedCertificates().map(\.purpose) == [.server, .client, .server])
        try await store.saveIssued([
            (certificate("c", for: .device(ids[0]), days: 3, purpose: .client), SecretText("C"))
        ])
        try await store.proveSecureMode(of: ids[0], fingerprint: String(repeating: "c", count: 64))
        #expect(try await states(store) == ["f": .superseded, "a": .superseded, "b": .held, "c": .held])
    }

    @Test(
        "a phone that left secure mode is not given the certificate again that it may still have",
        arguments: [true, false])
    func leavingSecureMode(isReset: Bool) async throws {
        let (store, ids) = try await storeWithPhones(1)
        try await store.saveIssued([
            (certificate("a", for: .device(ids[0]), purpose: .client), SecretText("A")),
            (certificate("b", for: .device(ids[0]), days: 1), SecretText("B")),
        ])
        try await store.beginSecureMode(of: ids[0], tan: nil)
        // On its way it may have followed its order, and is given the same one again.
        try await store.setSecureMode(nil, of: ids[0])
        #expect(try await states(store) == ["a": .issued, "b": .issued])
        try await store.proveSecureMode(of: ids[0], fingerprint: String(repeating: "a", count: 64))
        #expect(try await states(store) == ["a": .held, "b": .issued])
        if isReset {
            let run = try await store.createRun(plan: .make(devices: [ids[0]], mode: .factoryReset)).id
            try await store.begin(ids[0], in: run)
            for stage in [JournalEntry.Moment.intent, .outcome] {
                try await store.record(
                    JournalEntry(device: ids[0], step: .factoryReset, moment: stage, at: start), in: run)
            }
        } else {
            try await store.setSecureMode(nil, of: ids[0])
        }
        #expect(try await states(store) == ["a": .superseded, "b": .issued])
        #expect(try await store.removeSpentKeys() == 1)
    }

    @Test("the keys of superseded certificates go, those of held ones by policy", arguments: [true, false])
    func spentKeysGo(keepsKeys: Bool) async throws {
        let (store, ids) = try await storeWithPhones(1, keepsKeys: keepsKeys)
        try await store.saveIssued([
            (certificate("a", for: .device(ids[0])), SecretText("A")),
            (certificate("b", for: .device(ids[0]), days: 1), SecretText("B")),
        ])
        #expect(try await store.removeSpentKeys() == 0)
        try await store.noteHeld([sight("b", on: ids[0])])
        #expect(try await store.removeSpentKeys() == (keepsKeys ? 1 : 2))
        #expect(try await store.issuedCertificates().map(\.hasKey) == [keepsKeys, false])
        #expect(await code { _ = try await store.materialKey(String(repeating: "a", count: 64)) } == .inputSecret)
    }

    @Test("the keys that stay are those of certificates that are issued, or held where the policy keeps them")
    func neededKeysStay() async throws {
        for seed in 0..<40 as Range<UInt64> {
            var generator = SeededGenerator(seed: seed)
            let keepsKeys = seed % 2 == 0
            let (store, ids) = try await storeWithPhones(3, keepsKeys: keepsKeys)
            let marks = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "a", "b"]
            for mark in marks {
                let holder = ids.randomElement(using: &generator).map(IssuedCertificate.Holder.device) ?? .all
                let issued = certificate(
                    mark, for: Int.random(in: 0..<6, using: &generator) == 0 ? .all : holder,
                    days: Double(Int.random(in: 0..<4, using: &generator)),
                    authority: Bool.random(using: &generator) ? "site" : nil)
                try await store.saveIssued([(issued, SecretText(mark))])
                if Int.random(in: 0..<8, using: &generator) == 0 { try await store.removeSpentKeys() }
                guard let id = ids.randomElement(using: &generator), let seen = marks.randomElement(using: &generator)
                else { continue }
                if Bool.random(using: &generator) {
                    try await store.noteHeld([sight(seen, on: id, at: 1)])
                } else {
                    var device = try await store.device(id)
                    device.certificateFingerprint = String(repeating: seen, count: 64)
                    try await store.saveDevices(updating: [device])
                }
            }
            let before = try await store.issuedCertificates()
            let needed = before.filter {
                $0.hasKey && ($0.state == .issued || $0.state == .held && (keepsKeys || $0.authority == nil))
            }
            let removed = try await store.removeSpentKeys()
            #expect(removed == before.count(where: \.hasKey) - needed.count, "seed \(seed)")
            let kept = try await store.issuedCertificates().filter(\.hasKey).map(\.fingerprint)
            #expect(Set(kept) == Set(needed.map(\.fingerprint)), "seed \(seed)")
        }
    }

    @Test("what a removed phone had is nobody's, and its key goes")
    func removedPhones() async throws {
        let (store, ids) = try await storeWithPhones(2)
        try await store.saveIssued(
            ["a", "b"].indices.map { (certificate(["a", "b"][$0], for: .device(ids[$0])), SecretText("K")) })
        try await store.noteHeld([sight("a", on: ids[0]), sight("b", on: ids[1])])
        try await store.removeDevices([ids[0]])
        var changed = try await store.device(ids[1])
        changed.mac = MACAddress(value: 0x0001_E399_9999)
        try await store.saveDevices(updating: [changed])
        #expect(try await store.issuedCertificates().map(\.holder) == [.nobody, .nobody])
        #expect(try await store.issuedCertificates().map(\.state) == [.superseded, .superseded])
        #expect(try await store.heldMaterial().isEmpty)
        #expect(try await store.removeSpentKeys() == 2)
    }

    @Test("a request waits with its key until the certificate is there")
    func requestsAreAnswered() async throws {
        let (store, ids) = try await storeWithPhones(1)
        let digits = String(repeating: "d", count: 64)
        let request = PendingRequest(
            keyFingerprint: digits, device: ids[0], subject: "CN=x", pattern: "CN={mac}", createdAt: start)
        try await store.saveRequests([(request, SecretText("D"))])
        #expect(try await store.pendingRequests() == [request])
        #expect(try await store.removeSpentKeys() == 0)
        try await store.answerRequests(
            with: [certificate("d", for: .device(ids[0]), authority: nil)], trust: trust("outside"))
        #expect(try await store.pendingRequests().isEmpty)
        #expect(try await store.materialKey(digits).reveal() == "D")
        #expect(try await store.trustRecords().map(\.name) == ["outside", "site"])
    }

    @Test("certificates are found by authority, phone, state and expiry")
    func filters() async throws {
        let (store, ids) = try await storeWithPhones(2)
        try await store.saveIssued([
            (certificate("a", for: .device(ids[0])), SecretText("A")),
            (certificate("b", for: .device(ids[1]), authority: nil), SecretText("B")),
        ])
        try await store.noteHeld([sight("a", on: ids[0])])
        func marks(_ filter: IssuedFilter) async throws -> String {
            try await store.issuedCertificates(filter).map { String($0.fingerprint.prefix(1)) }.sorted().joined()
        }
        #expect(try await marks(IssuedFilter()) == "ab")
        #expect(try await marks(IssuedFilter(authority: "site")) == "a")
        #expect(try await marks(IssuedFilter(devices: [ids[1]])) == "b")
        #expect(try await marks(IssuedFilter(states: [.held])) == "a")
        #expect(try await marks(IssuedFilter(expiringBefore: start + 89 * 86_400)) == "")
        #expect(try await marks(IssuedFilter(expiringBefore: start + 91 * 86_400)) == "ab")
    }
}
