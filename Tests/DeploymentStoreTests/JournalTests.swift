import DeploymentModel
import Foundation
import GRDB
import Testing

@testable import DeploymentStore

@Suite struct JournalTests {
    let device = DeviceID("d1")

    @Test func aDeviceThatIsBegunAgainIsOpenWithItsLaterEntriesOnly() async throws {
        let store = try Store.inMemory()
        let run = try await store.createRun(plan: .make(devices: [device])).id
        try await store.begin(device, in: run)
        try await store.record(.make(device, .read), in: run)
        let first = DeviceResult.make(device, .waiting, fault: Fault(.phoneAbsent))
        try await store.finish(first, acceptedSecrets: [:], in: run)
        #expect(try await store.progress(of: run) == RunProgress(finished: [device: first]))
        try await store.begin(device, in: run)
        try await store.record(.make(device, .write), in: run)
        #expect(try await store.progress(of: run) == RunProgress(open: [device: [.make(device, .write)]]))
        #expect(try await store.results(of: run) == [first])
        let second = DeviceResult.make(device)
        try await store.finish(second, acceptedSecrets: [:], in: run)
        #expect(try await store.progress(of: run) == RunProgress(finished: [device: second]))
        #expect(try await store.run(run).totals == [.verified: 1])
        #expect(try await store.entries(of: run, device: device).map(\.step) == [.read, .write])
        #expect(try await store.entries(of: run, device: DeviceID("d2")).isEmpty)
        try await store.verifyChain(of: run)
    }

    @Test func aReleasedDeviceStaysOpenAndIsFreeForOthers() async throws {
        let store = try Store.inMemory()
        let (one, two) = (
            try await store.createRun(plan: .make(devices: [device])).id,
            try await store.createRun(plan: .make(devices: [device])).id
        )
        try await store.begin(device, in: one)
        #expect(await code { try await store.begin(device, in: two) } == .deviceLeased)
        #expect(await code { try await store.removeDevices([device]) } == .inputNotFound)
        try await store.release(device, in: two)
        #expect(await code { try await store.begin(device, in: two) } == .deviceLeased)
        try await store.release(device, in: one)
        try await store.begin(device, in: two)
        #expect(try await store.progress(of: one).open == [device: []])
    }

    @Test func aDeviceAtWorkIsNotRemoved() async throws {
        let store = try Store.inMemory()
        try await store.saveDevices(adding: [.make(1)])
        let run = try await store.createRun(plan: .make(devices: [device])).id
        try await store.begin(device, in: run)
        #expect(await code { try await store.removeDevices([device]) } == .deviceLeased)
        #expect(await code { _ = try await store.load(DeploymentDocument(), .replace) } == .deviceLeased)
        try await store.finishRun(run, .stopped)
        try await store.removeDevices([device])
    }

    @Test func aSilentOwnerLosesItsDevicesAndIsToldSo() async throws {
        let directory = try TemporaryDirectory()
        let clock = HandClock()
        let open = {
            try Store.open(path: directory.file("fleet.db"), keyFile: nil, options: .init(now: { clock.now() }))
        }
        let (sleeper, other) = (try open(), try open())
        let lost = try await sleeper.createRun(plan: .make(devices: [device])).id
        try await sleeper.begin(device, in: lost)
        let run = try await other.createRun(plan: .make(devices: [device])).id
        clock.advance(100)
        #expect(try await sleeper.isStopRequested(lost) == false)
        clock.advance(100)
        #expect(try await other.isStopRequested(run) == false)
        #expect(await code { try await other.begin(device, in: run) } == .deviceLeased)
        clock.advance(121)
        try await other.claimRun(lost)
        #expect(await code { try await sleeper.record(.make(device), in: lost) } == .runActive)
        try await other.finishRun(lost, .stopped)
        #expect(await code { try await other.record(.make(device), in: run) } == .deviceLeased)
        try await other.begin(device, in: run)
        try await other.record(.make(device), in: run)
    }

    @Test func aStoreThatWasClosedOwnsNothingAnyMore() async throws {
        let directory = try TemporaryDirectory()
        // Time stands still here: on a slow machine the first one's lease would run out meanwhile.
        let moment = Date()
        func open() throws -> Store {
            try Store.open(path: directory.file("fleet.db"), keyFile: nil, options: .init(now: { moment }))
        }
        let first = try open()
        let run = try await first.createRun(plan: .make(devices: [device])).id
        let second = try open()
        #expect(await code { try await second.claimRun(run) } == .runActive)
        try first.close()
        try await second.claimRun(run)
        #expect(await code { _ = try await first.runs() } != nil)
    }

    @Test func stopIsSeenByWhoeverWorksOnTheRun() async throws {
        let store = try Store.inMemory()
        let run = try await store.createRun(plan: .make(devices: [device])).id
        #expect(try await store.isStopRequested(run) == false)
        #expect(try await store.requestStop(run))
        #expect(try await store.isStopRequested(run))
        try await store.finishRun(run, .stopped, endedEarly: Fault(.runStopped, detail: "by request"))
        let record = try await store.run(run)
        #expect(record.state == .stopped)
        #expect(record.endedEarly == Fault(.runStopped, detail: "by request"))
        #expect(try await store.requestStop(run) == false)
        try await store.claimRun(run)
        #expect(try await store.isStopRequested(run) == false)
        #expect(try await store.run(run).endedEarly == nil)
    }

    @Test func unknownRunsAreNamed() async throws {
        let store = try Store.inMemory()
        for run in [RunID("r1"), RunID("r01"), RunID("x")] {
            #expect(await code { _ = try await store.run(run) } == .runNotFound)
            #expect(await code { _ = try await store.plan(of: run) } == .runNotFound)
            #expect(await code { _ = try await store.progress(of: run) } == .runNotFound)
            #expect(await code { _ = try await store.results(of: run) } == .runNotFound)
            #expect(await code { _ = try await store.entries(of: run) } == .runNotFound)
            #expect(await code { try await store.begin(device, in: run) } == .runNotFound)
            #expect(await code { try await store.claimRun(run) } == .runNotFound)
            #expect(await code { try await store.requestStop(run) } == .runNotFound)
            #expect(await code { try await store.verifyChain(of: run) } == .runNotFound)
        }
    }

    @Test(arguments: [
        (DeviceOutcome.failed, StatusCode("tls.unknown-issuer"), DeviceStatus.notTrusted),
        (.failed, .tlsSilent, .failed), (.failed, .netSilent, .failed), (.differs, .verifyMismatch, .differs),
        (.waiting, .phoneAbsent, .waiting), (.stopped, .runStopped, .new), (.skipped, .runCanaryFailed, .new),
        (.unchanged, .planNothingToDo, .verified),
    ]) func theDeviceListShowsHowTheRunEnded(outcome: DeviceOutcome, code: StatusCode, status: DeviceStatus)
        async throws
    {
        let store = try Store.inMemory()
        try await store.saveDevices(adding: [.make(1)])
        let run = try await store.createRun(plan: .make(devices: [device])).id
        try await store.finish(.make(device, outcome, fault: Fault(code)), acceptedSecrets: [:], in: run)
        #expect(try await store.device(device).status == status)
        #expect(try await (store.device(device).lastSeen != nil) == (outcome.isProven || outcome == .differs))
    }

    @Test func authenticationOfAPhoneIsNeverForgottenByALaterResult() async throws {
        let store = try Store.inMemory()
        try await store.saveDevices(adding: [.make(1)])
        let run = try await store.createRun(plan: .make(devices: [device])).id
        let evidence = PeerEvidence(certificateFingerprint: "aa", profile: "site", tlsVersion: "1.3")
        try await store.finish(.make(device, evidence: evidence), acceptedSecrets: [:], in: run)
        try await store.finish(.make(device, .failed, fault: Fault(.netSilent)), acceptedSecrets: [:], in: run)
        #expect(try await store.device(device).wasAuthenticated)
        #expect(try await store.device(device).certificateFingerprint == "aa")
    }

    @Test func anAcceptedSecretThatIsNotSealedFailsTheWholeCall() async throws {
        let store = try Store.inMemory()
        let run = try await store.createRun(plan: .make(devices: [device])).id
        try await store.begin(device, in: run)
        let secrets = [ItemKey("admin-pwd"): SecretReference.sealed("nowhere")]
        #expect(
            await code { try await store.finish(.make(device), acceptedSecrets: secrets, in: run) } == .inputSecret)
        #expect(try await store.results(of: run).isEmpty)
        #expect(try await store.progress(of: run).open == [device: []])
        try await store.verifyChain(of: run)
    }
}
