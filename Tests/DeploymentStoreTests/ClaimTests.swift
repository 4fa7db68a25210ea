import DeploymentModel
import Foundation
import Testing

@testable import DeploymentStore

@Suite("Phones at work outside of a run")
struct ClaimTests {
    private let directory: TemporaryDirectory
    private let one: Store
    private let two: Store
    private let phones: [DeviceID]

    init() async throws {
        directory = try TemporaryDirectory()
        one = try Store.open(path: directory.file("fleet.db"))
        two = try Store.open(path: directory.file("fleet.db"))
        phones = try await one.saveDevices(adding: [.make(1), .make(2)]).map(\.id)
    }

    @Test("Nobody else gets a phone that a command works on, and everybody afterwards")
    func held() async throws {
        let (one, two, phone) = (one, two, phones[0])
        let run = try await two.createRun(plan: .make(devices: [phone])).id
        try await one.claiming([phone]) {
            #expect(await code { try await two.claiming([phone]) {} } == .deviceLeased)
            #expect(await code { try await two.begin(phone, in: run) } == .deviceLeased)
            #expect(await code { try await two.beginSecureMode(of: phone, tan: nil) } == .deviceLeased)
            #expect(await code { _ = try await two.removeDevices([phone]) } == .deviceLeased)
            try await one.beginSecureMode(of: phone, tan: nil)
        }
        try await two.claiming([phone]) {}
        try await two.begin(phone, in: run)
    }

    @Test("All of the phones are had, or none of them")
    func whole() async throws {
        let (one, two, phones) = (one, two, phones)
        let run = try await one.createRun(plan: .make(devices: [phones[1]])).id
        try await one.begin(phones[1], in: run)
        await #expect(throws: Fault(.deviceLeased, subject: "d2", detail: "run \(run) works on it")) {
            try await two.claiming(phones) {}
        }
        try await one.claiming([phones[0]]) {}
        #expect(await code { try await two.claiming([DeviceID("d77")]) {} } == .inputNotFound)
    }

    @Test("Work that fails leaves its phones free, and so does a process that is gone")
    func free() async throws {
        let (one, two, phones) = (one, two, phones)
        #expect(await code { try await one.claiming(phones) { throw Fault(.phoneBusy) } } == .phoneBusy)
        // What it would give back at the end it can give back no more.
        _ = await code {
            try await two.claiming(phones) {
                try two.close()
                try await one.claiming(phones) {}
            }
        }
        try await one.claiming(phones) {}
    }

    @Test("A run begins with a phone that a process had which is gone, and is told of one that lives")
    func begins() async throws {
        let (one, two, phones) = (one, two, phones)
        let run = try await one.createRun(plan: .make(devices: phones)).id
        try await two.claiming([phones[1]]) {
            let held = Fault(.deviceLeased, subject: "d2", detail: "another command works on it")
            await #expect(throws: held) { try await one.begin(phones[1], in: run) }
        }
        _ = await code {
            try await two.claiming([phones[0]]) { try two.close() }
        }
        try await one.begin(phones[0], in: run)
        try await one.begin(phones[0], in: run)
        #expect(await code { try await one.claiming([phones[0]]) {} } == .deviceLeased)
    }
}
