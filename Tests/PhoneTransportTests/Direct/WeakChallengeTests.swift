import DeploymentModel
import ManagementXML
import Testing

@testable import PhoneTransport

@Suite("Phones that ask for a weak proof of the password")
struct WeakChallengeTests {
    @Test(
        "no credentials are given, and the fault says why",
        arguments: [
            "Basic realm=\"phonefleet-management\"",
            "Digest realm=\"phonefleet-management\", qop=\"auth\", algorithm=MD5, nonce=\"abc\"",
            "Digest realm=\"phonefleet-management\", nonce=\"abc\"",
            "Digest realm=\"phonefleet-management\", qop=\"auth\", algorithm=SHA-256-sess, nonce=\"abc\"",
        ])
    func nothingIsGiven(challenge: String) async throws {
        let answer = "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: \(challenge)\r\nContent-Length: 0\r\n\r\n"
        let server = try await TestServer.start(TestLoops.shared.group, .requests { _ in .send(Array(answer.utf8)) })
        let session = try await session(server)
        let fault = await #expect(throws: Fault.self) {
            try await session.perform(.readItems([ItemKey("e164")]), password: SecretText("123456"))
        }
        #expect(fault?.code == .phoneWrongPassword)
        #expect(fault?.detail?.contains("the password was not used") == true)
        await session.close()
        let end = await server.nextEnd()
        let sent = String(decoding: end?.plain ?? [], as: UTF8.self)
        #expect(!sent.lowercased().contains("authorization"))
        #expect(sent.ranges(of: "POST ").count == 1)
        await server.stop()
    }
}
