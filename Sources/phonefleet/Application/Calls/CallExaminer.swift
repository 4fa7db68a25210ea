import DeploymentEngine
import DeploymentModel
import DeploymentStore
import Foundation
import PhoneTransport

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
        // As the store judges its calls.
        let isSecure = patient.device?.wasAuthenticated == true || known?.secureMode == .active
        let watch = ears?.watch(patient, provesItself: isSecure)
        defer { watch?.end() }
        let asked = Date()
        do {
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
        if let watch, let (call, entry) = try await watch.best(within: patience) {
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
