import ArgumentParser
import DeploymentEngine
import DeploymentModel
import DeploymentStore
import Foundation
import PhoneTransport
import TLSMaterial

/// The command `phonefleet secure-mode trust-server`.
struct SecureModeTrustServer: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "trust-server",
        abstract: "Have phones in secure mode trust the authorities of this program's certificates, and no others.",
        discussion: """
            Each phone is told the authority of the certificate in use, and that of the one kept beside it if there is one \
            (see 'phonefleet config server-certificate'), over the connection on which both proved themselves. It counts \
            when the phone has called a port at which the other certificate is presented; what it believed before it \
            believes until then, so that no phone is lost. A phone reacts to being asked to call once in its contact gap, and \
            is asked twice, so it is waited for that long. Phones that are known to trust just these are left alone. \
            Phones that missed a change and still believe only the certificate beside are reached by that.
            """)
    @OptionGroup var selection: SelectionOptions
    @Option(
        help: ArgumentHelp(
            "Where phones call to prove that they believe the certificate that is kept beside.", valueName: "port"))
    var proofPort = 18_445
    @OptionGroup var options: SecureModeOptions
    @OptionGroup var global: GlobalOptions

    func validate() throws {
        guard (1...65_535).contains(proofPort) else { throw ValidationError("--proof-port is 1 to 65535") }
        let others = [options.calls.port, options.calls.securePort, options.calls.pollPort]
        guard !others.contains(proofPort) else { throw ValidationError("--proof-port is a port of its own") }
    }

    func run() async throws {
        let workspace = try Workspace.open(global)
        let secure = try await workspace.secure(try await workspace.someDevices(try selection.selection()), global)
        let work = try await ServerTrustWork(in: workspace)
        let due = secure.filter { !work.isDone($0) }
        if due.count < secure.count {
            let done = secure.count - due.count
            global.say("\(Words.count(done, "phone")) \(done == 1 ? "trusts" : "trust") just these already")
        }
        guard !due.isEmpty else { return }
        try Question.confirm(Self.question(work, due.count), yes: options.yes)
        try await workspace.store.claiming(due.map(\.id)) {
            // Somebody else may have been at work until now.
            let work = try await ServerTrustWork(in: workspace)
            let pauses = try await ContactPauses(in: workspace, options.calls.settings, least: options.wait.seconds)
            let faults = try await visit(due.filter { !work.isDone($0) }, work, pauses)
            try SecureModeView.tell(faults, due, try await workspace.modes(of: due), as: global.format)
        }
    }

    private static func question(_ work: ServerTrustWork, _ count: Int) -> String {
        let names = work.presented.authorities.map(\.subject.description).joined(separator: " and ")
        return "Have \(Words.count(count, "phone")) trust \(names), and nothing else"
    }

    private func visit(
        _ devices: [Device], _ work: ServerTrustWork, _ pauses: ContactPauses
    ) async throws -> [DeviceID: Fault] {
        let settings = options.calls.settings
        return try await CallServer.during(in: work.workspace, settings, presenting: work.presented.inUse) { server in
            guard let beside = work.presented.beside else {
                return await visit(devices, work, .init(inUse: server), pauses)
            }
            var proof = settings
            (proof.port, proof.securePort, proof.pollPort) = (nil, proofPort, nil)
            return try await CallServer.during(in: work.workspace, proof, presenting: beside) { other in
                await visit(devices, work, .init(inUse: server, beside: other), pauses)
            }
        }
    }

    private func visit(
        _ devices: [Device], _ work: ServerTrustWork, _ places: ServerTrustWork.Places, _ pauses: ContactPauses
    ) async -> [DeviceID: Fault] {
        await options.visit(devices, { $0 }) { device in
            let patience = pauses.patience(with: device.id)
            let visit = try work.visit(device, places, timeouts: options.timeouts, patience: patience)
            try await visit.trustServer()
        }
    }
}
