import DeploymentModel
import Synchronization

/// Hears of calls, for those who wait for one phone each.
final class CallEars: Sendable {
    typealias Heard = (call: HeardCall, entry: CallEntry)

    private struct Listener {
        var mac: MACAddress?
        var address: String
        var feed: AsyncStream<Heard>.Continuation
    }

    private let listeners = Mutex<[Int: Listener]>([:])
    private let numbers = Mutex(0)

    /// The calls of one phone from now on, known by its MAC address, or by its address where that is not known.
    ///
    /// - Parameter provesItself: whether the phone is known to prove who it is when it calls.
    func watch(_ patient: Patient, provesItself: Bool) -> Watch {
        let (calls, feed) = AsyncStream.makeStream(of: Heard.self)
        let number = numbers.withLock { number in
            number += 1
            return number
        }
        let listener = Listener(mac: patient.device?.mac, address: patient.address, feed: feed)
        listeners.withLock { $0[number] = listener }
        return Watch(
            calls: calls, provesItself: provesItself,
            end: { [weak self] in _ = self?.listeners.withLock { $0.removeValue(forKey: number) } })
    }

    func hear(_ call: HeardCall, _ entry: CallEntry) {
        listeners.withLock { listeners in
            for listener in listeners.values {
                let isMeant = listener.mac.map { $0 == call.row.mac } ?? (listener.address == call.row.address)
                if isMeant { listener.feed.yield((call, entry)) }
            }
        }
    }

    /// The calls of one phone.
    struct Watch: Sendable {
        fileprivate let calls: AsyncStream<Heard>
        fileprivate let provesItself: Bool
        let end: @Sendable () -> Void

        /// The call by which the phone can be judged; nil when there is none in so many seconds.
        ///
        /// Anybody can call in a phone's name. A call that proves who it is decides at once. So does the first one that is
        /// let in of a phone that proves nothing, for nobody can tell it from another's. All others, which are those that
        /// are refused and those without proof of a phone that has one, may be somebody else's while the phone itself is on
        /// its way: the first of them is the answer only if nothing better comes in time.
        func best(within seconds: Double) async throws -> Heard? {
            try await withThrowingTaskGroup(of: Heard?.self) { group in
                // What was heard until then, when the time is up and the task is cancelled.
                group.addTask { [self] in await listen() }
                group.addTask {
                    try await Task.sleep(for: .seconds(seconds))
                    return nil
                }
                defer { group.cancelAll() }
                if let heard = try await group.next() ?? nil { return heard }
                group.cancelAll()
                return try await group.next() ?? nil
            }
        }

        private func listen() async -> Heard? {
            var first: Heard?
            for await heard in calls {
                if isDecisive(heard) { return heard }
                first = first ?? heard
            }
            return first
        }

        private func isDecisive(_ heard: Heard) -> Bool {
            heard.call.row.tls || (!provesItself && heard.entry.refusal == nil)
        }
    }
}
