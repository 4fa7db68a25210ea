import DeploymentModel
import Foundation
import GRDB
import Testing

@testable import DeploymentStore

/// What the store keeps of the files of phones.
@Suite struct FileTests {
    private let device = DeviceID("d1")
    private let facts = FileFacts(
        fingerprint: String(repeating: "ab", count: 32), subject: "CN=phone 3001",
        notAfter: Date(timeIntervalSince1970: 1_800_000_000.25), certificates: 2)

    private func plan() -> TransferPlan {
        var plan = TransferPlan.make(devices: [device, DeviceID("d2")])
        plan.devices[0].files = [
            WantedFile(
                kind: .serverKeyMaterial, change: .transfer(.sealed("run/material"), facts), newTrust: ["site"]),
            WantedFile(
                kind: .clientTrustedCertificates, change: .delete,
                telephony: [TelephonyCheck(server: "sip.example.com:5061", authority: "CN=CA")]),
        ]
        return plan
    }

    private func store() async throws -> Store {
        let store = try Store.inMemory()
        _ = try await store.saveDevices(adding: [.make(1), .make(2)])
        for name in ["built-in", "site"] {
            try await store.saveTrust(TrustRecord(name: name, subject: "CN=phone", anchors: ["PEM"]))
        }
        return store
    }

    private func step(_ kept: SecretReference? = nil) -> JournalEntry {
        JournalEntry(
            device: device, step: .transferFile, moment: .intent, at: Date(timeIntervalSince1970: 1_700_000_050),
            file: FileStep(
                kind: .serverKeyMaterial, before: .unreadable(sha256: "00"), after: .holds(facts), kept: kept,
                wasRegistered: true))
    }

    @Test func aPlanKeepsItsFilesAndTheirContentIsSealedWithTheRun() async throws {
        let store = try await store()
        let (run, adopted) = try await store.createRun(
            plan: plan(), secrets: ["material": SecretText(fileContent: [0x30, 0, 255])])
        #expect(
            adopted.devices[0].files[0].change == .transfer(.sealed("run/r1/material"), facts))
        #expect(try await store.plan(of: run) == adopted)
        #expect(try await store.plan(of: run).devices[1].files == [])
        #expect(try await store.reveal(.sealed("run/r1/material")).fileContent == [0x30, 0, 255])
        try await store.verifyChain(of: run)
    }

    @Test func anEntryItsSecretsAndTheTrustOfTheDeviceAreKeptTogether() async throws {
        let store = try await store()
        let run = try await store.createRun(plan: plan(), secrets: ["material": SecretText(fileContent: [1])]).id
        try await store.begin(device, in: run)
        let kept = SecretReference.sealed("run/r1/old/d1/server-key-material")
        let entry = step(kept)
        try await store.record(
            entry,
            keeping: JournalKeeping(secrets: [kept: SecretText(fileContent: [7])], trust: ["built-in", "site"]), in: run
        )
        #expect(try await store.progress(of: run).open[device] == [entry])
        #expect(try await store.reveal(kept).fileContent == [7])
        let own = [
            TrustBinding(profile: "built-in", scope: .device(device), position: 0),
            TrustBinding(profile: "site", scope: .device(device), position: 1),
        ]
        #expect(try await store.trustBindings() == own)
        try await store.record(step(), keeping: JournalKeeping(trust: ["site"]), in: run)
        #expect(try await store.trustBindings() == [TrustBinding(profile: "site", scope: .device(device))])
        try await store.record(step(), keeping: JournalKeeping(trust: []), in: run)
        #expect(try await store.trustBindings() == [])
    }

    @Test func aStepThatWasKeptWithoutTheNameOfItsFileIsTheSameAsEver() async throws {
        let store = try await store()
        let run = try await store.createRun(plan: plan(), secrets: ["material": SecretText(fileContent: [1])]).id
        try await store.begin(device, in: run)
        var entry = step()
        entry.step = .fetchFile
        entry.file = FileStep(kind: FileKind("logo"), name: "a.png", before: .none, after: .none)
        try await store.record(entry, in: run)
        #expect(try await store.progress(of: run).open[device] == [entry])
        let old = #"{"after":{"none":{}},"before":{"none":{}},"kind":"logo"}"#
        try await store.database.write { try $0.execute(sql: "UPDATE journalEntry SET file = ?", arguments: [old]) }
        entry.file?.name = nil
        #expect(try await store.progress(of: run).open[device] == [entry])
        #expect(try FileColumn.encode(entry.file) == old)
        let wanted = ["logo", "picture"].map { kind in
            WantedFile(kind: FileKind(kind), change: .fetch(FileFetch(url: "https://x/a.png", name: "a.png")))
        }
        let step = try #require(entry.file)
        #expect(wanted.id(of: step) == FileID(FileKind("logo"), name: "a.png"))
    }

    @Test func whatCannotBeKeptWholeIsNotKeptAtAll() async throws {
        let store = try await store()
        let run = try await store.createRun(plan: plan(), secrets: ["material": SecretText(fileContent: [1])]).id
        let kept = SecretReference.sealed("run/r1/old/d1/server-key-material")
        let keeping = JournalKeeping(secrets: [kept: SecretText(fileContent: [7])], trust: ["built-in", "nobody"])
        #expect(await code { try await store.record(step(kept), keeping: keeping, in: run) } == .deviceLeased)
        try await store.begin(device, in: run)
        #expect(await code { try await store.record(step(kept), keeping: keeping, in: run) } == .inputNotFound)
        for name in ["run/r2/x", "mine"] {
            let keeping = JournalKeeping(secrets: [.sealed(name): SecretText("x")])
            #expect(await code { try await store.record(step(), keeping: keeping, in: run) } == .inputSecret)
        }
        #expect(try await store.entries(of: run) == [])
        #expect(try await store.trustBindings() == [])
        #expect(await code { _ = try await store.reveal(kept) } == .inputSecret)
    }

    @Test func theOldKeyMaterialGoesWithTheOtherSecretsOfARunThatIsDone() async throws {
        let store = try await store()
        let run = try await store.createRun(plan: plan(), secrets: ["material": SecretText(fileContent: [1])]).id
        let kept = SecretReference.sealed("run/r1/old/d1/server-key-material")
        try await store.begin(device, in: run)
        try await store.record(
            step(kept), keeping: JournalKeeping(secrets: [kept: SecretText(fileContent: [7])]), in: run)
        try await store.finish(.make(device), acceptedSecrets: [:], in: run)
        #expect(try await store.reveal(kept).fileContent == [7])
        try await store.finish(.make(DeviceID("d2")), acceptedSecrets: [:], in: run)
        try await store.finishRun(run, .finished)
        #expect(await code { _ = try await store.reveal(kept) } == .inputSecret)
    }

    @Test(arguments: [
        ("UPDATE result SET files = NULL", "the plan or result number 1 (d1) was changed or removed"),
        ("UPDATE result SET files = '[]'", "the plan or result number 1 (d1) was changed or removed"),
        ("UPDATE runPlanDevice SET files = NULL", "the plan or result number 1 (d1) was changed or removed"),
        ("UPDATE result SET files = '[]' WHERE position = 2", "result number 2 (d2) was changed or removed"),
    ]) func filesOfPlanAndResultsArePartOfTheChain(tampering: String, detail: String) async throws {
        let store = try await store()
        let run = try await store.createRun(plan: plan(), secrets: ["material": SecretText(fileContent: [1])]).id
        var result = DeviceResult.make(device)
        result.files = [
            FileResult(kind: .serverKeyMaterial, before: .none, now: .holds(facts)),
            FileResult(kind: .clientTrustedCertificates, before: .holds(facts), now: .unknown, isRolledBack: true),
        ]
        try await store.finish(result, acceptedSecrets: [:], in: run)
        try await store.finish(.make(DeviceID("d2")), acceptedSecrets: [:], in: run)
        #expect(try await store.results(of: run)[0] == result)
        #expect(try await store.results(of: run)[1].files == [])
        try await store.verifyChain(of: run)
        try await store.database.write { try $0.execute(sql: tampering) }
        await #expect(throws: Fault(.storeDamaged, subject: "r1", detail: detail)) {
            try await store.verifyChain(of: run)
        }
    }
}
