import DeploymentModel
import Foundation
import Testing

@testable import DeploymentStore

@Suite("By which authorities phones in secure mode believe, in the store")
struct ServerTrustTests {
    private let first = String(repeating: "a", count: 64)
    private let second = String(repeating: "b", count: 64)
    private let third = String(repeating: "c", count: 64)
    private let one = DeviceID("d1")
    private let two = DeviceID("d2")
    private let three = DeviceID("d3")

    /// Three phones, of which the first two are in secure mode.
    private func store() async throws -> Store {
        let store = try Store.inMemory()
        try await store.saveDevices(adding: (1...3).map { Device.make($0) })
        try await store.proveSecureMode(of: one, fingerprint: "aa", authority: first)
        try await store.proveSecureMode(of: two, fingerprint: "aa")
        try await store.seal(["slot": SecretText("1")])
        return store
    }

    private func state(_ store: Store) async throws -> ServerTrustState {
        try await store.serverTrustState(of: ["slot", "other"])
    }

    private func beliefs(_ store: Store) async throws -> [DeviceID: ServerBelief] { try await state(store).beliefs }

    @Test("What a phone proves is noted beside what was known, and stays when its certificate is renewed")
    func entering() async throws {
        let store = try await store()
        #expect(try await beliefs(store) == [one: ServerBelief([first]), two: ServerBelief()])
        try await store.proveSecureMode(of: one, fingerprint: "bb")
        #expect(try await beliefs(store)[one] == ServerBelief([first]))
        try await store.setServerTrust(ServerBelief([first], doubtful: [second]), of: one)
        try await store.proveSecureMode(of: one, fingerprint: "cc", authority: second)
        #expect(try await beliefs(store)[one] == ServerBelief([first, second]))
    }

    @Test("A phone on its way counts too, and of two orders that it may have followed only what both say is sure")
    func orders() async throws {
        let store = try await store()
        let state = try await state(store)
        try await store.beginSecureMode(of: three, tan: nil, trusting: .init([first, second], by: state))
        let begun = ServerBelief([first], doubtful: [second])
        #expect(try await beliefs(store)[three] == begun)
        try await store.beginSecureMode(of: three, tan: nil, trusting: .init([second], by: state))
        #expect(try await beliefs(store)[three] == ServerBelief(doubtful: [first, second]))
        // It declined that order: only the first one is left.
        try await store.returnToBegun(of: three, tan: nil, believing: begun)
        #expect(try await beliefs(store)[three] == begun)
        try await store.proveSecureMode(of: three, fingerprint: "aa", authority: second)
        #expect(try await beliefs(store)[three] == ServerBelief([first, second]))
    }

    @Test("Of a phone that declines its first order nothing is known, and a new order begins with nothing")
    func declined() async throws {
        let store = try await store()
        let state = try await state(store)
        try await store.beginSecureMode(of: three, tan: nil, trusting: .init([first], by: state))
        try await store.withdrawSecureMode(of: three)
        #expect(try await beliefs(store)[three] == nil)
        try await store.beginSecureMode(of: three, tan: nil, trusting: .init([second], by: state))
        #expect(try await beliefs(store)[three] == ServerBelief([second]))
    }

    @Test("While a phone is told, only what it believes either way is sure")
    func telling() async throws {
        let store = try await store()
        let state = try await state(store)
        try await store.tellServerTrust([first, second], to: one, if: state, others: third)
        #expect(try await beliefs(store)[one] == ServerBelief([first], doubtful: [second]))
        try await store.tellServerTrust([second], to: one, if: state, others: third)
        #expect(try await beliefs(store)[one] == ServerBelief(doubtful: [first, second]))
        try await store.setServerTrust(ServerBelief([second]), of: one)
        #expect(try await beliefs(store)[one] == ServerBelief([second]))
        // Nothing was noted of the other one: it believes the certificate in use.
        try await store.tellServerTrust([third], to: two, if: state, others: third)
        #expect(try await beliefs(store)[two] == ServerBelief([third]))
        #expect(
            await code { try await store.tellServerTrust([first], to: DeviceID("d9"), if: state, others: third) }
                == .inputNotFound)
    }

    @Test("Nobody is told what was decided by certificates that are no longer those")
    func changed() async throws {
        let store = try await store()
        let state = try await state(store)
        try await store.seal(["slot": SecretText("1")])
        #expect(
            await code { try await store.tellServerTrust([second], to: one, if: state, others: third) }
                == .callServerChanged)
        #expect(
            await code { try await store.beginSecureMode(of: three, tan: nil, trusting: .init([second], by: state)) }
                == .callServerChanged)
        #expect(try await beliefs(store) == [one: ServerBelief([first]), two: ServerBelief()])
    }

    @Test("Certificates change only when neither they nor a phone's belief changed since it was decided")
    func comparison() async throws {
        let store = try await store()
        var state = try await state(store)
        #expect(state.secrets.mapValues { $0.reveal() } == ["slot": "1"])
        try await store.seal(["other": SecretText("2")])
        #expect(try await !store.seal(["slot": nil], if: state, others: nil))
        state = try await self.state(store)
        try await store.setServerTrust(ServerBelief([first], doubtful: [second]), of: one)
        #expect(try await !store.seal(["slot": nil], if: state, others: nil))
        #expect(try await store.secretNames() == ["other", "slot"])
        state = try await self.state(store)
        #expect(try await store.seal(["slot": nil, "other": SecretText("3")], if: state, others: second))
        #expect(try await store.secretNames() == ["other"])
        // Phones of which nothing was known came under the certificate that was in use until now.
        #expect(try await beliefs(store)[two] == ServerBelief([second]))
        #expect(try await beliefs(store)[one] == ServerBelief([first], doubtful: [second]))
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
        #expect(try await beliefs(store) == [two: ServerBelief()])
        // A command that was under way when that happened notes nothing either.
        try await store.setServerTrust(ServerBelief([first]), of: one)
        try await store.proveSecureMode(of: one, fingerprint: "aa")
        #expect(try await beliefs(store)[one] == ServerBelief())
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
