import Foundation
import ProcessTesting
import Synchronization

/// The lines that a process has written, and waiting for more of them.
final class ProcessLog: Sendable {
    private struct Waiter {
        var condition: @Sendable ([String]) -> Bool
        var continuation: CheckedContinuation<Void, any Error>
        var what: String
    }

    private struct State {
        var lines: [String] = []
        var waiters: [UUID: Waiter] = [:]
        /// Processes that still write.
        var writers = 0
    }

    private let state = Mutex(State())
    /// Far longer than anything takes on a loaded machine.
    private static let patience = 120.0

    var lines: [String] { state.withLock { $0.lines } }

    /// Reads a pipe on a thread of its own until its last writer has closed it.
    func follow(_ pipe: ChildPipe) {
        state.withLock { $0.writers += 1 }
        Thread.detachNewThread { [self] in
            while let line = pipe.line() { add(line) }
            end()
        }
    }

    /// Waits until the lines meet a condition.
    ///
    /// - Throws: ``Kamailio/Failure`` with the last lines when the process ends before.
    func wait(_ what: String, until condition: @escaping @Sendable ([String]) -> Bool) async throws {
        let id = UUID()
        try await withCheckedThrowingContinuation { continuation in
            let waiter = Waiter(condition: condition, continuation: continuation, what: what)
            let isOver: Bool? = state.withLock { state in
                if condition(state.lines) { return true }
                guard state.writers > 0 else { return false }
                state.waiters[id] = waiter
                return nil
            }
            switch isOver {
            case true?: continuation.resume()
            case false?: continuation.resume(throwing: failure(what, "has ended"))
            case nil:
                DispatchQueue.global().asyncAfter(deadline: .now() + Self.patience) { [self] in
                    let late = state.withLock { $0.waiters.removeValue(forKey: id) }
                    late?.continuation.resume(throwing: failure(what, "says nothing more"))
                }
            }
        }
    }

    private func add(_ line: String) {
        let met = state.withLock { state in
            state.lines.append(line)
            let met = state.waiters.filter { $0.value.condition(state.lines) }
            for id in met.keys { state.waiters[id] = nil }
            return Array(met.values)
        }
        for waiter in met { waiter.continuation.resume() }
    }

    private func end() {
        let left = state.withLock { state in
            state.writers -= 1
            defer { if state.writers == 0 { state.waiters = [:] } }
            return state.writers == 0 ? Array(state.waiters.values) : []
        }
        for waiter in left { waiter.continuation.resume(throwing: failure(waiter.what, "has ended")) }
    }

    private func failure(_ what: String, _ how: String) -> Kamailio.Failure {
        let tail = lines.suffix(30).joined(separator: "\n")
        return Kamailio.Failure(description: "waited for \(what), but the process \(how); its last lines:\n\(tail)")
    }
}

/// Ports that nobody listens on at this moment.
enum FreePort {
    static func at(_ address: String) throws -> Int {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { throw Kamailio.Failure(description: "no socket") }
        defer { close(descriptor) }
        var name = sockaddr_in()
        name.sin_family = sa_family_t(AF_INET)
        inet_pton(AF_INET, address, &name.sin_addr)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &name) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                bind(descriptor, pointer, length) == 0 && getsockname(descriptor, pointer, &length) == 0
            }
        }
        guard isBound else { throw Kamailio.Failure(description: "no free port at \(address)") }
        return Int(UInt16(bigEndian: name.sin_port))
    }
}
