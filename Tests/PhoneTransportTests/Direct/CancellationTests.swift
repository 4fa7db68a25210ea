import DeploymentModel
import ManagementXML
import TLSMaterial
import Testing

@testable import PhoneTransport

@Suite("Cancelling", .timeLimit(.minutes(5)))
struct CancellationTests {
    @Test("while the connection is being made is prompt")
    func inConnect() async throws {
        let full = try FullListener()
        let contact = Task { try await look(full.port, tls: false, timeouts: ContactTimeouts(connect: 600)) }
        contact.cancel()
        await #expect(throws: CancellationError.self) { try await contact.value }
        let dial = Task {
            try await DirectDialer(loops: TestLoops.shared).session(
                with: PhoneTarget(
                    address: "127.0.0.1", port: full.port, security: .plain, timeouts: ContactTimeouts(connect: 600)))
        }
        dial.cancel()
        await #expect(throws: CancellationError.self) { try await dial.value }
    }

    @Test("in the handshake is prompt and closes the connection")
    func inHandshake() async throws {
        let server = try await TestServer.start(TestLoops.shared.group, .anything(.silence))
        let profile = try TestCertificates.profile()
        let dial = Task { try await session(server, .tls([profile]), timeouts: ContactTimeouts(handshake: 600)) }
        await server.nextAccept()
        dial.cancel()
        await #expect(throws: CancellationError.self) { try await dial.value }
        #expect(await server.nextEnd() != nil)
        await server.stop()
    }

    @Test("while the answer is awaited is prompt, closes the connection and spends the session")
    func inReply() async throws {
        let server = try await TestServer.start(TestLoops.shared.group, .requests { _ in .silence })
        let session = try await session(server, timeouts: ContactTimeouts(reply: 600))
        let question = Task { try await session.perform(.identify, password: nil) }
        #expect(await server.nextRequest() != nil)
        question.cancel()
        await #expect(throws: CancellationError.self) { try await question.value }
        #expect(await server.nextEnd() != nil)
        #expect(await fault { try await session.perform(.identify, password: nil) }?.code == .netClosed)
        await session.close()
        await session.close()
        await server.stop()
    }

    @Test("a session that is let go of without closing does not keep its connection")
    func forgotten() async throws {
        let server = try await TestServer.start(TestLoops.shared.group, .requests { _ in .silence })
        _ = try await session(server)
        #expect(await server.nextEnd() != nil)
        await server.stop()
    }

    @Test("a thousand contacts at once all end and leave no connection")
    func many() async throws {
        let phone = TestPhone()
        let server = try await TestServer.start(TestLoops.shared.group, .requests { phone.answer($0) })
        let port = server.port
        let answered = try await withThrowingTaskGroup(of: Bool.self) { group in
            for _ in 0..<1000 { group.addTask { try await look(port, tls: false).identity != nil } }
            return try await group.reduce(into: 0) { count, answered in count += answered ? 1 : 0 }
        }
        #expect(answered == 1000)
        for _ in 0..<1000 { #expect(await server.nextEnd() != nil) }
        await server.stop()
    }
}
