import DeploymentModel
import Foundation
import ManagementXML
import Synchronization
import Testing

@testable import PhoneTransport

private func mac(_ number: Int) -> String { MACAddress(value: 0x001A_E800_0000 + UInt64(number)).description }

/// A server that serves one phone at a time, and the phone that it serves until the latch is opened.
private func occupiedServer(
    limits change: (inout WPILimits) -> Void
) async throws -> (server: WPIServer, first: RawPhone, latch: Latch) {
    let latch = Latch()
    let receiver = TestReceiver { call, _ in
        if call.mac.description == mac(1) { await latch.wait() }
        await call.session.close()
    }
    let server = try await TestServers.start(receiver) { limits in
        limits.sessions = 1
        change(&limits)
    }
    let first = try await RawPhone.call(server.port)
    try await first.send(RawPhone.request(RawPhone.message("start-up", nonce: "A", mac: mac(1))))
    var calls = receiver.received.makeAsyncIterator()
    _ = await calls.next()
    return (server, first, latch)
}

@Suite("More phones than the server takes", .timeLimit(.minutes(5)))
struct OverloadTests {
    @Test("wait in line, and beyond the line hear overload")
    func queueAndOverload() async throws {
        let (server, first, latch) = try await occupiedServer { $0.queue = 1 }
        let second = try await RawPhone.call(server.port)
        try await second.send(RawPhone.request(RawPhone.message("start-up", nonce: "A", mac: mac(2))))
        // Whether the second stands in line is seen by the third, which finds no place there.
        let third = try await RawPhone.call(server.port)
        var answer: WPIServerMessage?
        repeat {
            if server.counts.queued == 1 {
                answer = try await third.post(RawPhone.message("start-up", nonce: "A", mac: mac(3)))
            } else {
                await Task.yield()
            }
        } while answer == nil
        #expect(answer?.action == .cleanUp && answer?.text(of: "cleanup-reason") == "overload")
        #expect(server.counts.count(of: .overload) == 1)
        latch.open()
        for phone in [first, second] {
            let reply = try #require(await phone.next())
            #expect(try WPI.decodeServerMessage(reply.body).items == [])
        }
        // It may repeat the very same message.
        #expect(try await third.post(RawPhone.message("start-up", nonce: "A", mac: mac(3)))?.items == [])
        await server.stop()
        for phone in [first, second, third] { await phone.close() }
    }

    @Test("that stand in line for too long hear overload too, and those that leave it make room")
    func longQueue() async throws {
        let (server, first, latch) = try await occupiedServer { $0.queueing = 0.1 }
        let second = try await RawPhone.call(server.port)
        let answer = try await second.post(RawPhone.message("start-up", nonce: "A", mac: mac(2)))
        #expect(answer?.text(of: "cleanup-reason") == "overload")
        #expect(server.counts.queued == 0)
        latch.open()
        #expect(await first.next()?.status == 200)
        await server.stop()
        await first.close()
        await second.close()
    }

    @Test("hundreds of connections that say nothing make room for a phone that calls")
    func silentConnections() async throws {
        let server = try await TestServers.start { $0.connections = 64 }
        var silent: [RawPhone] = []
        for _ in 0..<200 { silent.append(try await RawPhone.call(server.port, isTLS: false)) }
        let phone = try await RawPhone.call(server.port)
        #expect(try await phone.post(RawPhone.message("start-up", nonce: "A", mac: mac(1)))?.action == .cleanUp)
        for phone in silent { await phone.close() }
        await phone.close()
        await server.stop()
        #expect(server.counts.count(of: .silent) >= 100)
        #expect(server.counts.openConnections == 0)
    }

    @Test("hundreds of phones at once are all served while others misbehave, and nothing is left behind")
    func many() async throws {
        let receiver = TestReceiver.asking()
        let server = try await TestServers.start(receiver) { $0.sessions = 100 }
        let served = try await withThrowingTaskGroup(of: Bool.self) { group in
            for number in 1...300 {
                group.addTask {
                    let phone = try await RawPhone.call(server.port)
                    let first = try await phone.post(RawPhone.message("solicited", nonce: "A", mac: mac(number)))
                    let last = try await phone.post(RawPhone.reply(to: "ReadAllItems", nonce: "B"))
                    await phone.close()
                    return first?.action == .readAllItems && last?.items == []
                }
                if number.isMultiple(of: 10) {
                    group.addTask {
                        let phone = try await RawPhone.call(server.port)
                        try await phone.send("POST / HTTP/1.1\r\nContent-Length: 4\r\n\r\n<a>b")
                        let status = await phone.next()?.status
                        await phone.close()
                        return status == 400
                    }
                }
            }
            return try await group.reduce(into: 0) { count, isGood in count += isGood ? 1 : 0 }
        }
        #expect(served == 330)
        await server.stop()
        let counts = server.counts
        #expect(counts.calls == 300 && counts.completed == 300 && counts.openSessions == 0 && counts.queued == 0)
        #expect(counts.count(of: .garbage) == 30 && counts.defects.count == 1)
        #expect(receiver.noted.count == 300)
    }
}
