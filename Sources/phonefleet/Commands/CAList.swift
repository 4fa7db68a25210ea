import ArgumentParser
import DeploymentModel
import DeploymentStore
import Foundation

/// The command `phonefleet ca list`.
struct CAList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Show authorities, what they issued, and what each phone holds.",
        discussion:
            """
            A certificate is 'issued' until its phone is seen with it, 'held' from then on, and 'superseded' by a later one. \
            UNSEEN counts those that are 'issued', HELD those that are 'held': one for each phone, and two for one in \
            secure mode that also has a certificate for its web server.
            """
    )
    @Flag(help: "The certificates that were issued or came back, latest first.") var issued = false
    @Flag(help: "What each phone was seen with, by read-back and in its handshake.") var held = false
    @Flag(help: "Requests to an outside CA that wait for their certificates.") var requests = false
    @Option(
        help: ArgumentHelp("Only what expires within this time, such as 30d or 8w.", valueName: "time"))
    var expiringWithin: DaysArgument?
    @OptionGroup var selection: SelectionOptions
    @OptionGroup var global: GlobalOptions

    func validate() throws {
        guard [issued, held, requests].count(where: \.self) <= 1 else {
            throw ValidationError("choose one of --issued, --held and --requests")
        }
    }

    func run() async throws {
        let workspace = try Workspace.open(global)
        let limit = expiringWithin.map { Date().addingTimeInterval($0.seconds) }
        let chosen = try selection.selection()
        if requests {
            let ids = Set(try await workspace.devices(try selection.selectionOrAll()).map(\.id))
            let waiting = try await workspace.store.pendingRequests().filter { ids.contains($0.device) }
            return try RequestView.listing(waiting).write(as: global.format)
        }
        if issued {
            let ids = chosen.isEmpty ? nil : Set(try await workspace.devices(chosen).map(\.id))
            // What was superseded expires without anybody minding.
            let states: Set<IssuedCertificate.State>? = limit == nil ? nil : [.issued, .held]
            let found = try await workspace.store.issuedCertificates(
                IssuedFilter(devices: ids, states: states, expiringBefore: limit))
            return try IssuedView.listing(found).write(as: global.format)
        }
        if held || !chosen.isEmpty {
            let holdings = try await Holdings.load(from: workspace)
            let found = try await workspace.devices(try selection.selectionOrAll()).flatMap(holdings.of)
            return try Holdings.listing(found, expiringBefore: limit).write(as: global.format)
        }
        let certificates = try await workspace.store.issuedCertificates()
        let views = try await workspace.store.authorities().map { try AuthorityView($0, issued: certificates) }
        try AuthorityView.listing(views.filter { limit.map($0.notAfter.isBefore) ?? true }).write(as: global.format)
    }
}

extension Holding {
    /// Whether it expires before a moment; all do where there is none.
    func isExpiring(before limit: Date?) -> Bool {
        guard let limit else { return true }
        return notAfter.map { $0 < limit } ?? false
    }
}

extension Date {
    fileprivate func isBefore(_ limit: Date) -> Bool { self < limit }
}
