import DeploymentEngine
import DeploymentModel
import DeploymentStore
import Foundation
import PhoneTransport
import Synchronization

/// What a close look at a phone that calls (WPI) found.
struct CallExamination: Sendable {
    var patient: Patient
    /// Where it was asked to call.
    var contactPort: Int
    /// Why the request to call was not taken; nil when the phone answered 204.
    var contactFault: Fault?
    /// What the phone said when it called; nil when it did not, or another program took the call.
    var call: HeardCall?
    /// Seconds from the request to the call; nil when it did not call.
    var calledAfter: Double?
    /// What was known of it before.
    var known: PhoneCalls?
    /// The cause; nil when all is well.
    var fault: Fault?
}

/// Looks closely at phones that call: whether they can be asked to, whether they do, and what becomes of the call.
struct CallExaminer: Sendable {
    let store: Store
    let book: any ContactBook
    let contactMe: ContactMe
    /// Where phones are told to call.
    let settings: CallSettings
    /// Hears the calls; nil when another program takes them, which tells the database of them.
    let ears: CallEars?
    let timeouts: ContactTimeouts
    /// How long a phone that took the request is waited for, in seconds.
    let patience: Double

    /// Does some work with an examiner that hears of calls, at the usual ports or through whoever has them.
    static func during<Outcome>(
        in workspace: Workspace, _ settings: CallSettings, timeouts: ContactTimeouts, patience: Double,
        _ work: (CallExaminer) async throws -> Outcome
    ) async throws -> Outcome {
        let ears = CallEars()
        let loops = EventLoops()
        func examiner(_ ears: CallEars?) async throws -> CallExaminer {
            let book = StoredContactBook(
                workspace.store, gap: settings.contactGap, try await workspace.store.devices(),
                try await workspace.store.calls())
            return CallExaminer(
                store: workspace.store, book: book, contactMe: ContactMe(loops: loops), settings: settings, ears: ears,
                timeouts: timeouts, patience: patience)
        }
        do {
            let outcome: Outcome
            do {
                outcome = try await CallServer.during(
                    in: workspace, settings, ears: .init(heard: { ears.hear($0, $1) })
                ) {
                    _ in try await work(try await examiner(ears))
                }
            } catch let fault as Fault where fault.code == .callPortTaken {
                outcome = try await work(try await examiner(nil))
            }
            try? await loops.shutDown()
            return outcome
        } catch {
            try? await loops.shutDown()
            throw error
        }
    }

    /// - Throws: what the database says; `CancellationError`.
    func examine(_ patient: Patient) async throws -> CallExamination {
        let known = try await patient.device.asyncMap { try await store.calls(of: [$0.id]).first }.flatMap(\.self)
        var found = CallExamination(
            patient: patient, contactPort: patient.device?.port ?? known?.contactPort ?? patient.port, known: known)
        try await claim(patient, found.contactPort)
        let watch = ears?.watch(patient)
        defer { watch?.end() }
        let asked = Date()
        do {
            let isSecure = patient.device?.wasAuthenticated == true
            try await contactMe.ask(
                patient.address, port: found.contactPort,
                callBack: .init(
                    address: settings.address ?? (settings.listen == "0.0.0.0" ? nil : settings.listen),
                    port: isSecure ? settings.securePort : settings.port ?? CallSettings.usualPort),
                timeouts: timeouts)
        } catch let fault as Fault {
            found.contactFault = fault
            if fault.code.rawValue.hasPrefix("net.") {
                try await book.withdrawContactMe(at: place(patient, found.contactPort))
            }
        }
        found.fault = found.contactFault
        // One that polls calls though it cannot be asked.
        if found.contactFault == nil || settings.pollPort != nil { try await listen(to: &found, watch, since: asked) }
        return found
    }

    private func place(_ patient: Patient, _ port: Int) -> String {
        patient.device?.mac?.description ?? "\(patient.address):\(port)"
    }

    /// Waits until the phone may be asked: never more often than it bears.
    private func claim(_ patient: Patient, _ port: Int) async throws {
        while let next = try await book.claimContactMe(at: place(patient, port), gap: ContactRule.minimumGap) {
            try await Task.sleep(for: .seconds(max(next.timeIntervalSinceNow, 0.1)))
        }
    }

    private func listen(to found: inout CallExamination, _ watch: CallEars.Watch?, since asked: Date) async throws {
        let device = found.patient.device
        if let watch, let (call, entry) = try await watch.first(within: patience) {
            found.call = call
            found.calledAfter = max(0, call.at.timeIntervalSince(asked))
            found.fault = entry.refusal
            if found.fault == nil, let listed = device?.type, let said = call.row.type, said != listed {
                found.fault = Fault(
                    .phoneWrongType, subject: found.patient.address,
                    detail: "listed as \(listed), the phone says \(call.row.deviceType ?? said.rawValue)")
            }
        } else if watch == nil, let device, let moment = try await lastCall(of: device.id, after: asked) {
            found.calledAfter = max(0, moment.timeIntervalSince(asked))
            found.fault = nil
        } else {
            found.fault = found.contactFault ?? Fault(.phoneDidNotCall, subject: found.patient.address)
        }
    }

    /// Asks the database for a call that another program took.
    private func lastCall(of device: DeviceID, after asked: Date) async throws -> Date? {
        let end = ContinuousClock.now + .seconds(patience)
        while ContinuousClock.now < end {
            if let last = try await store.calls(of: [device]).first?.lastCall, last > asked { return last }
            try await Task.sleep(for: .milliseconds(500))
        }
        return nil
    }
}

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
    func watch(_ patient: Patient) -> Watch {
        let (calls, feed) = AsyncStream.makeStream(of: Heard.self)
        let number = numbers.withLock { number in
            number += 1
            return number
        }
        let listener = Listener(mac: patient.device?.mac, address: patient.address, feed: feed)
        listeners.withLock { $0[number] = listener }
        return Watch(
            calls: calls, end: { [weak self] in _ = self?.listeners.withLock { $0.removeValue(forKey: number) } })
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
        let end: @Sendable () -> Void

        /// The first one; nil when there is none in so many seconds.
        func first(within seconds: Double) async throws -> Heard? {
            let calls = calls
            return try await withThrowingTaskGroup(of: Heard?.self) { group in
                group.addTask {
                    for await heard in calls { return heard }
                    return nil
                }
                group.addTask {
                    try await Task.sleep(for: .seconds(seconds))
                    return nil
                }
                defer { group.cancelAll() }
                return try await group.next() ?? nil
            }
        }
    }
}
