import ArgumentParser
import DeploymentModel
import DeploymentStore

/// Which devices a command is about.
struct SelectionOptions: ParsableArguments {
    @Option(
        name: .long,
        help: ArgumentHelp("A device by ID, MAC address, IP address or terminal number.", valueName: "device"))
    var device: [String] = []

    @Option(name: .long, help: ArgumentHelp("The devices of a group.", valueName: "name"))
    var group: [String] = []

    @Option(name: .long, help: ArgumentHelp("The devices of a phone type.", valueName: "type"))
    var type: [String] = []

    @Option(
        name: .customLong("where"),
        help: ArgumentHelp(
            "The devices that fit, for example 'software<V3.0 and group=floor2'.", valueName: "expression"))
    var condition: String?

    @Flag(name: .long, help: "All devices of the list.")
    var all = false

    /// The selection as a value; throws `input.selection` for an expression that cannot be read.
    func selection() throws -> DeviceSelection {
        DeviceSelection(
            devices: device, groups: group, types: type, filter: try condition.map { try DeviceFilter($0) }, all: all)
    }

    /// The same, with all devices where nothing was chosen.
    func selectionOrAll() throws -> DeviceSelection {
        var selection = try selection()
        if selection.isEmpty { selection.all = true }
        return selection
    }
}

/// On which layer a setting is made.
struct LayerOptions: ParsableArguments {
    @Option(name: .long, help: ArgumentHelp("For all phones of a type.", valueName: "type")) var type: String?
    @Flag(name: .long, help: "For all phones; the default.") var site = false
    @Option(name: .long, help: ArgumentHelp("For the phones of a group.", valueName: "name")) var group: String?
    @Option(
        name: .long,
        help: ArgumentHelp("For one phone, by ID, MAC address, IP address or terminal number.", valueName: "device")
    )
    var device: String?

    func validate() throws {
        let chosen = [type != nil, site, group != nil, device != nil].filter(\.self).count
        guard chosen <= 1 else { throw ValidationError("choose one of --type, --site, --group and --device") }
    }

    /// The layer that was chosen; nil when none was.
    func layer(in workspace: Workspace) async throws -> SettingLayer? {
        if let type { return .type(try workspace.catalogue.knownType(type).id) }
        if let group {
            let names = try await workspace.store.groups().map(\.name)
            guard names.contains(group) else {
                throw Fault(
                    .inputNotFound, subject: group, detail: "no such group" + NearestName.hint(group, among: names))
            }
            return .group(group)
        }
        if let device { return .device(try await workspace.device(device).id) }
        return site ? .site : nil
    }
}
