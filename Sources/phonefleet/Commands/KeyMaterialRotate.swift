import ArgumentParser
import DeploymentModel
import DeploymentStore
import Foundation

/// The command `phonefleet key-material rotate`.
struct KeyMaterialRotate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rotate",
        abstract: "Issue new key material, transfer it, and prove it, for many phones in one run.",
        discussion: """
            Each phone gets a certificate and key of an authority of 'phonefleet ca', as with 'key-material transfer': it \
            is authenticated by its present key material, believed by the old and the new trust profile meanwhile, and by \
            the new one alone when it has shown the new chain on a new connection. Without --ca a phone stays with the \
            authority that made what it has. With --expiring-within only phones are taken whose key material expires in \
            that time, of all phones without a selection; without --ca those of an outside CA are left alone.
            """)
    @OptionGroup var selection: SelectionOptions
    @Option(help: ArgumentHelp("The authority that issues.", valueName: "name")) var ca: String?
    @Option(
        help: ArgumentHelp(
            "Only phones whose key material expires within this time, such as 30d or 8w.", valueName: "time"))
    var expiringWithin: DaysArgument?
    @Flag(help: "Take what 'ca issue' or 'ca import' left for the phones instead of making more.") var issued = false
    @Option(help: ArgumentHelp("Validity instead of the authority's usual one.", valueName: "n")) var days: Int?
    @OptionGroup var options: FileRunOptions
    @OptionGroup var global: GlobalOptions

    func validate() throws {
        try CertificateOptions.checkDays(days, "--days")
        guard !issued || (ca == nil && days == nil) else {
            throw ValidationError("--issued takes what there is; --ca and --days are for new certificates")
        }
    }

    func run() async throws {
        let workspace = try Workspace.open(global)
        let rotation = MaterialRotation(workspace: workspace, source: issued ? .issued : .authority(ca), days: days)
        let devices = try await due(in: workspace, rotation)
        guard !devices.isEmpty else { return }
        let (materials, issuers) = try await rotation.materials(for: devices)
        let own = Set(materials.values.compactMap(\.ownProfile)).sorted { $0.name < $1.name }
        let work = try await KeyMaterialWork(workspace: workspace).transfer(
            materials.mapValues { ChosenMaterial(material: $0.material, origin: $0.origin) }, to: devices,
            trust: .each(
                materials.mapValues(\.certificate.profile), of: issuers.map { $0.by.record.trust(keeping: nil) },
                made: own))
        try await FileRun(workspace: workspace, options: options, global: global).carryOut(
            work, on: devices, question: "Replace the key material of \(Words.count(devices.count, "phone"))",
            keeping: {
                for issuer in issuers {
                    try await issuer.keep(materials.values.filter { $0.certificate.authority == issuer.by.record.name })
                }
            },
            tidying: {
                // Keys that phones have replaced are of no use, however it went with the others.
                try await workspace.store.removeSpentKeys()
            })
        try await SubjectProfiles.removeUnused(in: workspace)
    }

    /// The phones that are to be changed; none where no key material that can be renewed here expires so soon.
    private func due(in workspace: Workspace, _ rotation: MaterialRotation) async throws -> [Device] {
        let chosen = expiringWithin == nil ? try selection.selection() : try selection.selectionOrAll()
        let devices = try await workspace.someDevices(chosen)
        guard let expiringWithin else { return devices }
        let limit = Date().addingTimeInterval(expiringWithin.seconds)
        let (due, unknown) = try await rotation.expiring(before: limit, of: devices)
        let phones = Words.count(devices.count, "phone")
        global.say(
            "\(due.count) of \(phones) \(due.count == 1 ? "has" : "have") key material that expires by \(Words.day(limit))"
        )
        if unknown > 0 {
            let others = Words.count(unknown, "phone")
            global.say("of \(others) it is not known; 'phonefleet key-material read' finds out")
        }
        let renewed = try await rotation.renewable(of: due)
        let others = due.count - renewed.count
        if others > 0 {
            global.say(
                "\(others) of them \(others == 1 ? "is" : "are") left alone, certified by no authority here; renew with "
                    + "'ca csr' and 'ca import' or with 'key-material transfer', or name an authority with --ca")
        }
        return renewed
    }
}
