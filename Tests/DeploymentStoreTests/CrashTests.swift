import DeploymentModel
import Foundation
import Testing

@testable import DeploymentStore

@Suite struct CrashTests {
    @Test(arguments: [1, 20, 150, 333]) func whatWasAcknowledgedIsThereAfterAKill(lines: Int) async throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("fleet.db")
        let probe = try ProbeProcess(["journal", path, "40"])
        let run = RunID(String(try #require(await probe.line()).dropFirst(4)))
        var acknowledged: [String] = []
        while acknowledged.count < lines, let line = await probe.line() { acknowledged.append(line) }
        await probe.kill()
        acknowledged += await probe.lines()

        let store = try Store.open(path: path)
        let progress = try await store.progress(of: run)
        let entries = try await store.entries(of: run)
        for line in acknowledged where line != "end" {
            let words = line.split(separator: " ").map(String.init)
            let device = DeviceID(words[1])
            switch words[0] {
            case "begin": #expect(progress.open[device] != nil || progress.finished[device] != nil, "\(line)")
            case "finish": #expect(progress.finished[device]?.outcome == .verified, "\(line)")
            default: #expect(entries.contains { $0.device == device && $0.bootCount == Int(words[2]) }, "\(line)")
            }
        }
        try await store.verifyChain(of: run)
        #expect(try await store.run(run).state == .interrupted)
    }

    @Test func aRunWhoseOwnerWasKilledIsResumedAtOnce() async throws {
        let directory = try TemporaryDirectory()
        // Time stands still here: on a slow machine the lease of the other process would run out meanwhile.
        let moment = Date()
        let probe = try ProbeProcess(["hold", directory.file("fleet.db"), "7"])
        let run = RunID(String(try #require(await probe.line()).dropFirst(5)))
        let store = try Store.open(
            path: directory.file("fleet.db"), keyFile: nil, options: .init(now: { moment }))
        #expect(try await store.run(run).state == .running)
        #expect(await code { try await store.claimRun(run) } == .runActive)
        #expect(await code { try await store.begin(DeviceID("d7"), in: run) } == .runActive)
        #expect(await code { try await store.removeRun(run) } == .runActive)
        #expect(try await store.requestStop(run))
        await probe.kill()
        #expect(try await store.run(run).state == .interrupted)
        #expect(try await store.requestStop(run) == false)
        try await store.claimRun(run)
        #expect(try await store.isStopRequested(run) == false)
        try await store.begin(DeviceID("d7"), in: run)
        #expect(try await store.progress(of: run).open == [DeviceID("d7"): []])
    }

    @Test func twoProcessesNeverWorkOnOneDevice() async throws {
        let directory = try TemporaryDirectory()
        // Time stands still here: on a slow machine the lease of the other process would run out meanwhile.
        let moment = Date()
        let probe = try ProbeProcess(["hold", directory.file("fleet.db"), "7"])
        let other = String(try #require(await probe.line()).dropFirst(5))
        let store = try Store.open(
            path: directory.file("fleet.db"), keyFile: nil, options: .init(now: { moment }))
        let run = try await store.createRun(plan: .make(devices: [DeviceID("d7")])).id
        await #expect(throws: Fault(.deviceLeased, subject: "d7", detail: "run \(other) works on it")) {
            try await store.begin(DeviceID("d7"), in: run)
        }
        #expect(await code { try await store.record(.make(DeviceID("d7")), in: run) } == .deviceLeased)
        #expect(
            await code { try await store.finish(.make(DeviceID("d7")), acceptedSecrets: [:], in: run) }
                == .deviceLeased)
        try await store.begin(DeviceID("d8"), in: run)
        await probe.kill()
        try await store.begin(DeviceID("d7"), in: run)
        try await store.record(.make(DeviceID("d7")), in: run)
    }
}
