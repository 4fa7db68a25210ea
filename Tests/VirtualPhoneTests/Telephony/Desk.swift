import DeploymentModel
import DeploymentTesting
import Foundation
import ManagementXML
import PhoneTransport
import ProcessTesting
import TLSMaterial
import Testing
import VirtualPhone

extension RegistrarTests {
    /// SIP phones that are set to a registrar, with the tool's end of their management interface.
    final class Desk {
        private static let type = PhoneTypeID("optipoint-600-office-sip-v2-4")
        private let fleet: VirtualFleet
        private let loops: EventLoops

        /// Starts the phones, sets them up as their first user would, and ends them.
        ///
        /// - Parameter forced: values that no rule of the catalogue would let through.
        static func with(
            _ server: Kamailio, count: Int = 1, password: String = Kamailio.password,
            trusted: [ParsedCertificate]? = nil, items: [Item] = [], forced: [ItemKey: String] = [:],
            _ body: (Desk) async throws -> Void
        ) async throws {
            let range = try ListenRange(parsing: "127.78.\(8 * Int.random(in: 0...31)).0/21")
            let configuration = FleetConfiguration(
                count: count, types: [.init(type)], listenRange: range, port: 0, restartSeconds: 0.05)
            let fleet = try await VirtualFleet.start(configuration, catalogue: try .builtIn())
            let loops = EventLoops(threads: 1)
            let desk = Desk(fleet: fleet, loops: loops)
            var failure: (any Error)?
            do {
                if let trusted { try await desk.transfer(trusted) }
                for (number, phone) in fleet.phones.enumerated() {
                    // The least that the catalogue allows is a minute: too long for a test.
                    fleet.set(ItemKey("registration-backoff-timer"), to: "1", at: phone.address)
                    for (key, value) in forced { fleet.set(key, to: value, at: phone.address) }
                    try await desk.write(
                        [
                            Item(ItemKey("e164"), value: "\(4711 + number)"),
                            Item(ItemKey("registrar-addr"), value: server.address),
                            Item(ItemKey("registrar-port"), value: "\(server.port)"),
                            Item(ItemKey("sip-transport-user"), value: "2"),
                            Item(ItemKey("sip-user-id"), value: "anna"), Item(ItemKey("sip-pwd"), value: password),
                        ] + items, to: number)
                }
                try await body(desk)
            } catch { failure = error }
            await fleet.shutdown()
            try await loops.shutDown()
            if let failure { throw failure }
        }

        private init(fleet: VirtualFleet, loops: EventLoops) {
            self.fleet = fleet
            self.loops = loops
        }

        // MARK: Waiting

        func state(_ number: Int = 0) -> TelephonyState? {
            fleet.state(of: fleet.phones[number].address)?.behaviour.telephony
        }

        var isRegistered: Bool { state()?.registration == .registered }

        /// Waits until the first phone says so.
        @discardableResult
        func waitFor(_ registration: PhoneStatus.Registration) async throws -> TelephonyState {
            let changes = fleet.registrationChanges()
            if let state = state(), state.registration == registration { return state }
            for await change in changes where change.state.registration == registration { return change.state }
            throw Fault(.internalDefect, detail: "the fleet ended before it was \(registration)")
        }

        /// Waits until every phone is registered.
        func waitForAll() async throws {
            let changes = fleet.registrationChanges()
            func isDone() -> Bool {
                fleet.phones.indices.allSatisfy { state($0)?.registration == .registered }
            }
            if isDone() { return }
            for await _ in changes where isDone() { return }
        }

        // MARK: Over the management interface

        @discardableResult
        func perform(_ action: ManagementAction, on number: Int = 0) async throws -> ManagementReply {
            let phone = fleet.phones[number]
            let profile = try TrustProfile.make(type: phone.type)
            let session = try await DirectDialer(loops: loops).session(
                with: PhoneTarget(
                    address: phone.address, port: phone.port, security: .tls([profile]),
                    timeouts: ContactTimeouts(connect: 60, handshake: 60, reply: 60)))
            let reply = try await session.perform(action, password: SecretText(PhoneBehaviour.usualPassword))
            await session.close()
            return reply
        }

        func write(_ items: [Item], to number: Int = 0) async throws {
            let reply = try await perform(.writeItems(items), on: number)
            #expect(reply.status == .accepted && reply.items.isEmpty)
        }

        func transfer(_ certificates: [ParsedCertificate]) async throws {
            let content = try PKCS12.encode(try TrustedCertificates(certificates))
            let reply = try await perform(.transferFile(.clientTrustedCertificates, content: content))
            #expect(reply.status == .accepted)
        }

        func delete() async throws {
            let reply = try await perform(.deleteFile(.clientTrustedCertificates))
            #expect(reply.status == .accepted)
        }

        /// The phone's web page as anybody gets it.
        func page() async throws -> String {
            let phone = fleet.phones[0]
            let url = "https://\(phone.address):\(phone.port)/"
            return try await Tool.run(["curl", "--silent", "--insecure", url]).text
        }
    }
}
