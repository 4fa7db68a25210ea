import DeploymentModel
import Foundation
import Testing

@Suite struct FilePlanTests {
    private static func type(_ id: String, tls: Bool, files: [FileKind]) -> PhoneType {
        PhoneType(
            id: PhoneTypeID(id), name: id, deviceType: id, family: "f", managementProtocol: .direct,
            access: [ManagementAccess(tls: tls, port: tls ? 443 : 8085)], softwareVersions: [SoftwareVersion("V1")],
            tabs: [], fileKinds: files, limits: .init(items: 10, fileBytes: 1),
            durations: .init(transfer: 1, restart: 1), provenance: .decision)
    }

    private static let both: [FileKind] = [.serverKeyMaterial, .clientTrustedCertificates]
    private static let catalogue = Catalogue(types: [
        type("secure", tls: true, files: both), type("plain", tls: false, files: both),
        type("bare", tls: true, files: []),
    ])
    private static let facts = FileFacts(fingerprint: "aa", subject: "CN=phone", certificates: 2)
    private static let material = WantedFile(
        kind: .serverKeyMaterial, change: .transfer(.sealed("run/m"), facts), newTrust: ["new"])
    private static let trusted = WantedFile(
        kind: .clientTrustedCertificates, change: .transfer(.sealed("run/t"), facts))

    private func request(
        _ files: [WantedFile], type: String = "secure", own: [String] = []
    ) -> PlanRequest {
        let device = Device(
            id: DeviceID("d1"), type: PhoneTypeID(type), address: "10.0.0.1", number: TerminalNumber("3001"))
        let bindings =
            [TrustBinding(profile: "old", scope: .all)]
            + own.enumerated().map { TrustBinding(profile: $1, scope: .device(DeviceID("d1")), position: $0) }
        return PlanRequest(
            mode: .deploy, createdAt: Date(timeIntervalSince1970: 0), devices: [device], catalogue: Self.catalogue,
            settings: SettingsBook([Setting(layer: .site, key: ItemKey("e164"), value: .plain("1"))]),
            trust: .init(
                profiles: ["old", "new", "other"].map { TrustRecord(name: $0, subject: "CN=x", anchors: []) },
                bindings: bindings),
            secrets: .init(defaultPassword: .sealed("admin")), files: [device.id: files], takesSettings: false)
    }

    private func faults(_ request: PlanRequest) -> [Fault] {
        do throws(FaultList) {
            _ = try Planner.plan(request)
            return []
        } catch {
            return error.faults
        }
    }

    @Test func aPlanCarriesFilesAloneWithTheProfilesOfBothSidesOfTheChange() throws {
        let plan = try Planner.plan(request([Self.material, Self.trusted]))
        let device = plan.devices[0]
        #expect(device.wanted == [])
        #expect(!device.isEmpty)
        #expect(device.files.map(\.kind) == Self.both)
        #expect(device.trust == ["old"])
        #expect(device.trustWhileChanging == ["old", "new"])
        #expect(plan.profiles.map(\.name) == ["old", "new"])
        #expect(device.files.map(\.ownTrust) == [nil, nil])
        #expect(
            try Planner.plan(request([Self.material], own: ["other", "old"])).devices[0].files[0].ownTrust == [
                "other", "old",
            ])
    }

    @Test func keyMaterialNeverGoesToAPhoneThatIsManagedInPlainWhateverIsToBecomeOfIt() {
        for change in [Self.material.change, .delete, .read] {
            let file = WantedFile(kind: .serverKeyMaterial, change: change, newTrust: ["new"])
            #expect(faults(request([file], type: "plain")).map(\.code) == [.materialPlainRefused])
        }
        #expect(faults(request([Self.trusted], type: "plain")) == [])
    }

    @Test func whatCannotGoWellIsRefusedBeforehand() {
        let delete = WantedFile(kind: .serverKeyMaterial, change: .delete)
        #expect(faults(request([delete])).map(\.code) == [.materialNoTrust])
        let unknown = WantedFile(kind: .serverKeyMaterial, change: .delete, newTrust: ["nobody"])
        #expect(faults(request([unknown])).map(\.code) == [.tlsNoProfile])
        #expect(faults(request([Self.material, Self.material])).map(\.code) == [.inputDuplicate])
        #expect(
            faults(request([Self.trusted], type: "bare"))
                == [Fault(.materialUnsupported, subject: "bare", detail: "client-trusted-certificates; phone 10.0.0.1")]
        )
    }

    @Test func aPlanWithFilesIsTheSameAfterItWasWritten() throws {
        var plan = try Planner.plan(request([Self.material, Self.trusted], own: ["old"]))
        plan.devices[0].files[1].telephony = [TelephonyCheck(server: "sip:5061", authority: "CN=CA")]
        let decoded = try JSONDecoder().decode(TransferPlan.self, from: JSONEncoder().encode(plan))
        #expect(decoded == plan)
    }

    @Test func theContentOfAFileIsASecretOfThePlan() throws {
        var device = try Planner.plan(request([Self.material])).devices[0]
        device.replaceSecrets { reference in reference == .sealed("run/m") ? .sealed("run/r1/m") : reference }
        #expect(device.files[0].change == .transfer(.sealed("run/r1/m"), Self.facts))
        #expect(SecretText(fileContent: [0, 1, 254]).fileContent == [0, 1, 254])
        #expect(SecretText("no base64!").fileContent == nil)
    }
}

@Suite struct FileVerdictTests {
    private let facts = FileFacts(fingerprint: "aa")
    private let proof = PeerEvidence(certificateFingerprint: "aa", profile: "new", tlsVersion: "1.3")

    private func verdict(_ file: FileReadBack) -> [StatusCode] {
        let identity = ReadBack.Identity(type: PhoneTypeID("secure"), mac: nil)
        let readBack = ReadBack(
            wanted: [], read: [], planned: identity, seen: identity, kinds: ValueKinds())
        switch Verification.standard.judge(readBack, files: [file]) {
        case .proven: return []
        case .refuted(let findings): return findings.map(\.fault.code)
        }
    }

    @Test func keyMaterialIsProvenByReadBackAndByANewHandshakeWithItsLeafOnly() {
        let wanted = WantedFile(kind: .serverKeyMaterial, change: .transfer(.sealed("m"), facts))
        func read(_ isAsWanted: Bool, _ handshake: PeerEvidence?) -> [StatusCode] {
            verdict(FileReadBack(wanted: wanted, holding: .holds(facts), isAsWanted: isAsWanted, handshake: handshake))
        }
        #expect(read(true, proof) == [])
        #expect(read(false, proof) == [.verifyMismatch])
        #expect(read(true, nil) == [.materialNotUsed])
        #expect(read(true, PeerEvidence(certificateFingerprint: "aa")) == [.materialNotUsed])
        #expect(read(true, PeerEvidence(certificateFingerprint: "bb", profile: "new")) == [.materialNotUsed])
    }

    @Test func trustedCertificatesAreProvenByReadBackAndAReadNeedsNoProof() {
        let wanted = WantedFile(kind: .clientTrustedCertificates, change: .transfer(.sealed("m"), facts))
        #expect(verdict(FileReadBack(wanted: wanted, holding: .holds(facts), isAsWanted: true)) == [])
        #expect(verdict(FileReadBack(wanted: wanted, holding: .none, isAsWanted: false)) == [.verifyMismatch])
        let read = WantedFile(kind: .serverKeyMaterial, change: .read)
        #expect(verdict(FileReadBack(wanted: read, holding: .none, isAsWanted: false)) == [])
    }
}
