import ArgumentParser
import DeploymentModel
import DeploymentStore
import Foundation

/// The command `phonefleet secure-mode renew`.
struct SecureModeRenew: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "renew",
        abstract: "Give phones in secure mode a new certificate in place of the one they call with.",
        discussion: """
            The new key and certificate go to a phone over the connection on which it proved itself by the certificate that \
            it has. It counts when the phone has called with the new one; until then it is known by both, and the command, \
            given again, goes on where it ended. One that does not call by itself is asked to again when its contact gap is \
            over, and waited for that long. A phone whose certificate has expired can not prove itself any more: it has \
            to be reset and brought into secure mode anew.
            """)
    @OptionGroup var selection: SelectionOptions
    @Option(
        help: ArgumentHelp(
            "Only phones whose certificate expires within this time, such as 30d or 8w.", valueName: "time"))
    var expiringWithin: DaysArgument?
    @OptionGroup var certificates: ClientCertificateOptions
    @OptionGroup var options: SecureModeOptions
    @OptionGroup var global: GlobalOptions

    func run() async throws {
        let workspace = try Workspace.open(global)
        let devices = try await due(in: workspace)
        guard !devices.isEmpty else { return }
        let work = try await certificates.work(in: workspace)
        try work.check(devices)
        try Question.confirm(
            "Renew the certificates with which \(Words.count(devices.count, "phone")) call", yes: options.yes)
        try await workspace.store.claiming(devices.map(\.id)) {
            let faults = try await options.carryOut(work, devices, .renewal)
            // Keys that phones have replaced are of no use any more.
            try await workspace.store.removeSpentKeys()
            try SecureModeView.tell(faults, devices, try await workspace.modes(of: devices), as: global.format)
        }
    }

    /// The phones that are in secure mode, and whose certificate ends soon where that was asked for.
    private func due(in workspace: Workspace) async throws -> [Device] {
        let chosen = try await workspace.someDevices(
            expiringWithin == nil ? try selection.selection() : try selection.selectionOrAll())
        let secure = try await workspace.secure(chosen, global)
        guard let expiringWithin else { return secure }
        let limit = Date().addingTimeInterval(expiringWithin.seconds)
        let ending = try await workspace.store.issuedCertificates(
            IssuedFilter(devices: Set(secure.map(\.id)), states: [.held], expiringBefore: limit))
        let ids = Set(ending.filter { $0.purpose == .client }.compactMap(\.holder.device))
        let due = secure.filter { ids.contains($0.id) }
        global.say(
            "\(due.count) of \(Words.count(secure.count, "phone")) \(due.count == 1 ? "has" : "have") a certificate that "
                + "expires by \(Words.day(limit))")
        return due
    }
}
