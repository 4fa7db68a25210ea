import ArgumentParser
import DeploymentModel
import DeploymentStore

/// The command `phonefleet devices number`.
struct DevicesNumber: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "number", abstract: "Give devices terminal numbers one after the other.",
        discussion: "Example: phonefleet devices number --all --prefix 4989722 --start 3200 --order mac")
    @OptionGroup var selection: SelectionOptions
    @Option(help: ArgumentHelp("What stands before every number.", valueName: "digits")) var prefix = ""
    @Option(help: ArgumentHelp("The first number; leading zeros keep the width.", valueName: "number")) var start:
        String
    @Option(help: ArgumentHelp("Difference from one number to the next.", valueName: "number")) var step = 1
    @Option(help: ArgumentHelp("Fewest digits of the part that counts up; filled with zeros.", valueName: "digits"))
    var width: Int?
    @Option(help: "Order in which the devices are numbered.") var order: NumberSeries.Order = .mac
    @Flag(help: "Devices that have a number keep it.") var keep = false
    @Flag(help: "Skip numbers that other devices have, instead of refusing.") var skipTaken = false
    @Flag(help: "Show the numbers and change nothing.") var dryRun = false
    @OptionGroup var global: GlobalOptions

    func run() async throws {
        let workspace = try Workspace.open(global)
        let all = try await workspace.store.devices()
        let selected = try await workspace.someDevices(try selection.selection())
        let series = try NumberSeries(prefix: prefix, start: start, step: step, width: width)
        let assignments = try series.assign(
            to: selected, among: all, order: order, keepsExisting: keep, policy: skipTaken ? .skip : .refuse)
        let numbers = Dictionary(uniqueKeysWithValues: assignments.map { ($0.device, $0.number) })
        let changed = selected.compactMap { device -> Device? in
            guard let number = numbers[device.id], number != device.number else { return nil }
            var device = device
            device.number = number
            return device
        }
        try NumberView.listing(assignments, devices: selected).write(as: global.format)
        guard !dryRun else { return global.say("nothing was changed") }
        try await workspace.store.saveDevices(updating: changed)
        global.say("numbered \(Words.count(changed.count, "device"))")
    }
}

/// A number that a device gets.
struct NumberView: Encodable {
    var device: DeviceID
    var mac: MACAddress?
    var before: TerminalNumber?
    var number: TerminalNumber

    static func listing(_ assignments: [NumberAssignment], devices: [Device]) -> Listing<NumberView> {
        let macs = Dictionary(uniqueKeysWithValues: devices.map { ($0.id, $0.mac) })
        return Listing(
            noun: "numbers",
            views: assignments.map {
                NumberView(device: $0.device, mac: macs[$0.device] ?? nil, before: $0.before, number: $0.number)
            },
            columns: [
                .init(title: "ID", text: { $0.device.rawValue }),
                .init(title: "MAC", text: { $0.mac?.description }),
                .init(title: "BEFORE", text: { $0.before?.rawValue }),
                .init(title: "NUMBER", text: { $0.number.rawValue }),
            ],
            whenEmpty: "no device needs a number")
    }
}
