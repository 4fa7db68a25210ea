import DeploymentModel
import Foundation
import ManagementXML
import Synchronization
import Testing

@testable import PhoneTransport

private let mac = TestServers.mac

@Suite("A phone that calls", .timeLimit(.minutes(5)))
struct ConversationTests {
    @Test("is answered action by action under the nonce of each of its messages, and let go by a clean-up")
    func wholeConversation() async throws {
        let replies = Mutex<[ManagementReply]>([])
        let receiver = TestReceiver { call, _ in
            let session = call.session
            do {
                let write = try await session.perform(
                    .writeItems([Item(ItemKey("sntp-addr"), value: "ntp")]), password: nil)
                let read = try await session.perform(.readItems([ItemKey("sntp-addr")]), password: nil)
                replies.withLock { $0 = [write, read] }
            } catch {
                replies.withLock { $0 = [] }
            }
            await session.close()
        }
        let server = try await TestServers.start(receiver)
        let phone = try await RawPhone.call(server.port)
        let first = try await phone.post(RawPhone.message("\n solicited \n", nonce: "A1", mac: mac))
        #expect(first?.action == .writeItems && first?.nonce == "A1")
        #expect(first?.items == [Item(ItemKey("sntp-addr"), value: "ntp")])
        let second = try await phone.post(RawPhone.reply(to: "WriteItems", nonce: "B2"))
        #expect(second?.action == .readItems && second?.nonce == "B2")
        let third = try await phone.post(
            RawPhone.reply(
                to: "ReadItems", nonce: "C3", fragment: "final", items: #"<Item name="sntp-addr">ntp</Item>"#))
        #expect(third?.action == .cleanUp && third?.nonce == "C3" && third?.items == [])
        await server.stop()
        #expect(replies.withLock { $0.map(\.status) } == [.accepted, .accepted])
        #expect(replies.withLock { $0.last?.items.first?.value } == "ntp")
        #expect(server.counts.completed == 1 && server.counts.defects.isEmpty && server.counts.openSessions == 0)
        await phone.close()
    }

    @Test("says who it is in its first message, and its starts stand in for a status")
    func identityAndStatus() async throws {
        let seen = Mutex<(ManagementReply?, PhoneStatus?)>((nil, nil))
        let receiver = TestReceiver { call, _ in
            let identity = try? await call.session.perform(.identify, password: nil)
            let status = try? await call.session.perform(.status, password: nil)
            seen.withLock { $0 = (identity, status?.phoneStatus) }
            await call.session.close()
        }
        let server = try await TestServers.start(receiver)
        let phone = try await RawPhone.call(server.port)
        let start = RawPhone.message(
            "start-up", nonce: "A1", mac: mac, items: #"<Item name="device-type">OpenStage 60</Item>"#)
        #expect(try await phone.post(start)?.action == .cleanUp)
        await server.stop()
        // A phone that calls says neither whether it is registered nor for how long it has been on.
        let known = PhoneStatus(isBusy: false, registration: nil, uptime: nil, bootCount: 1)
        #expect(seen.withLock { $0.1 } == known)
        #expect(seen.withLock { $0.0?.items.map(\.value) } == [mac, "OpenStage 60"])
        await phone.close()
    }

    @Test("gets a cookie once, may echo its attributes, and may go on over new connections that it closes each time")
    func cookieOverConnections() async throws {
        let server = try await TestServers.start(.asking())
        let one = try await RawPhone.call(server.port)
        try await one.send(
            RawPhone.request(RawPhone.message("solicited", nonce: "A", mac: mac), fields: ["Connection: close"]))
        let (reply, head) = try #require(await one.nextWithHead())
        #expect(!reply.keepsAlive && head.contains("Content-Length: ") && !head.lowercased().contains("chunked"))
        let cookie = try #require(head.firstMatch(of: /Set-Cookie: (JSESSIONID=[0-9A-F]{32}); Path=\/; Secure/)?.1)
        #expect(await one.next() == nil)
        let two = try await RawPhone.call(server.port)
        let last = RawPhone.request(
            RawPhone.reply(to: "ReadAllItems", nonce: "B", fragment: "final"),
            fields: ["cookie: $Version=1; \(cookie); path=/DeploymentService; Secure", "Connection: close"])
        try await two.send(last)
        let (end, endHead) = try #require(await two.nextWithHead())
        #expect(try WPI.decodeServerMessage(end.body).action == .cleanUp)
        #expect(!endHead.contains("Set-Cookie"))
        await server.stop()
    }

    @Test("is known without a cookie by its MAC address, and else by its IP address", arguments: [true, false])
    func noCookie(saysMAC: Bool) async throws {
        let server = try await TestServers.start(.asking())
        let one = try await RawPhone.call(server.port)
        _ = try await one.post(RawPhone.message("solicited", nonce: "A", mac: mac))
        await one.close()
        let two = try await RawPhone.call(server.port)
        let end = try await two.post(RawPhone.reply(to: "ReadAllItems", nonce: "B", mac: saysMAC ? mac : nil))
        #expect(end?.action == .cleanUp && end?.items == [])
        await server.stop()
        await two.close()
    }

    @Test("sends long answers in parts, which are asked for and joined")
    func fragments() async throws {
        let count = Mutex(0)
        let receiver = TestReceiver { call, _ in
            let reply = try? await call.session.perform(.readAllItems, password: nil)
            count.withLock { $0 = reply?.hasMoreFragments == false ? reply?.items.count ?? 0 : 0 }
            await call.session.close()
        }
        let server = try await TestServers.start(receiver)
        let phone = try await RawPhone.call(server.port)
        var answer = try await phone.post(RawPhone.message("solicited", nonce: "A", mac: mac))
        #expect(answer?.action == .readAllItems)
        for (number, fragment) in ["next", "next", "final"].enumerated() {
            // Phones name the first action or the request for the part.
            let action = number == 1 ? "ReadAllItems" : number == 2 ? "GetNextFragment" : "ReadAllItems"
            answer = try await phone.post(
                RawPhone.reply(
                    to: action, nonce: "B\(number)", fragment: fragment,
                    items: #"<Item name="trace-level" index="\#(number)">0</Item>"#))
            #expect(answer?.action == (fragment == "next" ? .getNextFragment : .cleanUp))
        }
        await server.stop()
        #expect(count.withLock { $0 } == 3)
        await phone.close()
    }

    @Test("gets a long list in messages of at most 50 kB, each answered")
    func longList() async throws {
        let status = Mutex<ManagementReply?>(nil)
        let items = (1...600).map { Item(ItemKey("key-label", index: $0), value: String(repeating: "x", count: 200)) }
        let receiver = TestReceiver { call, _ in
            let reply = try? await call.session.perform(.writeItems(items), password: nil)
            status.withLock { $0 = reply }
            await call.session.close()
        }
        let server = try await TestServers.start(receiver)
        let phone = try await RawPhone.call(server.port)
        try await phone.send(RawPhone.request(RawPhone.message("solicited", nonce: "N0", mac: mac)))
        var got: [Item] = []
        var messages = 0
        while let reply = await phone.next() {
            #expect(reply.body.count <= 50_000)
            let message = try WPI.decodeServerMessage(reply.body, strict: true)
            guard message.action == .writeItems else { break }
            #expect(message.nonce == "N\(messages)")
            got += message.items
            messages += 1
            try await phone.send(RawPhone.request(RawPhone.reply(to: "WriteItems", nonce: "N\(messages)")))
        }
        #expect(messages >= 3 && got == items)
        await server.stop()
        #expect(status.withLock { $0?.status } == .accepted)
        await phone.close()
    }

    @Test("that is in a call is asked to call again when it is idle")
    func busy() async throws {
        let receiver = TestReceiver { call, _ in
            _ = try? await call.session.perform(.writeItems([Item(ItemKey("dhcp"), value: "true")]), password: nil)
            await call.session.close()
        }
        let server = try await TestServers.start(receiver)
        let phone = try await RawPhone.call(server.port)
        _ = try await phone.post(RawPhone.message("solicited", nonce: "A", mac: mac))
        let end = try await phone.post(RawPhone.reply(to: "WriteItems", "busy", nonce: "B"))
        #expect(end?.action == .cleanUp && end?.text(of: "send-solicited") == "true")
        await server.stop()
        await phone.close()
    }

    @Test("says nothing to a restart, and the session is spent")
    func restart() async throws {
        let after = Mutex<(ManagementReply.Status?, StatusCode?)>((nil, nil))
        let receiver = TestReceiver { call, _ in
            let reply = try? await call.session.perform(.restart, password: nil)
            let more = await fault { try await call.session.perform(.readAllItems, password: nil) }
            after.withLock { $0 = (reply?.status, more?.code) }
        }
        let server = try await TestServers.start(receiver)
        let phone = try await RawPhone.call(server.port)
        #expect(try await phone.post(RawPhone.message("solicited", nonce: "A", mac: mac))?.action == .restart)
        await server.stop()
        #expect(after.withLock { $0.0 } == .accepted && after.withLock { $0.1 } == .netClosed)
        await phone.close()
    }

    @Test("that takes an order for a file just closes, or begins anew; one that does not says so")
    func orders() async throws {
        let order = FetchOrder(kind: FileKind("ringtone"), url: "https://files.example.org/a.mp3")
        let results = AsyncStream<ManagementReply.Status?>.makeStream()
        let receiver = TestReceiver { call, _ in
            if call.opening.reason == .solicited {
                results.continuation.yield(try? await call.session.perform(.fetchFile(order), password: nil).status)
            }
            await call.session.close()
        }
        let server = try await TestServers.start(receiver)
        var statuses = results.stream.makeAsyncIterator()
        for way in 0..<3 {
            let phone = try await RawPhone.call(server.port)
            #expect(
                try await phone.post(RawPhone.message("solicited", nonce: "A\(way)", mac: mac))?.action
                    == .fileDeployment)
            switch way {
            case 0: await phone.close()
            case 1:
                let result = RawPhone.message("status", nonce: "B", mac: mac)
                #expect(try await phone.post(result)?.action == .cleanUp)
            default:
                let refusal = RawPhone.reply(to: "FileDeployment", "failed", nonce: "B")
                #expect(try await phone.post(refusal)?.action == .cleanUp)
            }
            #expect(await statuses.next() == (way == 2 ? .failed : .accepted))
            await phone.close()
        }
        await server.stop()
        #expect(server.counts.defects.isEmpty)
    }

    @Test("may keep one nonce through a whole flow, as the guide says")
    func constantNonce() async throws {
        let receiver = TestReceiver { call, _ in
            for _ in 0..<2 { _ = try? await call.session.perform(.readAllItems, password: nil) }
            await call.session.close()
        }
        let server = try await TestServers.start(receiver)
        let phone = try await RawPhone.call(server.port)
        #expect(try await phone.post(RawPhone.message("solicited", nonce: "A", mac: mac))?.action == .readAllItems)
        #expect(try await phone.post(RawPhone.reply(to: "ReadAllItems", nonce: "A"))?.action == .readAllItems)
        #expect(try await phone.post(RawPhone.reply(to: "ReadAllItems", nonce: "A"))?.action == .cleanUp)
        #expect(try await phone.post(RawPhone.message("start-up", nonce: "B", mac: mac))?.action == .readAllItems)
        await phone.close()
        await server.stop()
    }

    @Test("may post its bodies in chunks and to any path, and may write several messages on one connection")
    func tolerance() async throws {
        let server = try await TestServers.start()
        let phone = try await RawPhone.call(server.port)
        let body = Array(RawPhone.message("start-up", nonce: "A", mac: mac).utf8)
        let half = body.count / 2
        let pieces = [body[..<half], body[half...]].map {
            "\(String($0.count, radix: 16));x=y\r\n\(String(decoding: $0, as: UTF8.self))\r\n"
        }
        try await phone.send("POST /provisioningService HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n")
        for piece in pieces { try await phone.send(piece) }
        try await phone.send("0\r\nTrailer: x\r\n\r\n")
        #expect(await phone.next()?.status == 200)
        #expect(try await phone.post(RawPhone.message("local-changes", nonce: "B", mac: mac))?.action == .cleanUp)
        await server.stop()
        await phone.close()
    }
}
