import ArgumentParser
import DeploymentEngine
import DeploymentModel
import DeploymentStore
import Foundation
import PhoneTransport

/// By which authority phones that call are given certificates of their own.
struct ClientCertificateOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The authority that issues.", valueName: "name")) var ca: String?
    @Option(help: ArgumentHelp("Validity instead of the authority's usual one.", valueName: "n")) var days: Int?

    func validate() throws { try CertificateOptions.checkDays(days, "--days") }

    func work(in workspace: Workspace) async throws -> SecureModeWork {
        SecureModeWork(workspace: workspace, by: try await OpenAuthority.open(ca, in: workspace), days: days)
    }
}

/// How phones are visited that are in secure mode, or on their way there.
struct SecureModeOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("How long phones that took the order are waited for, at least.", valueName: "duration"))
    var wait = DurationArgument(seconds: 0)
    @Option(help: ArgumentHelp("Most phones at work at one time.", valueName: "n")) var concurrency = 64
    @Option(help: ArgumentHelp("Longest silence of a phone before it counts as failed.", valueName: "duration"))
    var timeout = DurationArgument(seconds: 10)
    @OptionGroup var calls: CallOptions
    @Flag(help: "Do not ask.") var yes = false

    func validate() throws {
        guard (1...2000).contains(concurrency) else { throw ValidationError("--concurrency is 1 to 2000") }
        guard timeout.seconds > 0 else { throw ValidationError("--timeout is more than 0") }
    }

    /// Makes and keeps the certificates, and gives them to the phones; why it is not known that phones have them, by phone.
    func carryOut(
        _ work: SecureModeWork, _ devices: [Device], _ purpose: SecureModeWork.Purpose
    ) async throws -> [DeviceID: Fault] {
        let prepared = try await work.prepare(devices, for: purpose, at: Date())
        let trust = try await work.keep(prepared)
        // A phone that enters secure mode calls by itself; whether one that is given something there does, is not known.
        let pauses =
            purpose.isRenewal
            ? try await ContactPauses(in: work.workspace, calls.settings, least: wait.seconds) : nil
        return try await CallServer.during(
            in: work.workspace, calls.settings, presenting: purpose.presented?.inUse
        ) { server in
            await visit(prepared, \.device) { phone in
                let patience = pauses?.patience(with: phone.device.id) ?? wait.seconds
                let visit = try await work.visit(
                    phone, to: server, trust, purpose, timeouts: timeouts, patience: patience)
                if purpose.isRenewal { try await visit.renew() } else { try await visit.carryOut() }
            }
        }
    }

    var timeouts: ContactTimeouts {
        ContactTimeouts(connect: min(5, timeout.seconds), handshake: timeout.seconds, reply: timeout.seconds)
    }

    /// Visits phones, several at one time; why visits failed, by phone.
    func visit<Phone: Sendable>(
        _ phones: [Phone], _ device: (Phone) -> Device, _ visit: @escaping @Sendable (Phone) async throws -> Void
    ) async -> [DeviceID: Fault] {
        await withTaskGroup(of: (DeviceID, Fault?).self) { group in
            var faults: [DeviceID: Fault] = [:]
            for (place, phone) in phones.enumerated() {
                if place >= concurrency, let (id, fault) = await group.next() { faults[id] = fault }
                let (id, label) = (device(phone).id, device(phone).label)
                group.addTask {
                    do {
                        try await visit(phone)
                        return (id, nil)
                    } catch {
                        return (id, (error as? Fault) ?? Fault(.netClosed, subject: label))
                    }
                }
            }
            for await (id, fault) in group { faults[id] = fault }
            return faults
        }
    }
}
