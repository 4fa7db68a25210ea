import DeploymentModel
import DeploymentTesting
import Foundation
import ManagementXML
import ProcessTesting
import Testing
import VirtualPhone

/// Programs that nobody here wrote speak with virtual phones.
@Suite struct OutsideJudgeTests {
    private func body(_ action: ManagementAction) -> String {
        String(decoding: DirectXML.encode(ManagementRequest(id: "r1", action: action)), as: UTF8.self)
    }

    private func withFleet(
        types: [FleetConfiguration.Share], _ test: (VirtualPhoneInfo, VirtualFleet) async throws -> Void
    ) async throws {
        let fleet = try await VirtualFleet.start(
            FleetConfiguration(
                count: 1, types: types, listenRange: try ListenRange(parsing: "127.9.1.1"), port: 0,
                limits: .patient),
            catalogue: .make())
        do { try await test(fleet.phones[0], fleet) } catch {
            await fleet.shutdown()
            throw error
        }
        await fleet.shutdown()
    }

    private func curl(_ phone: VirtualPhoneInfo, _ arguments: [String]) async throws -> Tool.Output {
        let scheme = phone.tls ? "https" : "http"
        return try await Tool.run(
            ["curl", "-sk", "--max-time", "10"] + arguments + ["\(scheme)://\(phone.address):\(phone.port)/management"])
    }

    @Test("curl with Digest writes and reads back over TLS and in plain", arguments: [PhoneTypeID.testTLS, .testPlain])
    func curlWritesAndReads(type: PhoneTypeID) async throws {
        try await withFleet(types: [.init(type)]) { phone, fleet in
            let post = ["--digest", "-u", "admin:123456", "-H", "Content-Type: application/xml", "--data-binary"]
            let write = ManagementAction.writeItems([Item(ItemKey("sntp-addr"), value: "192.0.2.77")])
            let written = try await curl(phone, post + [body(write)])
            #expect(written.text.contains("accepted"), "\(written)")
            let read = try await curl(phone, post + [body(.readItems([ItemKey("sntp-addr")]))])
            #expect(read.text.contains("192.0.2.77"), "\(read)")
            #expect(fleet.state(of: phone.address)?.value(of: ItemKey("sntp-addr")) == "192.0.2.77")
        }
    }

    @Test func curlWithAWrongPassword_isRefused_andCounted() async throws {
        try await withFleet(types: [.init(.testTLS)]) { phone, fleet in
            let output = try await curl(
                phone,
                [
                    "--digest", "-u", "admin:000000", "-H", "Content-Type: application/xml", "-o", "/dev/null", "-w",
                    "%{http_code}", "--data-binary", body(.readAllItems),
                ])
            #expect(output.text == "401")
            #expect(fleet.state(of: phone.address)?.counts.wrongPasswords == 1)
        }
    }

    @Test func openssl_seesTheTwoCertificatesInTheHandshake_andVerifiesThem() async throws {
        try await withFleet(types: [.init(.testTLS)]) { phone, _ in
            let anchor = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID().uuidString).pem")
            defer { try? FileManager.default.removeItem(at: anchor) }
            try BuiltInMaterial.authorityPEM(of: .testTLS).write(to: anchor, atomically: true, encoding: .utf8)
            let output = try await Tool.run([
                "openssl", "s_client", "-connect", "\(phone.address):\(phone.port)", "-showcerts", "-CAfile",
                anchor.path, "-verify_return_error",
            ])
            #expect(output.text.components(separatedBy: "BEGIN CERTIFICATE").count == 3, "\(output)")
            #expect(output.text.contains("Verify return code: 0 (ok)"))
            #expect(output.text.contains("CN = optiPoint 410 standard HFA"))
        }
    }
}
