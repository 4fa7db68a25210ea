import DeploymentModel
import ManagementXML
import Synchronization
import Testing

@testable import PhoneTransport

@Suite("A session with a phone")
struct SessionTests {
    private let password = SecretText("123456")
    private let write = ManagementAction.writeItems([Item(ItemKey("e164"), value: "3200")])

    private func phone(_ phone: TestPhone) async throws -> TestServer {
        try await TestServer.start(TestLoops.shared.group, .requests { phone.answer($0) })
    }

    @Test("identify, write and read share one connection, and no request is sent twice")
    func happyPath() async throws {
        let server = try await phone(TestPhone())
        let session = try await session(server)
        let identity = try await session.perform(.identify, password: nil)
        #expect(identity.items.first?.value == "optiPoint 410")
        #expect(try await session.perform(write, password: password).status == .accepted)
        #expect(try await session.perform(.readItems([ItemKey("e164")]), password: password).status == .accepted)
        await session.close()
        let end = await server.nextEnd()
        let requests = String(decoding: end?.plain ?? [], as: UTF8.self).ranges(of: "POST /management HTTP/1.1")
        #expect(requests.count == 3)
        await server.stop()
    }

    @Test("a first request with a password is repeated with the nonce of its 401")
    func passwordFirst() async throws {
        let server = try await phone(TestPhone())
        let session = try await session(server)
        #expect(try await session.perform(write, password: password).status == .accepted)
        #expect(try await session.perform(write, password: password).status == .accepted)
        await session.close()
        let end = await server.nextEnd()
        #expect(String(decoding: end?.plain ?? [], as: UTF8.self).ranges(of: "POST ").count == 3)
        await server.stop()
    }

    @Test("a phone that gives no nonce with identify is understood too")
    func noEarlyNonce() async throws {
        let server = try await phone(TestPhone(offersNonceEarly: false))
        let session = try await session(server)
        _ = try await session.perform(.identify, password: nil)
        #expect(try await session.perform(write, password: password).status == .accepted)
        await session.close()
        await server.stop()
    }

    @Test("a stale nonce is replaced without the caller noticing")
    func staleNonce() async throws {
        let phone = TestPhone(authenticator: DigestAuthenticator(lifetime: 300))
        let server = try await self.phone(phone)
        let session = try await session(server)
        _ = try await session.perform(.identify, password: nil)
        phone.pass(seconds: 301)
        #expect(try await session.perform(write, password: password).status == .accepted)
        await session.close()
        await server.stop()
    }

    @Test("the next nonce is taken up")
    func nextNonce() async throws {
        let server = try await phone(TestPhone(authenticator: DigestAuthenticator(usesPerNonce: 1)))
        let session = try await session(server)
        _ = try await session.perform(.identify, password: nil)
        for _ in 0..<5 { _ = try await session.perform(write, password: password) }
        await session.close()
        let end = await server.nextEnd()
        #expect(String(decoding: end?.plain ?? [], as: UTF8.self).ranges(of: "POST ").count == 6)
        await server.stop()
    }

    @Test("a phone that calls every nonce stale is not asked for ever")
    func alwaysStale() async throws {
        let challenge = DigestChallenge(nonce: "n", isStale: true).headerValue
        let server = try await TestServer.start(
            TestLoops.shared.group,
            .requests { _ in .send(TestPhone.http(401, ["WWW-Authenticate: \(challenge)"])) })
        let session = try await session(server)
        #expect(await fault { try await session.perform(write, password: password) }?.code == .phoneWrongPassword)
        await session.close()
        await server.stop()
    }

    @Test("a wrong password is named, then the back-off with its seconds, and the right one still works")
    func wrongPassword() async throws {
        let server = try await phone(TestPhone())
        let session = try await session(server)
        _ = try await session.perform(.identify, password: nil)
        for _ in 0..<3 {
            let wrong = await fault { try await session.perform(write, password: SecretText("1234")) }
            #expect(wrong?.code == .phoneWrongPassword)
        }
        let backOff = await fault { try await session.perform(write, password: SecretText("1234")) }
        #expect(backOff?.code == .phoneBackOff)
        #expect(backOff?.backOffSeconds == 4)
        #expect(try await session.perform(write, password: password).status == .accepted)
        await session.close()
        await server.stop()
    }

    @Test("the password is in no byte that leaves")
    func passwordStaysHome() async throws {
        let server = try await phone(TestPhone())
        let session = try await session(server)
        _ = try await session.perform(write, password: password)
        await session.close()
        let end = try #require(await server.nextEnd())
        #expect(!String(decoding: end.raw, as: UTF8.self).contains("123456"))
        await server.stop()
    }

    @Test("a refusal of the phone is told with its line and reason")
    func refusal() async throws {
        let body = DirectXML.encode(WireError(.unexpected, line: 3, reason: "unknown element"), id: nil)
        let server = try await TestServer.start(
            TestLoops.shared.group, .requests { _ in .send(TestPhone.http(400, body: body)) })
        let session = try await session(server)
        let fault = await fault { try await session.perform(.identify, password: nil) }
        #expect(
            fault
                == Fault(
                    .xmlUnexpected, subject: "127.0.0.1",
                    detail: "phone refused our message: line 3: unknown element"))
        await session.close()
        await server.stop()
    }

    @Test("other statuses are told by their number", arguments: [302, 404, 413, 500, 503])
    func otherStatus(_ status: Int) async throws {
        let server = try await TestServer.start(
            TestLoops.shared.group, .requests { _ in .send(TestPhone.http(status)) })
        let session = try await session(server)
        let fault = await fault { try await session.perform(.identify, password: nil) }
        #expect(fault == Fault(.httpStatus, subject: "127.0.0.1", detail: "\(status)"))
        await session.close()
        await server.stop()
    }

    @Test("key material is neither sent nor asked for over a plain connection")
    func keyMaterialStaysHome() async throws {
        let server = try await phone(TestPhone())
        let session = try await session(server)
        for action in [
            ManagementAction.transferFile(.serverKeyMaterial, content: [1, 2, 3]), .readFile(.serverKeyMaterial),
        ] {
            #expect(await fault { try await session.perform(action, password: password) }?.code == .tlsPlainRefused)
        }
        await session.close()
        #expect(await server.nextEnd()?.plain == [])
        await server.stop()
    }

    @Test("a phone that hung up between two requests is closed, not broken")
    func closedBetween() async throws {
        let phone = TestPhone()
        let server = try await TestServer.start(
            TestLoops.shared.group,
            .requests { request in
                guard case .send(let bytes) = phone.answer(request) else { return .close }
                return .sendThenClose(bytes)
            })
        let session = try await session(server)
        _ = try await session.perform(.identify, password: nil)
        _ = await server.nextEnd()
        #expect(await fault { try await session.perform(.identify, password: nil) }?.code == .netClosed)
        await session.close()
        await server.stop()
    }
}

@Suite("Long answers")
struct FragmentTests {
    private func server(parts: Int, items: Int = 1, milliseconds: Int64 = 0) async throws -> TestServer {
        let sent = Mutex(0)
        let phone = TestPhone { action in
            let part = sent.withLock { sent in
                sent += 1
                return sent
            }
            let list = (0..<items).map { Item(ItemKey("part", index: part), value: "\($0)") }
            return ManagementReply(
                action: action.name, status: .accepted, items: list, hasMoreFragments: part < parts)
        }
        return try await TestServer.start(
            TestLoops.shared.group,
            .requests { request in
                guard milliseconds > 0, case .send(let bytes) = phone.answer(request) else {
                    return phone.answer(request)
                }
                return .late(bytes, milliseconds: milliseconds)
            })
    }

    @Test("parts are joined in their order")
    func joins() async throws {
        let server = try await server(parts: 5, items: 2)
        let session = try await session(server)
        let reply = try await session.perform(.readAllItems, password: SecretText("123456"))
        #expect(reply.action == "ReadAllItems")
        #expect(reply.items.compactMap(\.key.index) == [1, 1, 2, 2, 3, 3, 4, 4, 5, 5])
        #expect(!reply.hasMoreFragments)
        await session.close()
        await server.stop()
    }

    @Test("a phone that never ends is stopped at 64 parts")
    func bounded() async throws {
        let server = try await server(parts: .max)
        let session = try await session(server)
        let fault = await fault { try await session.perform(.readAllItems, password: SecretText("123456")) }
        #expect(fault?.code == .xmlTooLarge)
        await session.close()
        await server.stop()
    }

    @Test("a phone that draws its answer out, part by part and each in time, is called silent")
    func drawnOut() async throws {
        // 64 parts would take 2.56 s; six times the reply's timeout is 1.5 s.
        let server = try await server(parts: .max, milliseconds: 40)
        let timeouts = ContactTimeouts(connect: 60, handshake: 60, reply: 0.25)
        let session = try await session(server, timeouts: timeouts)
        let fault = await fault { try await session.perform(.readAllItems, password: SecretText("123456")) }
        #expect(fault?.code == .netSilent)
        await session.close()
        await server.stop()
    }

    @Test("an answer to another request or action is refused")
    func wrongEcho() async throws {
        for response in [
            ManagementResponse(id: "x", reply: ManagementReply(action: "Identify", status: .accepted)),
            ManagementResponse(id: "r1", reply: ManagementReply(action: "Status", status: .accepted)),
        ] {
            let body = DirectXML.encode(response)
            let server = try await TestServer.start(
                TestLoops.shared.group, .requests { _ in .send(TestPhone.http(200, body: body)) })
            let session = try await session(server)
            #expect(await fault { try await session.perform(.identify, password: nil) }?.code == .xmlUnexpected)
            await session.close()
            await server.stop()
        }
    }
}
