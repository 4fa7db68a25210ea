public import DeploymentModel
import Synchronization

/// Keeps every event of a run and lets a test wait for one, without sleeping.
public final class EventRecorder: TransferObserver {
    private struct Waiter {
        var matches: @Sendable (TransferEvent) -> Bool
        var continuation: CheckedContinuation<TransferEvent?, Never>
    }

    private struct State {
        var events: [TransferEvent] = []
        var waiters: [Int: Waiter] = [:]
        var issued = 0
    }

    private let state = Mutex(State())

    public init() {}

    public func receive(_ event: TransferEvent) {
        let woken = state.withLock { state in
            state.events.append(event)
            let woken = state.waiters.filter { $0.value.matches(event) }
            for key in woken.keys { state.waiters[key] = nil }
            return woken.values.map(\.continuation)
        }
        for continuation in woken { continuation.resume(returning: event) }
    }

    /// Everything so far, in the order of arrival.
    public var events: [TransferEvent] { state.withLock { $0.events } }

    public func events(of device: DeviceID) -> [TransferEvent] { events.filter { $0.device == device } }

    /// The first event that matches, past or to come; nil when the task is cancelled first.
    public func first(_ matches: @escaping @Sendable (TransferEvent) -> Bool) async -> TransferEvent? {
        let number = state.withLock { state in
            state.issued += 1
            return state.issued
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                enlist(number, Waiter(matches: matches, continuation: continuation))
            }
        } onCancel: {
            let waiter = state.withLock { $0.waiters.removeValue(forKey: number) }
            waiter?.continuation.resume(returning: nil)
        }
    }

    private func enlist(_ number: Int, _ waiter: Waiter) {
        let known = state.withLock { state -> TransferEvent?? in
            if let known = state.events.first(where: waiter.matches) { return known }
            if Task.isCancelled { return .some(nil) }
            state.waiters[number] = waiter
            return nil
        }
        if let known { waiter.continuation.resume(returning: known) }
    }
}
