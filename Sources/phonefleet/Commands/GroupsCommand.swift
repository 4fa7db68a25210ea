import ArgumentParser
import DeploymentModel
import DeploymentStore

/// `phonefleet groups`: named sets of devices.
struct GroupsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "groups", abstract: "Name sets of devices.",
        subcommands: [List.self, Show.self, Save.self, Remove.self], defaultSubcommand: List.self)

    /// The command `phonefleet groups list`.
    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List the groups.")
        @OptionGroup var global: GlobalOptions

        func run() async throws {
            let groups = try await Workspace.open(global).store.groups()
            try Listing(
                noun: "groups", views: groups,
                columns: [
                    .init(title: "NAME", text: { $0.name }),
                    .init(title: "DEVICES", text: { String($0.members.count) }, alignsRight: true),
                ],
                whenEmpty: "no groups; 'phonefleet groups save NAME SELECTION' makes one"
            ).write(as: global.format)
        }
    }

    /// The command `phonefleet groups show NAME`.
    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List the devices of a group.")
        @Argument(help: "The group's name.") var name: String
        @OptionGroup var global: GlobalOptions

        func run() async throws {
            let workspace = try Workspace.open(global)
            let devices = try await workspace.devices(DeviceSelection(groups: [name]))
            let groups = try await workspace.groupsByDevice()
            try Listing(
                noun: "devices", views: devices.map { DeviceView($0, groups: groups[$0.id] ?? []) },
                columns: DeviceView.columns.filter { DeviceView.usualColumns.contains($0.name) }.map(\.column),
                whenEmpty: "the group has no devices"
            ).write(as: global.format)
        }
    }

    /// The command `phonefleet groups save NAME SELECTION`.
    struct Save: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make a group of the selected devices, or change one.",
            discussion: "Without --add or --take-out the group has just the selected devices afterwards.")
        @Argument(help: "The group's name.") var name: String
        @OptionGroup var selection: SelectionOptions
        @Flag(help: "Add the devices to those that the group has.") var add = false
        @Flag(help: "Take the devices out of the group.") var takeOut = false
        @OptionGroup var global: GlobalOptions

        func validate() throws {
            guard !(add && takeOut) else { throw ValidationError("choose one of --add and --take-out") }
        }

        func run() async throws {
            let workspace = try Workspace.open(global)
            let chosen = try await workspace.devices(try selection.selection()).map(\.id)
            let known = try await workspace.store.groups().first { $0.name == name }?.members ?? []
            var members = add || takeOut ? known : []
            if takeOut { members.removeAll(where: Set(chosen).contains) } else { members += chosen }
            try await workspace.store.saveGroup(DeviceGroup(name: name, members: members))
            global.say("group \(name) has \(Words.count(Set(members).count, "device"))")
        }
    }

    /// The command `phonefleet groups remove NAME`.
    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Remove a group; its devices stay.")
        @Argument(help: "The group's name.") var name: String
        @OptionGroup var global: GlobalOptions

        func run() async throws {
            let removal = try await Workspace.open(global).store.removeGroup(name)
            var text = "removed group \(name)"
            if removal.settings > 0 { text += " with \(Words.count(removal.settings, "setting"))" }
            global.say(text)
        }
    }
}
