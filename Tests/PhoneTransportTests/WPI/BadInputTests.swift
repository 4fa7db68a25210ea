import DeploymentModel
import DeploymentTesting
import Foundation
import ManagementXML
import Synchronization
import Testing

@testable import PhoneTransport

private let mac = TestServers.mac
private let otherMAC = "00:1A:E8:00:00:02"

/// Whether a phone that behaves is served from beginning to end.
private func isServed(_ server: WPIServer, mac: String = otherMAC) async throws -> Bool {
    let phone = try await RawPhone.call(server.port)
    let first = try await phone.post(RawPhone.message("solicited", nonce: "F\(Int.random(in: 0..<1 << 30))", mac: mac))
    let last = try await phone.post(RawPhone.reply(to: "ReadAllItems", nonce: "E\(Int.random(in: 0..<1 << 30))"))
    await phone.close()
    return first?.action == .readAllItems && last?.action == .cleanUp
}

@Suite("Bad input at the server end of WPI", .timeLimit(.minutes(5)))
struct BadInputTests {
    @Test(
        "garbage is refused, counted, and the connection closed",
        arguments: [
            ("GET / HTTP/1.1\r\n\r\n", 405, WPIDefect.http), ("\u{1}\u{2}\u{3}\r\n\r\n", 400, .http),
            ("POST / HTTP/2.0\r\n\r\n", 505, .http), ("POST / HTTP/1.1\r\n\r\n", 411, .http),
            ("POST / HTTP/1.1\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n", 400, .http),
            ("POST / HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n", 400, .http),
            ("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n", 400, .http),
            ("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFFFF\r\n", 413, .tooLarge),
            ("POST / HTTP/1.1\r\nContent-Length: 0\r\n\r\n", 400, .garbage),
            ("POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\n<a></a> x", 400, .garbage),
            ("POST / HTTP/1.1\r\nContent-Length: 1048577\r\n\r\n", 413, .tooLarge),
            ("POST / HTTP/1.1\r\nX: \(String(repeating: "x", count: 9000))\r\n\r\n", 431, .tooLarge),
        ])
    func garbage(request: String, status: Int, defect: WPIDefect) async throws {
        let server = try await TestServers.start(.asking())
        let phone = try await RawPhone.call(server.port)
        try await phone.send(request)
        let reply = await phone.next()
        #expect(reply?.status == status && reply?.keepsAlive == false)
        #expect(await phone.next() == nil)
        #expect(server.counts.count(of: defect) == 1)
        #expect(try await isServed(server))
        await server.stop()
    }

    @Test(
        "a message without a nonce that can be repeated is refused",
        arguments: ["", "a b", "\u{e4}", String(repeating: "A", count: 200)])
    func badNonce(nonce: String) async throws {
        let server = try await TestServers.start(.asking())
        let phone = try await RawPhone.call(server.port)
        try await phone.send(RawPhone.request(RawPhone.message("start-up", nonce: nonce, mac: mac)))
        #expect(await phone.next()?.status == 400)
        #expect(server.counts.count(of: .nonce) == 1 && server.counts.count(of: .garbage) == 0)
        await server.stop()
        await phone.close()
    }

    @Test("a message that has no nonce at all is refused for that")
    func missingNonce() async throws {
        let server = try await TestServers.start(.asking())
        let phone = try await RawPhone.call(server.port)
        let message = RawPhone.message("start-up", nonce: "A", mac: mac).replacing("nonce=\"A\"", with: "")
        try await phone.send(RawPhone.request(message))
        #expect(await phone.next()?.status == 400)
        #expect(server.counts.count(of: .nonce) == 1 && server.counts.count(of: .garbage) == 0)
        await server.stop()
        await phone.close()
    }

    @Test("a peer that speaks no TLS is counted and goes, the server stays")
    func noTLS() async throws {
        let server = try await TestServers.start(.asking())
        let exchange = await RawClient.exchange("127.0.0.1", server.port, "GET / HTTP/1.1\r\n\r\n")
        #expect(!exchange.text.contains("HTTP"))
        #expect(try await isServed(server))
        await server.stop()
        #expect(server.counts.count(of: .handshake) == 1)
    }

    @Test("slow bodies and silent peers end by the clock, each counted as what it is")
    func slowAndSilent() async throws {
        // No TLS at all, only TLS, and half a request.
        let first = try await TestServers.start(.asking()) { $0.handshake = 0.2 }
        #expect(await RawClient.exchange("127.0.0.1", first.port, "").end == .closed)
        let second = try await TestServers.start(.asking()) { $0.firstRequest = 0.2 }
        let silent = try await RawPhone.call(second.port)
        #expect(await silent.next() == nil)
        let third = try await TestServers.start(.asking()) { $0.request = 0.2 }
        let slow = try await RawPhone.call(third.port)
        try await slow.send("POST / HTTP/1.1\r\nContent-Length: 100\r\n\r\n<?xml")
        #expect(await slow.next()?.status == 408)
        for server in [first, second, third] { await server.stop() }
        #expect(first.counts.count(of: .silent) == 1 && second.counts.count(of: .silent) == 1)
        // Each for what it was, and for nothing else beside.
        #expect(first.counts.defects.count == 1 && second.counts.defects.count == 1)
        #expect(third.counts.count(of: .slow) == 1)
    }

    @Test("an opening message without a MAC address is let go with the reason")
    func noMAC() async throws {
        let server = try await TestServers.start(.asking())
        let phone = try await RawPhone.call(server.port)
        let answer = try await phone.post(RawPhone.message("start-up", nonce: "A"))
        #expect(answer?.action == .cleanUp && answer?.nonce == "A")
        #expect(answer?.text(of: "cleanup-reason") == "mac-addr missing")
        #expect(server.counts.count(of: .noMAC) == 1)
        await server.stop()
        await phone.close()
    }

    @Test("a reply without a conversation is let go, and a clean-up of a phone is just answered")
    func noConversation() async throws {
        let server = try await TestServers.start(.asking())
        let phone = try await RawPhone.call(server.port)
        let answer = try await phone.post(RawPhone.reply(to: "WriteItems", nonce: "A"))
        #expect(answer?.text(of: "cleanup-reason") == "no such conversation")
        #expect(server.counts.count(of: .noConversation) == 1)
        #expect(try await phone.post(RawPhone.message("clean-up", nonce: "B"))?.items == [])
        #expect(server.counts.count(of: .noConversation) == 1)
        await server.stop()
        await phone.close()
    }

    @Test("a replayed opening and a replayed reply are known by their nonces")
    func replay() async throws {
        let server = try await TestServers.start(.asking())
        let phone = try await RawPhone.call(server.port)
        let opening = RawPhone.message("solicited", nonce: "A", mac: mac)
        let part = RawPhone.reply(to: "ReadAllItems", nonce: "B", fragment: "next")
        #expect(try await phone.post(opening)?.action == .readAllItems)
        #expect(try await phone.post(part)?.action == .getNextFragment)
        // Somebody else who heard it: the phone's conversation is not touched.
        let other = try await RawPhone.call(server.port)
        let answer = try await other.post(RawPhone.reply(to: "ReadAllItems", nonce: "B", mac: mac, fragment: "next"))
        #expect(answer?.text(of: "cleanup-reason") == "message was heard before")
        let last = RawPhone.reply(to: "GetNextFragment", nonce: "C", fragment: "final")
        #expect(try await phone.post(last)?.items == [])
        // The conversation is over: its opening message opens no other.
        #expect(try await other.post(opening)?.text(of: "cleanup-reason") == "message was heard before")
        #expect(server.counts.count(of: .replay) == 2)
        #expect(server.counts.calls == 1)
        await server.stop()
        await phone.close()
        await other.close()
    }

    @Test("a second phone with the MAC address of one that is served is let go, and the first is not disturbed")
    func secondPhone() async throws {
        let receiver = TestReceiver.asking()
        let server = try await TestServers.start(receiver)
        let phone = try await RawPhone.call(server.port)
        #expect(try await phone.post(RawPhone.message("solicited", nonce: "A", mac: mac))?.action == .readAllItems)
        let second = try await RawPhone.call(server.port, from: "127.0.0.2")
        let answer = try await second.post(RawPhone.message("start-up", nonce: "B", mac: mac))
        #expect(answer?.text(of: "cleanup-reason") == "mac-addr in use")
        #expect(server.counts.count(of: .secondPhone) == 1)
        #expect(receiver.secondPhones == [TestServers.phone: "127.0.0.2"])
        #expect(try await phone.post(RawPhone.reply(to: "ReadAllItems", nonce: "C"))?.items == [])
        await server.stop()
        await phone.close()
        await second.close()
    }

    @Test("a defect is reported once, and where causes are told apart, once for each")
    func reports() {
        let told = Mutex<[String]>([])
        let counter = WPICounter { _, fault in told.withLock { $0.append(fault.subject ?? "") } }
        for address in ["a", "b"] { counter.note(.garbage, from: address, .xmlMalformed) }
        for (address, cause) in [("c", "1"), ("d", "1"), ("e", "2")] {
            counter.note(.secondPhone, from: address, .callSecondPhone, cause: cause)
        }
        #expect(told.withLock { $0 } == ["a", "c", "e"])
        #expect(counter.value.count(of: .secondPhone) == 3)
    }

    @Test("a phone that begins anew ends its conversation before, and is served")
    func beginsAnew() async throws {
        let ends = AsyncStream<StatusCode?>.makeStream()
        let receiver = TestReceiver { call, _ in
            let code = await fault { try await call.session.perform(.readAllItems, password: nil) }?.code
            ends.continuation.yield(code)
            await call.session.close()
        }
        let server = try await TestServers.start(receiver)
        let phone = try await RawPhone.call(server.port)
        #expect(try await phone.post(RawPhone.message("solicited", nonce: "A", mac: mac))?.action == .readAllItems)
        #expect(try await phone.post(RawPhone.message("start-up", nonce: "B", mac: mac))?.action == .readAllItems)
        #expect(try await phone.post(RawPhone.reply(to: "ReadAllItems", nonce: "C"))?.action == .cleanUp)
        var codes = ends.stream.makeAsyncIterator()
        #expect(await codes.next() == .netClosed)
        #expect(await codes.next() == .some(nil))
        await server.stop()
        await phone.close()
    }

    @Test(
        "a phone that becomes another within a conversation is let go and the conversation ends",
        arguments: [true, false])
    func identityChange(inReply: Bool) async throws {
        let code = Mutex<StatusCode?>(nil)
        let receiver = TestReceiver { call, _ in
            let fault = await fault { try await call.session.perform(.readAllItems, password: nil) }
            code.withLock { $0 = $0 ?? fault?.code }
            await call.session.close()
        }
        let server = try await TestServers.start(receiver)
        let phone = try await RawPhone.call(server.port)
        _ = try await phone.post(RawPhone.message("solicited", nonce: "A", mac: mac))
        let other =
            inReply
            ? RawPhone.reply(to: "ReadAllItems", nonce: "B", mac: otherMAC)
            : RawPhone.message("start-up", nonce: "B", mac: otherMAC)
        #expect(try await phone.post(other)?.text(of: "cleanup-reason") == "mac-addr changed")
        #expect(server.counts.count(of: .identityChange) == 1)
        await server.stop()
        #expect(code.withLock { $0 } == .phoneWrongMAC)
        await phone.close()
    }

    @Test("another address can not go on with a phone's conversation, not even with its cookie")
    func stolenCookie() async throws {
        let server = try await TestServers.start(.asking())
        let phone = try await RawPhone.call(server.port)
        try await phone.send(RawPhone.request(RawPhone.message("solicited", nonce: "A", mac: mac)))
        let head = try #require(await phone.nextWithHead()).head
        let cookie = try #require(head.firstMatch(of: /Set-Cookie: ([^;]*);/)?.1)
        let thief = try await RawPhone.call(server.port, from: "127.0.0.2")
        let stolen = try await thief.post(RawPhone.reply(to: "ReadAllItems", nonce: "B"), fields: ["Cookie: \(cookie)"])
        #expect(stolen?.text(of: "cleanup-reason") == "no such conversation")
        #expect(server.counts.count(of: .identityChange) == 1)
        #expect(try await phone.post(RawPhone.reply(to: "ReadAllItems", nonce: "C"))?.items == [])
        await server.stop()
        await phone.close()
        await thief.close()
    }

    @Test("a reply to another action ends the conversation")
    func unexpectedReply() async throws {
        let server = try await TestServers.start(.asking())
        let phone = try await RawPhone.call(server.port)
        _ = try await phone.post(RawPhone.message("solicited", nonce: "A", mac: mac))
        let answer = try await phone.post(RawPhone.reply(to: "WriteItems", nonce: "B"))
        #expect(answer?.text(of: "cleanup-reason") == "reply to another action")
        #expect(server.counts.count(of: .unexpectedReply) == 1)
        await server.stop()
        await phone.close()
    }

    @Test("a phone that gives up ends the conversation with its reason")
    func phoneGivesUp() async throws {
        let seen = Mutex<Fault?>(nil)
        let receiver = TestReceiver { call, _ in
            let fault = await fault { try await call.session.perform(.readAllItems, password: nil) }
            seen.withLock { $0 = fault }
        }
        let server = try await TestServers.start(receiver)
        let phone = try await RawPhone.call(server.port)
        _ = try await phone.post(RawPhone.message("solicited", nonce: "A", mac: mac))
        let end = RawPhone.message(
            "clean-up", nonce: "B", items: #"<Item name="cleanup-reason">password retries exceeded</Item>"#)
        #expect(try await phone.post(end)?.action == .cleanUp)
        await server.stop()
        #expect(seen.withLock { $0?.code } == .phoneActionFailed)
        #expect(seen.withLock { $0?.detail?.contains("password retries exceeded") } == true)
        await phone.close()
    }

    @Test("a phone that stops in the middle of a conversation ends it by the clock")
    func stalls() async throws {
        let code = AsyncStream<StatusCode?>.makeStream()
        let receiver = TestReceiver { call, _ in
            code.continuation.yield(await fault { try await call.session.perform(.readAllItems, password: nil) }?.code)
        }
        let server = try await TestServers.start(receiver) { $0.reply = 0.1 }
        let phone = try await RawPhone.call(server.port)
        _ = try await phone.post(RawPhone.message("solicited", nonce: "A", mac: mac))
        var codes = code.stream.makeAsyncIterator()
        #expect(await codes.next() == .netSilent)
        #expect(server.counts.count(of: .stalled) == 1 && server.counts.openSessions == 0)
        await server.stop()
        await phone.close()
    }

    @Test("a phone is not kept waiting for ever when nobody has an action for it")
    func nobodyAnswers() async throws {
        let latch = Latch()
        let receiver = TestReceiver { _, _ in await latch.wait() }
        let server = try await TestServers.start(receiver) { $0.thinking = 0.1 }
        let phone = try await RawPhone.call(server.port)
        let answer = try await phone.post(RawPhone.message("start-up", nonce: "A", mac: mac))
        #expect(answer?.text(of: "cleanup-reason") == "timeout")
        latch.open()
        await server.stop()
        await phone.close()
    }

    @Test("whoever notes calls can refuse one, and a fault of his ends the call", arguments: [true, false])
    func refused(byFault: Bool) async throws {
        let receiver = TestReceiver(refusal: { call in
            if byFault { throw Fault(.storeFull) }
            return Fault(.tlsPlainRefused, subject: call.address)
        })
        let server = try await TestServers.start(receiver)
        let phone = try await RawPhone.call(server.port)
        let answer = try await phone.post(RawPhone.message("start-up", nonce: "A", mac: mac))
        #expect(answer?.text(of: "cleanup-reason") == (byFault ? "not available" : "refused"))
        #expect(server.counts.count(of: .refused) == 1)
        await server.stop()
        await phone.close()
    }

    @Test("each cause is reported once, however often it comes")
    func reportedOnce() async throws {
        let reports = Mutex<[WPIDefect]>([])
        let counter = WPICounter { defect, _ in reports.withLock { $0.append(defect) } }
        for _ in 0..<100 {
            counter.note(.garbage, from: "192.0.2.1", .xmlMalformed)
            counter.note(.slow, from: "192.0.2.1", .netSilent)
        }
        #expect(reports.withLock { $0 } == [.garbage, .slow])
        #expect(counter.value.count(of: .garbage) == 100)
    }
}
