import DeploymentModel
import DeploymentTesting
import Foundation
import ManagementXML
import PhoneTransport
import TLSMaterial
import Testing
import VirtualPhone

@Suite struct VirtualFleetTests {
    private let identify = Array("GET / HTTP/1.0\r\n\r\n".utf8)

    private func with(
        _ configuration: FleetConfiguration, catalogue: Catalogue = .make(),
        _ test: (VirtualFleet) async throws -> Void
    ) async throws {
        var configuration = configuration
        configuration.limits = .patient
        let fleet = try await VirtualFleet.start(configuration, catalogue: catalogue)
        var failure: (any Error)?
        do { try await test(fleet) } catch { failure = error }
        await fleet.shutdown()
        if let failure { throw failure }
    }

    private func code(_ configuration: FleetConfiguration) async -> StatusCode? {
        do {
            try await VirtualFleet.start(configuration, catalogue: .make()).shutdown()
            return nil
        } catch { return (error as? Fault)?.code }
    }

    @Test(arguments: [FleetConfiguration.Layout.ownListeners, .oneListener])
    func everyPhone_isFoundAtItsOwnAddress(layout: FleetConfiguration.Layout) async throws {
        let configuration = FleetConfiguration(
            count: 20, types: [.init(.testPlain)], listenRange: try ListenRange(parsing: "127.9.3.0/24"), port: 0,
            layout: layout)
        try await with(configuration) { fleet in
            #expect(fleet.phones.map(\.address).first == "127.9.3.1")
            for phone in fleet.phones {
                let page = await RawClient.exchange(phone.address, phone.port, [identify])
                #expect(page.text.contains(phone.mac.description))
            }
            #expect(Set(fleet.phones.map(\.mac)).count == 20)
            #expect(fleet.phones.allSatisfy { $0.mac.description.hasPrefix("00:01:E3:") })
        }
    }

    @Test func oneListener_turnsAwayWhoAsksForAnAddressWithoutPhone() async throws {
        let configuration = FleetConfiguration(
            count: 3, types: [.init(.testPlain)], listenRange: try ListenRange(parsing: "127.9.4.1-127.9.4.9"), port: 0,
            layout: .oneListener)
        try await with(configuration) { fleet in
            let stranger = await RawClient.exchange("127.9.4.4", fleet.phones[0].port, [identify])
            #expect(stranger.bytes.isEmpty)
            #expect(stranger.end == .reset || stranger.end == .closed)
            #expect(fleet.counts.allSatisfy { $0.connections == 0 })
        }
    }

    @Test func types_areMixedByWeight_andTheTypeDecidesTLSOrPlain() async throws {
        let configuration = FleetConfiguration(
            count: 6, types: [.init(.testTLS, weight: 2), .init(.testPlain)],
            listenRange: try ListenRange(parsing: "127.9.5.0/24"), port: 0)
        try await with(configuration) { fleet in
            #expect(fleet.phones.map(\.tls) == [true, false, true, true, false, true])
        }
    }

    @Test func everyDirectTypeOfTheCatalogue_servesItsBuiltInChain() async throws {
        let catalogue = try Catalogue.builtIn()
        let direct = catalogue.types.filter { $0.managementProtocol == .direct }
        let configuration = FleetConfiguration(
            count: direct.count, listenRange: try ListenRange(parsing: "127.9.6.0/24"), port: 0)
        try await with(configuration, catalogue: catalogue) { fleet in
            #expect(Set(fleet.phones.map(\.type)) == Set(direct.map(\.id)))
            let loops = EventLoops(threads: 1)
            for phone in fleet.phones {
                let security: PhoneTarget.Security =
                    phone.tls ? .tls([try TrustProfile.make(type: phone.type)]) : .plain
                let session = try await DirectDialer(loops: loops).session(
                    with: PhoneTarget(address: phone.address, port: phone.port, security: security))
                let type = try await session.perform(.identify, password: nil).items.first?.value
                #expect(type == phone.deviceType)
                let all = try await session.perform(.readAllItems, password: SecretText("123456"))
                #expect(all.items.count > 50)
                await session.close()
            }
            try await loops.shutDown()
        }
    }

    @Test func rsaPhones_areBelievedByTheirOwnAuthority() async throws {
        let configuration = FleetConfiguration(
            count: 1, types: [.init(.testTLS)], listenRange: try ListenRange(parsing: "127.9.7.1"), port: 0,
            keyType: .rsa2048)
        try await with(configuration) { fleet in
            let loops = EventLoops(threads: 1)
            let profile = try TrustProfile.make(type: .testTLS, keyType: .rsa2048)
            let session = try await DirectDialer(loops: loops).session(
                with: PhoneTarget(
                    address: fleet.phones[0].address, port: fleet.phones[0].port, security: .tls([profile])))
            #expect(session.evidence.isAuthenticated)
            await session.close()
            try await loops.shutDown()
        }
    }

    @Test func aPhoneThatIsSwitchedOff_isThereAgainWhenItIsSwitchedOn() async throws {
        let configuration = FleetConfiguration(
            count: 1, types: [.init(.testPlain)], listenRange: try ListenRange(parsing: "127.9.8.1"), port: 0)
        try await with(configuration) { fleet in
            let phone = fleet.phones[0]
            fleet.switchOff(phone.address)
            #expect(fleet.state(of: phone.address)?.isPresent == false)
            let dark = await RawClient.exchange(phone.address, phone.port, [identify])
            #expect(dark.bytes.isEmpty)
            try await fleet.switchOn(phone.address)
            #expect(fleet.state(of: phone.address)?.bootCount == 2)
            let page = await RawClient.exchange(phone.address, phone.port, [identify])
            #expect(page.text.contains(phone.mac.description))
        }
    }

    @Test(arguments: [FleetConfiguration.Layout.ownListeners, .oneListener])
    func anAbsentPhone_comesLater(layout: FleetConfiguration.Layout) async throws {
        let configuration = FleetConfiguration(
            count: 1, types: [.init(.testPlain)],
            listenRange: try ListenRange(parsing: layout == .oneListener ? "127.9.9.1" : "127.9.9.2"), port: 0,
            layout: layout, faults: FaultPlan([.init(.absent(seconds: 0.3))]))
        try await with(configuration) { fleet in
            let phone = fleet.phones[0]
            let early = await RawClient.exchange(phone.address, phone.port, [identify])
            if fleet.state(of: phone.address)?.isPresent == false { #expect(early.bytes.isEmpty) }
            var late = early
            while late.bytes.isEmpty { late = await RawClient.exchange(phone.address, phone.port, [identify]) }
            #expect(late.text.contains(phone.mac.description))
        }
    }

    @Test func whatCanNotBe_isRefusedWithItsCode() async throws {
        let range = try ListenRange(parsing: "127.9.10.1-127.9.10.2")
        #expect(await code(FleetConfiguration(count: 3, listenRange: range)) == .inputRange)
        #expect(await code(FleetConfiguration(count: 0, listenRange: range)) == .inputValue)
        let unknown = FleetConfiguration(count: 1, types: [.init(PhoneTypeID("nonsense"))], listenRange: range)
        #expect(await code(unknown) == .inputNotFound)
        let foreign = try ListenRange(parsing: "198.51.100.7")
        #expect(await code(FleetConfiguration(count: 1, listenRange: foreign, port: 0)) == .netLocal)
        for text in ["", "127.0.0.1/0", "127.0.0.2-127.0.0.1", "localhost", "127.0.0.256", "1.2.3", "127.0.0.01"] {
            #expect(throws: Fault.self) { try ListenRange(parsing: text) }
        }
    }

    @Test func aPortThatIsTaken_isNamed() async throws {
        let range = try ListenRange(parsing: "127.9.11.1")
        try await with(FleetConfiguration(count: 1, listenRange: range, port: 0)) { fleet in
            let second = FleetConfiguration(count: 1, listenRange: range, port: fleet.phones[0].port)
            do {
                _ = try await VirtualFleet.start(second, catalogue: .make())
                Issue.record("two fleets on one port")
            } catch {
                #expect((error as? Fault)?.code == .netLocal)
                #expect((error as? Fault)?.subject?.hasPrefix("127.9.11.1:") == true)
            }
        }
    }

    // MARK: State on disk

    private func withDirectory(_ test: (String) async throws -> Void) async throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
        defer { try? FileManager.default.removeItem(atPath: path) }
        try await test(path)
    }

    private func configuration(_ path: String) throws -> FleetConfiguration {
        FleetConfiguration(
            count: 1, types: [.init(.testPlain)], listenRange: try ListenRange(parsing: "127.9.12.1"), port: 0,
            stateDirectory: path)
    }

    private func perform(_ action: ManagementAction, on fleet: VirtualFleet) async throws -> ManagementReply {
        let loops = EventLoops(threads: 1)
        let session = try await DirectDialer(loops: loops).session(
            with: PhoneTarget(address: fleet.phones[0].address, port: fleet.phones[0].port, security: .plain))
        let reply = try await session.perform(action, password: SecretText("123456"))
        await session.close()
        try await loops.shutDown()
        return reply
    }

    @Test func theState_outlivesTheProcess_andNobodyElseMayReadIt() async throws {
        let trusted = try ThrowawayCA().trustedFile()
        try await withDirectory { path in
            try await with(try configuration(path)) { fleet in
                let write = ManagementAction.writeItems([Item(ItemKey("key-label", index: 3), value: "Büro <1>")])
                let written = try await perform(write, on: fleet)
                #expect(written.status == .accepted && written.items.isEmpty)
                let transfer = ManagementAction.transferFile(.clientTrustedCertificates, content: trusted)
                let transferred = try await perform(transfer, on: fleet)
                #expect(transferred.status == .accepted)
            }
            let names = try FileManager.default.contentsOfDirectory(atPath: path)
            #expect(names == ["00-01-E3-10-00-01.json"])
            let mode = try FileManager.default.attributesOfItem(atPath: "\(path)/\(names[0])")[.posixPermissions]
            #expect(mode as? Int == 0o600)
            try await with(try configuration(path)) { fleet in
                let state = fleet.state(of: fleet.phones[0].address)
                #expect(state?.value(of: ItemKey("key-label", index: 3)) == "Büro <1>")
                #expect(state?.files.map(\.content) == [trusted])
                #expect(state?.bootCount == 2)
            }
        }
    }

    @Test func everyStart_isCounted_alsoWithoutAnythingElseToKeep() async throws {
        func counted(_ path: String) throws -> Int? {
            let file = try Data(contentsOf: URL(fileURLWithPath: "\(path)/00-01-E3-10-00-01.json"))
            let content = try JSONSerialization.jsonObject(with: file) as? [String: Any]
            return (content?["phone"] as? [String: Any])?["bootCount"] as? Int
        }
        try await withDirectory { path in
            try await with(try configuration(path)) { _ in
                let first = try counted(path)
                #expect(first == 1)
            }
            try await with(try configuration(path)) { fleet in
                let second = try counted(path)
                #expect(second == 2)
                let address = fleet.phones[0].address
                fleet.switchOff(address)
                try await fleet.switchOn(address)
                let third = try counted(path)
                #expect(third == 3)
            }
        }
    }

    @Test func aDamagedStateFile_isNamed() async throws {
        try await withDirectory { path in
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
            try "{\"version\":1".write(toFile: "\(path)/00-01-E3-10-00-01.json", atomically: true, encoding: .utf8)
            let damaged = try configuration(path)
            #expect(await code(damaged) == .inputFile)
        }
        let nowhere = try configuration("/proc/nowhere")
        #expect(await code(nowhere) == .inputFile)
    }
}
