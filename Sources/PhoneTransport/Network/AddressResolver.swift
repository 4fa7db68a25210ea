import DeploymentModel
import NIOCore

/// Turns what a person typed into a socket address.
struct AddressResolver: Sendable {
    let loops: EventLoops
    /// Asks the name servers, for as long as they take.
    var find: @Sendable (String, Int) throws -> SocketAddress = {
        try SocketAddress.makeAddressResolvingHost($0, port: $1)
    }

    /// - Throws: ``Fault`` `net.name-not-found`, or `net.silent` when the name servers took longer than `timeout` seconds.
    func resolve(_ address: String, port: Int, timeout: Double) async throws -> SocketAddress {
        guard (1...65_535).contains(port) else {
            throw Fault(.netLocal, subject: address, detail: "port \(port) is not from 1 to 65535")
        }
        if let literal = try? SocketAddress(ipAddress: address, port: port) { return literal }
        guard Self.mayBeName(address) else { throw Fault(.netNameNotFound, subject: address) }
        return try await lookUp(address, port: port, timeout: timeout)
    }

    /// A look-up can not be broken off, so it is left behind when the time is up or the caller is cancelled.
    ///
    /// It may then end after the event loops have, so nothing of it waits on one of these.
    private func lookUp(_ name: String, port: Int, timeout: Double) async throws -> SocketAddress {
        let (answers, feed) = AsyncStream.makeStream(of: Result<SocketAddress, Fault>.self)
        let search = Task {
            let found = try? await loops.lookUp { [find] in try find(name, port) }
            feed.yield(found.map { .success($0) } ?? .failure(Fault(.netNameNotFound, subject: name)))
        }
        let limit = Task {
            try await Task.sleep(for: .seconds(min(max(timeout, 0), 86_400)))
            feed.yield(.failure(Fault(.netSilent, subject: name, detail: "the name server does not answer")))
        }
        defer {
            limit.cancel()
            search.cancel()
        }
        for await answer in answers { return try answer.get() }
        throw CancellationError()
    }

    /// Letters, digits, dots and hyphens: what a host name is made of (RFC 1123 section 2.1), and the underscore that occurs.
    private static func mayBeName(_ text: String) -> Bool {
        (1...253).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"):
                    true
                default: false
                }
            }
    }
}

extension TimeAmount {
    /// Seconds, held within 0 and a day, so that no number of a user can overflow the clock.
    static func seconds(_ seconds: Double) -> TimeAmount {
        guard seconds > 0 else { return .nanoseconds(0) }
        return .nanoseconds(Int64(min(seconds, 86_400) * 1e9))
    }
}
