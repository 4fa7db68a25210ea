import DeploymentEngine
import DeploymentModel
import DeploymentTesting
import PhoneTransport
import Synchronization
import TLSMaterial
import Testing

@Suite struct TrustedCertificatesTests {
    private static let good = [Material.shared.oldCA, Material.shared.newCA]
    private static let bad = [Material.shared.newCA]
    private static let secrets: [SecretReference: SecretText] = [
        .sealed("good"): SecretText(fileContent: Material.set(good)),
        .sealed("bad"): SecretText(fileContent: Material.set(bad)),
    ]

    private func file(_ name: String) -> WantedFile {
        WantedFile(
            kind: .clientTrustedCertificates,
            change: .transfer(.sealed(name), Material.facts(name == "good" ? Self.good : Self.bad)))
    }

    private func bench(
        _ file: WantedFile, options: TransferOptions = TransferOptions(),
        _ change: @escaping (inout FilePhone.State) -> Void = { _ in }
    ) -> FileBench {
        FileBench(files: { _ in [file] }, secrets: Self.secrets, options: options, watch: { _, _ in }) { _, phone in
            phone.registrar = Material.shared.oldCA.issuer.certificate
            change(&phone)
        }
    }

    @Test func aSetIsTransferredAndThePhoneIsRegisteredAfterwards() async throws {
        let bench = bench(file("good")) { $0.slowness = 12 }
        let device = try await bench.run().devices[0]
        #expect(device.outcome == .verified)
        #expect(
            device.files == [
                FileResult(kind: .clientTrustedCertificates, before: .none, now: .holds(Material.facts(Self.good)))
            ])
        #expect(bench.journal.entries.map(\.step) == [.transferFile, .transferFile, .checkRegistration])
        #expect(bench.journal.entries[0].file?.wasRegistered == true)
        #expect(bench.journal.state.withLock { $0.trust } == [:])
    }

    @Test func theSameSetInAnotherOrderIsNotSentAgain() async throws {
        let bench = bench(file("good")) { phone in
            phone.files[.clientTrustedCertificates] = Material.set(Self.good.reversed())
        }
        #expect(try await bench.run().devices[0].outcome == .unchanged)
        #expect(bench[1].look(\.actions) == ["Identify", "ReadFile"])
    }

    @Test func aSetWithWhichThePhoneLosesItsRegistrationIsTakenBack() async throws {
        for old in [nil, Material.set(Self.good)] {
            let bench = bench(file("bad")) { $0.files[.clientTrustedCertificates] = old }
            let device = try await bench.run().devices[0]
            #expect(device.outcome == .failed)
            #expect(device.fault?.code == .materialRolledBack)
            #expect(device.fault?.detail == "material.not-registered: failed: unknown CA")
            #expect(bench[1].look { $0.files[.clientTrustedCertificates] } == old)
            #expect(device.files.map(\.isRolledBack) == [true])
        }
    }

    @Test func aPhoneThatWasNotRegisteredKeepsWhateverItGets() async throws {
        let other = Material.set([Material.shared.newCA, try ThrowawayCA(subject: "CN=Other CA")])
        let bench = bench(file("bad")) { $0.files[.clientTrustedCertificates] = other }
        #expect(try await bench.run().devices[0].outcome == .verified)
        let idle = self.bench(file("bad")) { $0.registrar = nil }
        #expect(try await idle.run().devices[0].outcome == .verified)
    }

    @Test func deletingTakesTheAuthenticationAway() async throws {
        let delete = WantedFile(kind: .clientTrustedCertificates, change: .delete)
        let bench = bench(delete) { $0.files[.clientTrustedCertificates] = Material.set(Self.good) }
        let device = try await bench.run().devices[0]
        #expect(device.outcome == .verified)
        #expect(bench[1].look(\.files) == [:])
        #expect(device.files.map(\.now) == [.none])
        #expect(try await self.bench(delete).run().devices[0].outcome == .unchanged)
    }

    @Test(arguments: FilePhone.Trouble.allCases, ["good", "bad"])
    func whereverTheToolDiesThePhoneEndsWithTheNewSetOrTheOldOne(trouble: FilePhone.Trouble, name: String) async throws
    {
        func make() -> FileBench {
            bench(file(name), options: TransferOptions(waitForAbsent: 100)) { phone in
                phone.trouble = trouble
                phone.files[.clientTrustedCertificates] = Material.set([Material.shared.oldCA])
            }
        }
        func expectSettled(_ bench: FileBench, _ device: DeviceResult, _ moment: String) {
            let comment = Comment(rawValue: "\(trouble) \(name) \(moment)")
            #expect(bench[1].look(\.openSessions) == 0, comment)
            guard trouble != .diesForGood else { return }
            let has = bench[1].look { $0.files[.clientTrustedCertificates] }
            // A set that the phone does not give back cannot be given back to it either.
            let old = trouble == .withholds ? nil : Material.set([Material.shared.oldCA])
            #expect(has == (device.outcome.isProven ? Material.set(Self.good) : old), comment)
            #expect(bench.isReachable(), comment)
            let works = ![.keepsNothing, .refuses].contains(trouble) && name == "good"
            #expect(device.outcome.isProven == works, comment)
        }
        let whole = make()
        expectSettled(whole, try await whole.run().devices[0], "undisturbed")
        for call in 1...whole.journal.calls {
            for death in MemoryJournal.Death.allCases {
                let bench = make()
                bench.journal.dies(at: call, death)
                _ = try? await bench.run()
                expectSettled(bench, try await bench.resume().devices[0], "died at call \(call), \(death)")
            }
        }
    }
}
