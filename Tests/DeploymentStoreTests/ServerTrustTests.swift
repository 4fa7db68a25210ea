import DeploymentModel
import Foundation
import Testing

@testable import DeploymentStore

@Suite("By which authorities phones in secure mode believe, in the store")
struct ServerTrustTests {
    private let first = String(repeating: "a", count: 64)
    private let second = String(repeating: "b", count: 64)
    private let one = DeviceID("d1")
    private let two = DeviceID("d2")

    /// Three phones, of which the first two are in secure mode.
    private func store() async throws -> Store {
        let store = try Store.inMemory()
        try await store.saveDevices(adding: (1...3).map { Device.make($0) })
        try await store.proveSecureMode(of: one, fingerprint: "aa", authority: first)
        try await store.proveSecureMode(of: two, fingerprint: "aa")
        return store
    }

    @Test("What a phone proves when it enters secure mode is noted, and stays when its certificate is renewed")
    func entering() async throws {
        let store = try await store()
        #expect(try await store.serverTrust() == [one: [first], two: []])
        try await store.proveSecureMode(of: one, fingerprint: "bb")
        #expect(try await store.serverTrust()[one] == [first])
        try await store.proveSecureMode(of: one, fingerprint: "cc", authority: second)
        #expect(try await store.serverTrust()[one] == [second])
    }

    @Test("Only phones of which nothing is known are taken to believe the certificate in use")
    func others() async throws {
        let store = try await store()
        try await store.noteServerTrust(ofOthers: second)
        #expect(try await store.serverTrust() == [one: [first], two: [second]])
        try await store.setServerTrust([first, second], of: two)
        try await store.noteServerTrust(ofOthers: first)
        #expect(try await store.serverTrust() == [one: [first], two: [first, second]])
        await #expect(throws: Fault.self) { try await store.setServerTrust([first], of: DeviceID("d9")) }
    }

    @Test(
        "A phone that is not in secure mode any more believes anybody, so nothing is known of it",
        arguments: [true, false])
    func leaving(isReset: Bool) async throws {
        let store = try await store()
        if isReset {
            let run = try await store.createRun(plan: .make(devices: [one], mode: .factoryReset)).id
            try await store.begin(one, in: run)
            let moment = Date(timeIntervalSince1970: 1)
            for stage in [JournalEntry.Moment.intent, .outcome] {
                try await store.record(
                    JournalEntry(device: one, step: .factoryReset, moment: stage, at: moment), in: run)
            }
        } else {
            try await store.setSecureMode(nil, of: one)
        }
        #expect(try await store.serverTrust() == [two: []])
        try await store.proveSecureMode(of: one, fingerprint: "aa")
        #expect(try await store.serverTrust()[one] == [])
    }
}

@Suite("Several sealed secrets at once")
struct SeveralSecretsTests {
    @Test("They change places in one commit, and those that are nil go")
    func exchange() async throws {
        let store = try Store.inMemory()
        try await store.seal(["one": SecretText("1"), "two": SecretText("2"), "three": SecretText("3")])
        try await store.seal(["one": SecretText("2"), "two": SecretText("1"), "three": nil, "four": nil])
        #expect(try await store.secretNames() == ["one", "two"])
        #expect(try await store.reveal(.sealed("one")).reveal() == "2")
        #expect(try await store.reveal(.sealed("two")).reveal() == "1")
        await #expect(throws: Fault.self) { try await store.seal(["one": nil, "run/r1/x": SecretText("4")]) }
        #expect(try await store.secretNames() == ["one", "two"])
    }
}
