import NIOCore
import Synchronization

/// The connections of one loop on which nothing was heard yet, the longest silent one first.
///
/// When there are too many connections, one of these makes room: a phone that calls is not shut out by peers that say
/// nothing. Lives on its loop.
final class SilentConnections {
    private var connections: [WeakConnection?] = []
    private var first = 0
    private var dropped = 0
    /// Bytes of unfinished requests, of all loops together.
    let held: HeldBytes

    private struct WeakConnection {
        weak var value: WPIConnection?
    }

    init(held: HeldBytes) {
        self.held = held
    }

    /// - Returns: its place, for ``remove(_:)``.
    func add(_ connection: WPIConnection) -> Int {
        connections.append(WeakConnection(value: connection))
        return dropped + connections.count - 1
    }

    func remove(_ place: Int) {
        guard place >= dropped + first else { return }
        connections[place - dropped] = nil
        compact()
    }

    /// Closes the longest silent one; false when there is none.
    func makeRoom() -> Bool {
        while first < connections.count {
            let connection = connections[first]?.value
            connections[first] = nil
            first += 1
            guard let connection else { continue }
            connection.makeRoom()
            return true
        }
        return false
    }

    private func compact() {
        while first < connections.count, connections[first] == nil { first += 1 }
        guard first > 256, first > connections.count / 2 else { return }
        connections.removeFirst(first)
        dropped += first
        first = 0
    }
}

/// A number of bytes that all loops change.
final class HeldBytes: Sendable {
    private let bytes = Atomic<Int>(0)

    var value: Int { bytes.load(ordering: .relaxed) }

    func add(_ count: Int) {
        bytes.add(count, ordering: .relaxed)
    }
}
