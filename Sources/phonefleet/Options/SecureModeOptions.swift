import ArgumentParser
import DeploymentEngine
import DeploymentModel
import DeploymentStore
import Foundation
import PhoneTransport

/// How phones that call are given certificates of their own.
struct SecureModeOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The authority that issues.", valueName: "name")) var ca: String?
    @Option(help: ArgumentHelp("Validity instead of the authority's usual one.", valueName: "n")) var days: Int?
    @Option(
        help: ArgumentHelp("How long phones that took the order are waited for, at least.", valueName: "duration"))
    var wait = DurationArgument(seconds: 0)
    @Option(help: ArgumentHelp("Most phones at work at one time.", valueName: "n")) var concurrency = 64
    @Option(help: ArgumentHelp("Longest silence of a phone before it counts as failed.", valueName: "duration"))
    var timeout = DurationArgument(seconds: 10)
    @OptionGroup var calls: CallOptions
    @Flag(help: "Do not ask.") var yes = false

    func validate() throws {
        try CertificateOptions.checkDays(days, "--days")
        guard (1...2000).contains(concurrency) else { throw ValidationError("--concurrency is 1 to 2000") }
        guard timeout.seconds > 0 else { throw ValidationError("--timeout is more than 0") }
    }

    /// Makes and keeps the certificates, and gives them to the phones; why it is not known that phones have them, by phone.
    func carryOut(
        _ work: SecureModeWork, _ devices: [Device], _ purpose: SecureModeWork.Purpose
    ) async throws -> [DeviceID: Fault] {
        let prepared = try await work.prepare(devices, for: purpose, at: Date())
        let trust = try await work.keep(prepared)
        return try await CallServer.during(in: work.workspace, calls.settings) { server in
            await visit(prepared) { phone, timeouts, patience in
                let visit = try await work.visit(
                    phone, to: server, trust, purpose, timeouts: timeouts, patience: patience)
                if purpose.isRenewal { try await visit.renew() } else { try await visit.carryOut() }
            }
        }
    }

    private func visit(
        _ prepared: [SecureModeWork.Prepared],
        _ visit: @escaping @Sendable (SecureModeWork.Prepared, ContactTimeouts, Double) async throws -> Void
    ) async -> [DeviceID: Fault] {
        let timeouts = ContactTimeouts(
            connect: min(5, timeout.seconds), handshake: timeout.seconds, reply: timeout.seconds)
        let patience = wait.seconds
        return await withTaskGroup(of: (DeviceID, Fault?).self) { group in
            var faults: [DeviceID: Fault] = [:]
            for (place, phone) in prepared.enumerated() {
                if place >= concurrency, let (id, fault) = await group.next() { faults[id] = fault }
                group.addTask {
                    do {
                        try await visit(phone, timeouts, patience)
                        return (phone.device.id, nil)
                    } catch {
                        return (phone.device.id, (error as? Fault) ?? Fault(.netClosed, subject: phone.device.label))
                    }
                }
            }
            for await (id, fault) in group { faults[id] = fault }
            return faults
        }
    }
}
