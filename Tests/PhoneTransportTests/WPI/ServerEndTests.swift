import DeploymentModel
import DeploymentTesting
import Foundation
import ManagementXML
import NIOCore
import NIOPosix
import TLSMaterial
import Testing

@testable import PhoneTransport

@Suite("The end of the server end", .timeLimit(.minutes(5)))
struct ServerEndTests {
    private func server(_ receiver: any CallReceiver, on loops: EventLoops) async throws -> WPIServer {
        try await WPIServer.start(
            WPIServerConfiguration(
                address: "127.0.0.1", port: 0, material: try TestCertificates.material("CN=server,O=Example")),
            receiver: receiver, loops: loops, now: { TestCertificates.now })
    }

    @Test("a session that is held beyond the server and its threads answers that it has ended")
    func heldSession() async throws {
        let loops = EventLoops(threads: 2)
        let receiver = TestReceiver(work: { _, _ in })
        let server = try await server(receiver, on: loops)
        let phone = try await RawPhone.call(server.port)
        try await phone.send(RawPhone.request(RawPhone.message("start-up", nonce: "A", mac: TestServers.mac)))
        var calls = receiver.received.makeAsyncIterator()
        let call = try #require(await calls.next())
        await server.stop()
        try await loops.shutDown()
        let fault = await fault { try await call.session.perform(.readAllItems, password: nil) }
        #expect(fault?.code == .netClosed && fault?.detail == "the server ended")
        await call.session.close()
        #expect(server.counts.openConnections == 0 && server.counts.openSessions == 0)
        await phone.close()
    }

    @Test("a phone that calls while a conversation still goes on at the end is not let in")
    func lateCall() async throws {
        let loops = EventLoops(threads: 2)
        let (goesOn, begun) = (Latch(), Latch())
        let receiver = TestReceiver(work: { call, _ in
            begun.open()
            await goesOn.wait()
            await call.session.close()
        })
        let server = try await server(receiver, on: loops)
        let (first, second) = (try await RawPhone.call(server.port), try await RawPhone.call(server.port))
        try await first.send(RawPhone.request(RawPhone.message("start-up", nonce: "A", mac: TestServers.mac)))
        await begun.wait()
        let end = Task { await server.stop() }
        // The first phone hears of the end, so the second one is too late.
        #expect(await first.next()?.status == 200)
        let answer = try await second.post(RawPhone.message("start-up", nonce: "B", mac: "00:1A:E8:00:00:02"))
        #expect(answer?.text(of: "cleanup-reason") == "shutdown")
        goesOn.open()
        await end.value
        try await loops.shutDown()
        #expect(receiver.noted == [TestServers.phone])
        for phone in [first, second] { await phone.close() }
    }

    @Test("connections that are made at the very end are closed before the server says that it has ended")
    func connectionsAtTheEnd() async throws {
        for _ in 0..<20 {
            let loops = EventLoops(threads: 2)
            let server = try await server(TestReceiver(), on: loops)
            let port = server.port
            await withTaskGroup(of: Void.self) { group in
                for _ in 0..<8 {
                    group.addTask {
                        let channel = try? await ClientBootstrap(group: TestLoops.shared.group)
                            .connect(host: "127.0.0.1", port: port).get()
                        try? await channel?.closeFuture.get()
                    }
                }
                await server.stop()
                #expect(server.counts.openConnections == 0)
            }
            try await loops.shutDown()
        }
    }
}
