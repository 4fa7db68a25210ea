import DeploymentModel
import DeploymentTesting
import Foundation
import ManagementXML
import PhoneTransport
import TLSMaterial
import Testing

@testable import VirtualPhone

/// Key material over phones in memory and over phones behind real TLS: what a handshake shows, before and after.
@Suite struct LivePhoneFileTests {
    private let password = SecretText("123456")
    private let authority: ThrowawayCA
    private let own: TrustProfile
    private let builtIn: TrustProfile
    private let transfer: ManagementAction
    private let deletion = ManagementAction.deleteFile(.serverKeyMaterial)

    init() throws {
        authority = try ThrowawayCA()
        own = try authority.profile("CN=phone,O=Example")
        builtIn = try TrustProfile.make()
        transfer = .transferFile(.serverKeyMaterial, content: try authority.keyMaterialFile("CN=phone,O=Example"))
    }

    /// Which of the two chains a new connection shows, or the code with which it ends.
    private func shown(_ phones: TestPhones) async -> String {
        do {
            let session = try await phones.session(trusting: [own, builtIn])
            let name = session.evidence.profile ?? "none"
            await session.close()
            return name
        } catch { return (error as? Fault)?.code.rawValue ?? "\(error)" }
    }

    @Test(arguments: TestPhones.Means.allCases)
    func newConnectionsShowTheNewChainAtOnce_whileTheSessionGoesOn(means: TestPhones.Means) async throws {
        try await TestPhones.with(means) { phones in
            let session = try await phones.session()
            #expect(await shown(phones) == "built-in")
            #expect(try await session.perform(transfer, password: password).status == .accepted)
            #expect(await shown(phones) == "throw-away")
            #expect(try await session.perform(.readAllItems, password: password).status == .accepted)
            #expect(try await session.perform(deletion, password: password).status == .accepted)
            #expect(await shown(phones) == "built-in")
            #expect(try await session.perform(.status, password: nil).phoneStatus?.bootCount == 1)
            await session.close()
        }
    }

    @Test(arguments: TestPhones.Means.allCases)
    func whoTrustsTheOldChainOnly_isTurnedAway_andTheOtherWayRound(means: TestPhones.Means) async throws {
        try await TestPhones.with(means) { phones in
            let session = try await phones.session()
            await #expect(throws: Fault.self) { _ = try await phones.session(trusting: [own]) }
            _ = try await session.perform(transfer, password: password)
            await #expect(throws: Fault.self) { _ = try await phones.session() }
            await session.close()
        }
    }

    @Test(arguments: TestPhones.Means.allCases)
    func ownKeyMaterial_outlivesARestart_andAFactoryResetClearsIt(means: TestPhones.Means) async throws {
        try await TestPhones.with(means) { phones in
            let session = try await phones.session()
            _ = try await session.perform(transfer, password: password)
            _ = try await session.perform(.restart, password: password)
            await session.close()
            try await waitForReturn(phones)
            #expect(await shown(phones) == "throw-away")
            let second = try await phones.session(trusting: [own])
            _ = try await second.perform(.factoryReset, password: password)
            await second.close()
            try await waitForReturn(phones)
            #expect(await shown(phones) == "built-in")
            #expect(phones.phone()?.state.files.isEmpty == true)
        }
    }

    private func waitForReturn(_ phones: TestPhones) async throws {
        try await phones.waitForReturn(trusting: [own, builtIn])
    }

    @Test(arguments: TestPhones.Means.allCases)
    func breaksTLS_resetsNewConnections_untilTheFileIsDeletedOverTheOldSession(means: TestPhones.Means) async throws {
        try await TestPhones.with(means, faults: [0: [.breaksTLS]]) { phones in
            let session = try await phones.session()
            _ = try await session.perform(transfer, password: password)
            #expect(await shown(phones) == "net.reset")
            #expect(try await session.perform(deletion, password: password).status == .accepted)
            #expect(await shown(phones) == "built-in")
            await session.close()
        }
    }

    @Test(arguments: TestPhones.Means.allCases)
    func losesFileAnswer_hasTakenTheFile_withoutARestart(means: TestPhones.Means) async throws {
        try await TestPhones.with(means, faults: [0: [.losesFileAnswer]]) { phones in
            let session = try await phones.session()
            await #expect(throws: Fault.self) { _ = try await session.perform(transfer, password: password) }
            await session.close()
            #expect(await shown(phones) == "throw-away")
            #expect(phones.phone()?.state.bootCount == 1)
        }
    }

    @Test("a loss of power leaves the old chain or the new one", arguments: [false, true], TestPhones.Means.allCases)
    func losesPower(keepsNew: Bool, means: TestPhones.Means) async throws {
        try await TestPhones.with(means, faults: [0: [.losesPower(keepsNew: keepsNew)]]) { phones in
            let session = try await phones.session()
            await #expect(throws: Fault.self) { _ = try await session.perform(transfer, password: password) }
            await session.close()
            try await waitForReturn(phones)
            #expect(await shown(phones) == (keepsNew ? "throw-away" : "built-in"))
        }
    }

    @Test func servesOldChain_showsTheNewOneAfterARestart() async throws {
        try await TestPhones.with(.live, faults: [0: [.servesOldChain]]) { phones in
            let session = try await phones.session()
            _ = try await session.perform(transfer, password: password)
            #expect(await shown(phones) == "built-in")
            _ = try await session.perform(.restart, password: password)
            await session.close()
            try await waitForReturn(phones)
            #expect(await shown(phones) == "throw-away")
        }
    }

    // MARK: State on disk

    @Test func ownKeyMaterial_outlivesTheProcess_andWhatACutWriteLeftIsClearedAway() async throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
        defer { try? FileManager.default.removeItem(atPath: path) }
        try await withFleet(path) { fleet, loops in
            let session = try await dial(fleet, loops, builtIn)
            _ = try await session.perform(transfer, password: password)
            await session.close()
        }
        let state = "\(path)/00-01-E3-10-00-01.json"
        let whole = try #require(FileManager.default.contents(atPath: state))
        // As if the power had gone in the middle of writing the next state.
        try whole.prefix(whole.count / 2).write(to: URL(fileURLWithPath: "\(state).9.new"))
        try await withFleet(path) { fleet, loops in
            let session = try await dial(fleet, loops, own)
            let held = try await session.perform(.readFile(.serverKeyMaterial), password: password)
            #expect(transfer == .transferFile(.serverKeyMaterial, content: held.files.first?.content ?? []))
            await session.close()
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: path) == ["00-01-E3-10-00-01.json"])
    }

    private func withFleet(_ path: String, _ body: (VirtualFleet, EventLoops) async throws -> Void) async throws {
        let fleet = try await VirtualFleet.start(
            FleetConfiguration(
                count: 1, types: [.init(.testTLS)], listenRange: try ListenRange(parsing: "127.9.13.1"), port: 0,
                stateDirectory: path, limits: .patient),
            catalogue: .make())
        let loops = EventLoops(threads: 1)
        var failure: (any Error)?
        do { try await body(fleet, loops) } catch { failure = error }
        await fleet.shutdown()
        try await loops.shutDown()
        if let failure { throw failure }
    }

    private func dial(
        _ fleet: VirtualFleet, _ loops: EventLoops, _ profile: TrustProfile
    ) async throws -> any PhoneSession {
        try await DirectDialer(loops: loops).session(
            with: PhoneTarget(
                address: fleet.phones[0].address, port: fleet.phones[0].port, security: .tls([profile]),
                timeouts: ContactTimeouts(connect: 20, handshake: 20, reply: 20)))
    }

    // MARK: Contexts

    @Test func oneContextIsMadeForEachContent_andOldOnesAreForgotten() throws {
        let cache = ContextCache(mostOwn: 4)
        let files = try (0..<6).map { number in
            try StoredFile(kind: .serverKeyMaterial, content: try authority.keyMaterialFile("CN=phone \(number)"))
        }
        let first = try cache.context(of: files[0], isOnlyTLS1_0: false)
        #expect(try cache.context(of: files[0], isOnlyTLS1_0: false) === first)
        #expect(try cache.context(of: files[0], isOnlyTLS1_0: true) !== first)
        for file in files { _ = try cache.context(of: file, isOnlyTLS1_0: false) }
        #expect(cache.ownCount <= 4)
        #expect(try cache.context(of: files[1], isOnlyTLS1_0: false) !== first)
    }
}
