import DeploymentEngine
import DeploymentModel
import DeploymentTesting
import PhoneTransport
import Synchronization
import TLSMaterial
import Testing

@Suite struct KeyMaterialTests {
    private static let material = Material.shared
    private static let secrets: [SecretReference: SecretText] = [
        .sealed("new"): SecretText(fileContent: Material.content(material.new)),
        .sealed("renewed"): SecretText(fileContent: Material.content(material.old)),
    ]
    static let rotation = WantedFile(
        kind: .serverKeyMaterial, change: .transfer(.sealed("new"), Material.facts(material.new)), newTrust: ["new"])

    private func bench(
        _ count: Int = 1, _ file: WantedFile = Self.rotation, trust: [String] = ["old"],
        options: TransferOptions = TransferOptions(), _ change: (Int, inout FilePhone.State) -> Void = { _, _ in }
    ) -> FileBench {
        FileBench(count, files: { _ in [file] }, secrets: Self.secrets, trust: { _ in trust }, options: options, change)
    }

    @Test func aRotationIsProvenByReadBackAndByAConnectionUnderTheNewProfileAlone() async throws {
        let bench = bench()
        let device = try await bench.run().devices[0]
        #expect(device.outcome == .verified)
        #expect(device.fault == nil)
        #expect(device.evidence?.profile == "new")
        #expect(device.evidence?.certificateFingerprint == Material.facts(Self.material.new).fingerprint)
        #expect(
            device.files == [
                FileResult(
                    kind: .serverKeyMaterial, before: .none, now: .holds(Material.facts(Self.material.new)))
            ])
        #expect(bench.trust() == ["new"])
        #expect(bench.isReachable())
        #expect(
            bench[1].look(\.actions) == ["Identify", "ReadFile", "TransferFile", "ReadFile", "Identify"])
        #expect(bench.journal.entries.map(\.step) == [.transferFile, .transferFile, .proveHandshake])
        #expect(bench[1].look(\.openSessions) == 0)
    }

    @Test func thePhoneThatHasItAlreadyIsLeftAlone() async throws {
        let bench = bench(trust: ["new"]) { _, phone in
            phone.files[.serverKeyMaterial] = Material.content(Self.material.new)
            phone.served = Self.material.new
        }
        let device = try await bench.run().devices[0]
        #expect(device.outcome == .unchanged)
        #expect(bench[1].look(\.actions) == ["Identify", "ReadFile"])
        #expect(bench.journal.entries == [])
        // The list still has the old profile: only that is mended.
        let listed = self.bench(trust: ["old", "new"]) { _, phone in
            phone.files[.serverKeyMaterial] = Material.content(Self.material.new)
            phone.served = Self.material.new
        }
        #expect(try await listed.run().devices[0].outcome == .unchanged)
        #expect(listed[1].look(\.transfers) == 0)
        #expect(listed.trust() == ["new"])
    }

    @Test func materialOfTheSameCAIsRenewedWithoutTouchingTheTrustList() async throws {
        let renewal = WantedFile(
            kind: .serverKeyMaterial, change: .transfer(.sealed("renewed"), Material.facts(Self.material.old)))
        let bench = bench(1, renewal)
        let device = try await bench.run().devices[0]
        #expect(device.outcome == .verified)
        #expect(device.evidence?.profile == "old")
        #expect(bench.journal.state.withLock { $0.trust } == [:])
    }

    @Test func deletingReturnsToTheBuiltInUnderItsProfile() async throws {
        let bench = bench(
            1, WantedFile(kind: .serverKeyMaterial, change: .delete, newTrust: ["old"]), trust: ["new"]
        ) { _, phone in
            phone.files[.serverKeyMaterial] = Material.content(Self.material.new)
            phone.served = Self.material.new
        }
        let device = try await bench.run().devices[0]
        #expect(device.outcome == .verified)
        #expect(device.files.map(\.now) == [.none])
        #expect(bench.trust() == ["old"])
        #expect(bench[1].look(\.files) == [:])
        let again = self.bench(
            1, WantedFile(kind: .serverKeyMaterial, change: .delete, newTrust: ["old"]), trust: ["old"])
        #expect(try await again.run().devices[0].outcome == .unchanged)
        #expect(again[1].look(\.deletions) == 0)
    }

    @Test func aChainThatTheComingProfileDoesNotAcceptIsRefusedBeforeAnythingIsSent() async throws {
        var file = Self.rotation
        file.newTrust = ["old"]
        let bench = bench(1, file)
        let device = try await bench.run().devices[0]
        #expect(device.fault?.code == .materialNotTrusted)
        #expect(device.fault?.detail?.hasPrefix("tls.unknown-issuer") == true)
        #expect(bench[1].look(\.transfers) == 0)
        #expect(bench.journal.entries == [])
    }

    @Test(arguments: [
        (FilePhone.Trouble.keepsNothing, StatusCode.verifyMismatch, DeviceOutcome.differs),
        (.refuses, .phoneActionFailed, .failed), (.keepsOldChain, .materialRolledBack, .failed),
        (.breaksTLS, .materialRolledBack, .failed), (.needsRestart, .materialRolledBack, .failed),
        (.diesForGood, .materialUncertain, .failed),
    ])
    func aPhoneThatCannotUseTheNewMaterialIsBroughtBackOrNamed(
        trouble: FilePhone.Trouble, code: StatusCode, outcome: DeviceOutcome
    ) async throws {
        for hadOwn in [false, true] {
            let bench = bench { _, phone in
                phone.trouble = trouble
                guard hadOwn else { return }
                phone.files[.serverKeyMaterial] = Material.content(Self.material.old)
                phone.served = Self.material.old
            }
            let device = try await bench.run().devices[0]
            #expect(device.outcome == outcome)
            #expect(device.fault?.code == code, "\(trouble)")
            #expect(bench[1].look(\.openSessions) == 0)
            if code == .materialUncertain {
                #expect(bench.trust() == ["old", "new"])
                #expect(device.files.map(\.now) == [.unknown])
                #expect(try await bench.journal.progress(of: Bench.run).open[DeviceID("d1")] != nil)
            } else {
                #expect(bench.trust() == ["old"])
                #expect(bench.isReachable())
                #expect(
                    bench[1].look { $0.files[.serverKeyMaterial] }
                        == (hadOwn ? Material.content(Self.material.old) : nil))
                #expect(device.files.map(\.isRolledBack) == [code == .materialRolledBack])
            }
        }
    }

    @Test func theOldKeyIsNotSentBackToAnotherPhoneThatTookTheAddressAndSatisfiesTheSameProfile() async throws {
        let old = Material.content(Self.material.old)
        let another = "00:01:E3:00:00:99"
        let bench = FileBench(
            1, files: { _ in [Self.rotation] }, secrets: Self.secrets,
            watch: { phone, action in
                // When the new file was read back the phone is gone, and another one of its type stands there.
                guard action == "ReadFile" else { return }
                phone.state.withLock { state in
                    guard state.transfers == 1, state.mac != another else { return }
                    state.mac = another
                    state.files = [:]
                    state.served = nil
                    state.era += 1
                }
            }
        ) { _, phone in
            phone.files[.serverKeyMaterial] = old
            phone.served = Self.material.old
        }
        let device = try await bench.run().devices[0]
        #expect(device.outcome == .failed)
        #expect(device.fault?.code == .materialUncertain)
        #expect(device.fault?.detail?.contains("phone.wrong-mac") == true)
        #expect(bench[1].look(\.mac) == another)
        #expect(bench[1].look(\.transfers) == 1)
        #expect(bench[1].look { $0.files.isEmpty })
        #expect(bench[1].look(\.openSessions) == 0)
        #expect(bench.trust() == ["old", "new"])
    }

    @Test(arguments: [Fault(.phoneBusy), Fault(.phoneBackOff, detail: "20 s")])
    func aPhoneThatPutsTheWayBackOffIsAskedAgainOverTheConnectionThatIsTheLastWayIn(putOff: Fault) async throws {
        let old = Material.content(Self.material.old)
        let bench = bench { _, phone in
            phone.trouble = .breaksTLS
            phone.putOffs = [putOff, putOff, putOff]
            phone.files[.serverKeyMaterial] = old
            phone.served = Self.material.old
        }
        let device = try await bench.run().devices[0]
        #expect(device.fault?.code == .materialRolledBack)
        #expect(device.files.map(\.isRolledBack) == [true])
        #expect(device.attempts == 1)
        #expect(bench[1].look { $0.files[.serverKeyMaterial] } == old)
        #expect(bench[1].look(\.transfers) == 5)
        #expect(bench[1].look(\.openSessions) == 0)
        #expect(bench.trust() == ["old"])
        #expect(bench.isReachable())
    }

    @Test func aPhoneThatNeverTakesTheWayBackIsLeftOpenAfterAWhile() async throws {
        let bench = bench { _, phone in
            phone.trouble = .breaksTLS
            phone.putOffs = Array(repeating: Fault(.phoneBusy), count: 1000)
            phone.files[.serverKeyMaterial] = Material.content(Self.material.old)
            phone.served = Self.material.old
        }
        let device = try await bench.run().devices[0]
        #expect(device.fault?.code == .materialUncertain)
        #expect(device.fault?.detail?.contains("phone.busy") == true)
        #expect(device.duration >= 180)
        #expect(device.duration < 240)
        #expect(bench[1].look(\.openSessions) == 0)
        #expect(bench.trust() == ["old", "new"])
        #expect(try await bench.journal.progress(of: Bench.run).open[DeviceID("d1")] != nil)
    }

    @Test func aPhoneThatIsLostTwiceHasItsWholeTimeTwice() async throws {
        // Between the two it is in a call for longer than a lost phone is looked for.
        let busy = Array(repeating: Fault(.phoneBusy), count: 12)
        let bench = bench(options: TransferOptions(waitForAbsent: 1000, attempts: 1)) { _, phone in
            phone.trouble = .dropsRequest
            phone.putOffs = busy + [Fault(.netClosed)]
        }
        let device = try await bench.run().devices[0]
        #expect(device.outcome == .verified)
        #expect(device.duration > 80)
        #expect(bench[1].look(\.transfers) == 15)
        #expect(bench.trust() == ["new"])
    }

    @Test func aPhoneThatComesBackOnlyToBeLostAgainIsGivenUp() async throws {
        let bench = bench { _, phone in
            phone.trouble = .keepsOldChain
            phone.putOffs = Array(repeating: Fault(.netClosed), count: 1000)
            phone.files[.serverKeyMaterial] = Material.content(Self.material.old)
            phone.served = Self.material.old
        }
        let device = try await bench.run().devices[0]
        #expect(device.fault?.code == .materialUncertain)
        #expect(device.duration < 600)
        #expect(bench[1].look(\.openSessions) == 0)
        #expect(bench.trust() == ["old", "new"])
    }

    @Test func aResumedRunOrdersNoFurtherRestartAsALastResort() async throws {
        // It presents its built-in certificate whatever it holds, so that neither change nor way back can be proven.
        let bench = FileBench(
            files: { _ in [Self.rotation] }, secrets: Self.secrets,
            watch: { phone, _ in phone.state.withLock { $0.served = nil } }
        ) { _, phone in
            phone.files[.serverKeyMaterial] = Material.content(Self.material.old)
        }
        let first = try await bench.run().devices[0]
        #expect(first.fault?.code == .materialUncertain)
        #expect(bench[1].look(\.actions).filter { $0 == "Restart" }.count == 1)
        let second = try await bench.resume().devices[0]
        #expect(second.fault?.code == .materialUncertain)
        #expect(bench[1].look(\.actions).filter { $0 == "Restart" }.count == 1)
        #expect(bench[1].look(\.openSessions) == 0)
    }

    @Test func aBusyPhoneIsWaitedForWithTheOldTrustAlone() async throws {
        let bench = bench(options: TransferOptions(waitForAbsent: 1000)) { _, phone in phone.trouble = .busy }
        #expect(try await bench.run().devices[0].outcome == .verified)
        #expect(bench.trust() == ["new"])
        let impatient = self.bench { _, phone in phone.trouble = .busy }
        #expect(try await impatient.run().devices[0].fault?.code == .phoneBusy)
        #expect(impatient.trust() == ["old"])
    }

    @Test func aPhoneInALongCallIsNoPhoneThatDoesNotTakeItsFile() async throws {
        let bench = bench(options: TransferOptions(waitForAbsent: 1000)) { _, phone in
            phone.trouble = .busy
            phone.busyAnswers = 7
        }
        #expect(try await bench.run().devices[0].outcome == .verified)
        #expect(bench[1].look(\.transfers) == 8)
    }

    @Test func aPhoneThatKeepsItsKeyToItselfIsProvenByTheDigestOfItsFile() async throws {
        let bench = bench { _, phone in
            phone.trouble = .withholds
            phone.files[.serverKeyMaterial] = Material.content(Self.material.old)
            phone.served = Self.material.old
        }
        let device = try await bench.run().devices[0]
        #expect(device.outcome == .verified)
        #expect(bench.trust() == ["new"])
        #expect(bench.journal.state.withLock { $0.secrets } == [:])
    }

    @Test func theOldKeyIsKeptSealedAndInNoEventOrEntry() async throws {
        let bench = bench { _, phone in
            phone.files[.serverKeyMaterial] = Material.content(Self.material.old)
            phone.served = Self.material.old
        }
        _ = try await bench.run()
        let kept = SecretReference.sealed("run/r1/old/d1/server-key-material")
        #expect(bench.journal.state.withLock { $0.secrets.map(\.key) } == [kept])
        #expect(bench.journal.entries[0].file?.kept == kept)
        #expect(bench.journal.entries[0].file?.before == .holds(Material.facts(Self.material.old)))
        let said = "\(bench.journal.entries) \(bench.watcher.events) \(bench.journal.results)"
        #expect(!said.contains(SecretText(fileContent: Material.content(Self.material.old)).reveal().prefix(40)))
    }

    @Test func manyPhonesGoThroughCanaryAndFailureLimitLikeAnyRun() async throws {
        let bench = bench(12, options: TransferOptions(concurrency: 4, canary: 2)) { number, phone in
            if number == 2 { phone.trouble = .keepsOldChain }
        }
        let result = try await bench.run()
        #expect(result.endedEarly?.code == .runCanaryFailed)
        #expect(result.totals == [.verified: 1, .failed: 1, .skipped: 10])
        #expect((1...12).allSatisfy { bench.isReachable($0) })
        #expect(bench.trust(1) == ["new"])
        #expect(bench.trust(2) == ["old"])
        let sound = self.bench(12, options: TransferOptions(concurrency: 4, canary: 2))
        #expect(try await sound.run().totals == [.verified: 12])
    }

    @Test func comparingSendsNothing() async throws {
        var bench = bench()
        bench.plan.mode = .compare
        let device = try await bench.run().devices[0]
        #expect(device.outcome == .differs)
        #expect(device.fault?.code == .verifyMismatch)
        #expect(bench[1].look(\.transfers) == 0)
        var done = self.bench(trust: ["new"]) { _, phone in
            phone.files[.serverKeyMaterial] = Material.content(Self.material.new)
            phone.served = Self.material.new
        }
        done.plan.mode = .compare
        #expect(try await done.run().devices[0].outcome == .unchanged)
    }

    @Test func aReadTellsWhatThePhoneHas() async throws {
        let bench = bench(1, WantedFile(kind: .serverKeyMaterial, change: .read)) { _, phone in
            phone.files[.serverKeyMaterial] = Material.content(Self.material.old)
            phone.served = Self.material.old
        }
        let device = try await bench.run().devices[0]
        #expect(device.outcome == .unchanged)
        let holding = FileHolding.holds(Material.facts(Self.material.old))
        #expect(device.files == [FileResult(kind: .serverKeyMaterial, before: holding, now: holding)])
    }
}
