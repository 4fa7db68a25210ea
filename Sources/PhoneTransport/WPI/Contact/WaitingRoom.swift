import DeploymentModel
import Foundation
import Synchronization
import TLSMaterial

/// Who waits for which phone to call.
final class WaitingRoom: Sendable {
    private struct State {
        var byMAC: [MACAddress: [Waiter]] = [:]
        /// Those of which no MAC address is known.
        var byAddress: [String: [Waiter]] = [:]
        /// Those of which one is known, by where it is thought to be.
        var byPlace: [String: [Waiter]] = [:]
    }

    private let state = Mutex(State())

    /// Lets a waiter in; it leaves with ``leave(_:)``.
    func enter(_ waiter: Waiter) {
        state.withLock { state in
            if let mac = waiter.target.mac {
                state.byMAC[mac, default: []].append(waiter)
                state.byPlace[waiter.target.address, default: []].append(waiter)
            } else {
                state.byAddress[waiter.target.address, default: []].append(waiter)
            }
        }
    }

    func leave(_ waiter: Waiter) {
        state.withLock { state in
            if let mac = waiter.target.mac {
                state.byMAC[mac] = Self.without(waiter, state.byMAC[mac])
                state.byPlace[waiter.target.address] = Self.without(waiter, state.byPlace[waiter.target.address])
            } else {
                state.byAddress[waiter.target.address] = Self.without(waiter, state.byAddress[waiter.target.address])
            }
        }
    }

    private static func without(_ waiter: Waiter, _ waiters: [Waiter]?) -> [Waiter]? {
        let rest = waiters?.filter { $0 !== waiter } ?? []
        return rest.isEmpty ? nil : rest
    }

    /// Whether somebody waits for this phone.
    func isAwaited(_ mac: MACAddress) -> Bool {
        state.withLock { $0.byMAC[mac] != nil }
    }

    /// Tells those who wait for a phone of a call that was refused, or in which it gives up.
    ///
    /// They go on waiting: on the default port anybody may have called so.
    func note(_ words: String, of mac: MACAddress) {
        for waiter in state.withLock({ $0.byMAC[mac] ?? [] }) { waiter.note(words) }
    }

    /// Hands a session to the one who has waited longest for this phone and whose terms it meets.
    ///
    /// - Returns: false when there is no such waiter.
    func hand(_ session: WPISession, at time: Date) -> Bool {
        let (mac, address) = (session.line.mac, session.line.caller.address)
        let (waiters, neighbours) = state.withLock { state in
            ((state.byMAC[mac] ?? []) + (state.byAddress[address] ?? []), state.byPlace[address] ?? [])
        }
        // Behind one router many phones have one address, and none of them stands in another's place.
        if neighbours.count == 1, neighbours[0].target.mac != mac { neighbours[0].noteStranger(mac) }
        return waiters.contains { $0.take(session, at: time) }
    }
}

/// One who waits for one phone.
final class Waiter: Sendable {
    let target: PhoneTarget
    private let state = Mutex(State())

    private struct State {
        var outcome: Result<WPISession, any Error>?
        var continuation: CheckedContinuation<WPISession, any Error>?
        /// Why a call of this phone was not what is waited for.
        var refusal: Fault?
        /// Who called from the address of this phone instead.
        var stranger: MACAddress?
        var remark: String?
    }

    init(_ target: PhoneTarget) {
        self.target = target
    }

    /// Why the phone called in vain, if it did.
    var refusal: Fault? { state.withLock { $0.refusal } }

    /// Who called from the address of the phone instead of it, if anybody did.
    var stranger: MACAddress? { state.withLock { $0.stranger } }

    func noteStranger(_ mac: MACAddress) { state.withLock { $0.stranger = mac } }

    /// What came of a call in the phone's name that was none to wait for.
    var remark: String? { state.withLock { $0.remark } }

    func note(_ remark: String) { state.withLock { $0.remark = remark } }

    /// The session, as soon as the phone has called.
    ///
    /// - Throws: `CancellationError`.
    func session() async throws -> WPISession {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let outcome = state.withLock { state in
                    if state.outcome == nil { state.continuation = continuation }
                    return state.outcome
                }
                if let outcome { continuation.resume(with: outcome) }
            }
        } onCancel: {
            _ = settle(.failure(CancellationError()))
        }
    }

    /// The session; nil when `limit` returns before the phone has called.
    ///
    /// - Throws: also what `limit` throws.
    func session(before limit: @escaping @Sendable () async throws -> Void) async throws -> WPISession? {
        try await withThrowingTaskGroup(of: WPISession?.self) { group in
            group.addTask { try await self.session() }
            group.addTask {
                try await limit()
                return nil
            }
            defer { group.cancelAll() }
            return try await group.next().flatMap(\.self)
        }
    }

    /// Takes the session, unless the waiting is over or the phone did not prove itself as wanted.
    func take(_ session: WPISession, at time: Date) -> Bool {
        if case .tls(let profiles) = target.security {
            do throws(Fault) {
                guard session.line.caller.isSecure else {
                    throw Fault(.tlsPlainRefused, subject: target.address, detail: "it called on the default port")
                }
                try session.authenticate(by: profiles, at: time)
            } catch {
                state.withLock { $0.refusal = error }
                return false
            }
        }
        session.line.with { [reply = target.timeouts.reply] in $0.replySeconds = reply }
        return settle(.success(session))
    }

    private func settle(_ outcome: Result<WPISession, any Error>) -> Bool {
        let (isFirst, continuation) = state.withLock { state in
            guard state.outcome == nil else { return (false, CheckedContinuation<WPISession, any Error>?.none) }
            // Whoever waits gets it now; it is not kept beside, so that a session that is let go of ends.
            defer { state.continuation = nil }
            state.outcome = state.continuation == nil ? outcome : .failure(CancellationError())
            return (true, state.continuation)
        }
        continuation?.resume(with: outcome)
        return isFirst
    }
}
