import DeploymentModel
import Foundation
import Testing

@testable import DeploymentStore

private let oldFile = FileFacts(fingerprint: String(repeating: "aa", count: 32))
private let newFile = FileFacts(fingerprint: String(repeating: "bb", count: 32))

/// What becomes of an old run's phones when it is resumed after a later run.
@Suite struct SupersessionTests {
    private let phones = (1...4).map { DeviceID("d\($0)") }
    private let skipped = Fault(.runSuperseded, subject: "10.0.0.1", detail: "by run r2")

    private func run(
        _ store: Store, _ devices: [DeviceID], _ change: FileChange? = nil, kind: FileKind = .serverKeyMaterial
    ) async throws -> RunID {
        var plan = TransferPlan.make(devices: devices)
        let change: FileChange = change ?? .transfer(.sealed("run/material"), newFile)
        for place in plan.devices.indices { plan.devices[place].files = [WantedFile(kind: kind, change: change)] }
        return try await store.createRun(plan: plan, secrets: ["material": SecretText(fileContent: [1])]).id
    }

    private func finish(_ store: Store, _ run: RunID, _ results: [DeviceResult]) async throws {
        for result in results { try await store.finish(result, acceptedSecrets: [:], in: run) }
        try await store.finishRun(run, .finished)
    }

    @Test func phonesThatALaterRunProvedAreSkippedAndTheOthersStay() async throws {
        let store = try Store.inMemory()
        let old = try await run(store, phones)
        try await store.finish(.make(phones[0]), acceptedSecrets: [:], in: old)
        try await store.begin(phones[1], in: old)
        try await store.record(.make(phones[1]), in: old)
        try await store.finishRun(old, .stopped)
        let failed = DeviceResult.make(phones[2], .failed, fault: Fault(.netSilent))
        try await finish(store, try await run(store, phones), [.make(phones[0]), .make(phones[1]), failed])
        try await finish(store, try await run(store, phones, .read), phones.map { DeviceResult.make($0, .unchanged) })
        try await store.claimRun(old)
        let progress = try await store.progress(of: old)
        #expect(progress.open.isEmpty)
        let outcomes: [DeviceID: DeviceOutcome] = [phones[0]: .verified, phones[1]: .skipped]
        #expect(progress.finished.mapValues(\.outcome) == outcomes)
        #expect(progress.finished[phones[1]]?.fault == skipped)
        try await store.verifyChain(of: old)
    }

    @Test func aPhoneThatWasNotBegunIsSkippedToo() async throws {
        let store = try Store.inMemory()
        let old = try await run(store, phones)
        try await store.finishRun(old, .stopped)
        try await finish(store, try await run(store, phones, .delete), phones.map { DeviceResult.make($0, .unchanged) })
        try await store.claimRun(old)
        let finished = try await store.progress(of: old).finished
        #expect(finished.count == phones.count)
        #expect(finished.values.allSatisfy { $0.outcome == .skipped && $0.fault == skipped })
    }

    @Test func otherWorkSupersedesNothing() async throws {
        let store = try Store.inMemory()
        let items = try await store.createRun(plan: .make(devices: phones)).id
        let old = try await run(store, phones)
        for run in [items, old] { try await store.finishRun(run, .stopped) }
        let later = try await run(store, phones, kind: .clientTrustedCertificates)
        try await finish(store, later, phones.map { DeviceResult.make($0) })
        try await finish(
            store, try await store.createRun(plan: .make(devices: phones)).id, phones.map { DeviceResult.make($0) })
        for run in [items, old] {
            try await store.claimRun(run)
            #expect(try await store.progress(of: run) == RunProgress())
        }
    }

    @Test func anotherFileOfTheSameKindSupersedesNothing() async throws {
        func fetch(_ name: String) -> FileChange { .fetch(FileFetch(url: "https://x/\(name)", name: name)) }
        let store = try Store.inMemory()
        let kind = FileKind("ringtone")
        let old = try await run(store, [phones[0]], fetch("a.wav"), kind: kind)
        try await store.finishRun(old, .stopped)
        try await finish(
            store, try await run(store, [phones[0]], fetch("b.wav"), kind: kind), [.make(phones[0])])
        try await store.claimRun(old)
        #expect(try await store.progress(of: old) == RunProgress())
        try await store.finishRun(old, .stopped)
        try await finish(
            store, try await run(store, [phones[0]], fetch("a.wav"), kind: kind), [.make(phones[0])])
        try await store.claimRun(old)
        #expect(try await store.progress(of: old).finished[phones[0]]?.fault?.code == .runSuperseded)
    }

    @Test func whatTheOldRunDidAfterTheLaterOneStaysOpen() async throws {
        let store = try Store.inMemory()
        let old = try await run(store, [phones[0]])
        try await finish(store, try await run(store, [phones[0]]), [.make(phones[0])])
        try await store.begin(phones[0], in: old)
        try await store.record(.make(phones[0]), in: old)
        try await store.finishRun(old, .stopped)
        try await store.claimRun(old)
        #expect(try await store.progress(of: old) == RunProgress(open: [phones[0]: [.make(phones[0])]]))
    }

    @Test(arguments: [
        (FileHolding.holds(newFile), false, true), (.holds(oldFile), false, false), (.holds(newFile), true, false),
        (.unknown, false, false),
    ]) func aFailedResultCountsWhenThePhoneKeptTheFile(now: FileHolding, isRolledBack: Bool, counts: Bool)
        async throws
    {
        let store = try Store.inMemory()
        let old = try await run(store, [phones[0]])
        try await store.finishRun(old, .stopped)
        var failed = DeviceResult.make(phones[0], .failed, fault: Fault(.materialNotUsed))
        failed.files = [
            FileResult(kind: .serverKeyMaterial, before: .holds(oldFile), now: now, isRolledBack: isRolledBack)
        ]
        try await finish(store, try await run(store, [phones[0]]), [failed])
        try await store.claimRun(old)
        let expected: Fault? = counts ? skipped : nil
        #expect(try await store.progress(of: old).finished[phones[0]]?.fault == expected)
    }
}
