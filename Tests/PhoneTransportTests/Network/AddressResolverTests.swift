import DeploymentModel
import Dispatch
import NIOCore
import Testing

@testable import PhoneTransport

/// A name server that answers when the test says so.
private struct SlowNames {
    private let gate = DispatchSemaphore(value: 0)

    func resolver(_ loops: EventLoops) -> AddressResolver {
        AddressResolver(loops: loops) { [gate] _, port in
            gate.wait()
            return try SocketAddress(ipAddress: "127.0.0.1", port: port)
        }
    }

    func answer() { gate.signal() }
}

@Suite("Looking names up", .timeLimit(.minutes(2)))
struct AddressResolverTests {
    @Test(
        "gives up a name server that takes too long, and what it says later is nobody's, also after the loops have ended"
    )
    func slowNameServer() async throws {
        let loops = EventLoops(threads: 1)
        let names = SlowNames()
        let told = await fault { try await names.resolver(loops).resolve("name.example", port: 80, timeout: 0.01) }
        #expect(told?.code == .netSilent)
        async let end: Void = loops.shutDown()
        names.answer()
        try await end
    }

    @Test("ends at once when it is cancelled")
    func cancelled() async throws {
        let loops = EventLoops(threads: 1)
        let names = SlowNames()
        let search = Task { try await names.resolver(loops).resolve("name.example", port: 80, timeout: 600) }
        search.cancel()
        await #expect(throws: CancellationError.self) { try await search.value }
        names.answer()
        try await loops.shutDown()
    }

    @Test("takes the first answer")
    func answer() async throws {
        let loops = EventLoops(threads: 1)
        let names = SlowNames()
        names.answer()
        let found = try await names.resolver(loops).resolve("name.example", port: 80, timeout: 600)
        #expect(found.port == 80 && found.ipAddress == "127.0.0.1")
        try await loops.shutDown()
    }
}
