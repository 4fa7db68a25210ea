import ArgumentParser
import DeploymentModel
import DeploymentStore
import Foundation

/// `phonefleet devices`: the device list.
struct DevicesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "devices", abstract: "Show and edit the device list.",
        subcommands: [
            List.self, Show.self, Add.self, Edit.self, Remove.self, DevicesImport.self, DevicesExport.self,
            DevicesNumber.self, DevicesRestart.self, DevicesFactoryReset.self,
        ], defaultSubcommand: List.self)

    /// The command `phonefleet devices list`.
    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List devices.")
        @OptionGroup var selection: SelectionOptions
        @Option(help: ArgumentHelp("Columns in this order, separated by commas; 'all' for all.", valueName: "names"))
        var columns: String?
        @Option(
            parsing: .unconditional,
            help: ArgumentHelp("Sort by a column; '-' before the name reverses.", valueName: "name"))
        var sort: String?
        @OptionGroup var global: GlobalOptions

        func run() async throws {
            let workspace = try Workspace.open(global)
            var devices = try await workspace.devices(try selection.selectionOrAll())
            if let sort { devices = try DeviceOrder(sort).sorted(devices) }
            let groups = try await workspace.groupsByDevice()
            let calls = Dictionary(uniqueKeysWithValues: try await workspace.store.calls().map { ($0.device, $0) })
            let listing = Listing(
                noun: "devices",
                views: devices.map { DeviceView($0, groups: groups[$0.id] ?? [], calls: calls[$0.id]) },
                columns: try chosenColumns(),
                whenEmpty: try selection.selection().isEmpty
                    ? "no devices; 'phonefleet scan RANGE' finds some" : "no device fits")
            try listing.write(as: global.format)
        }

        private func chosenColumns() throws -> [Listing<DeviceView>.Column] {
            let known = DeviceView.columns
            let names = columns.map { $0.split(separator: ",").map(String.init) } ?? DeviceView.usualColumns
            if names == ["all"] { return known.map(\.column) }
            return try names.map { name in
                guard let found = known.first(where: { $0.name == name.lowercased() }) else {
                    throw Fault(
                        .inputValue, subject: name,
                        detail: "no such column; there are \(known.map(\.name).joined(separator: ", "))")
                }
                return found.column
            }
        }
    }

    /// The command `phonefleet devices show DEVICE`.
    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show all that is known of a device.")
        @Argument(help: "ID, MAC address, IP address or terminal number.") var device: String
        @OptionGroup var global: GlobalOptions

        func run() async throws {
            let workspace = try Workspace.open(global)
            let device = try await workspace.device(device)
            let view = DeviceView(
                device, groups: try await workspace.store.groups(of: device.id),
                calls: try await workspace.store.calls(of: [device.id]).first,
                localChanges: try await workspace.store.localChanges(of: device.id))
            guard global.format == .table else {
                return try Listing(
                    noun: "devices", views: [view], columns: DeviceView.columns.map(\.column), whenEmpty: ""
                ).write(as: global.format)
            }
            let isUnknown = view.calls != nil && device.type.flatMap { workspace.catalogue[$0] } == nil
            for (name, column) in DeviceView.columns {
                let title = name.padding(toLength: 14, withPad: " ", startingAt: 0)
                let known = column.text(view)
                let text = name == "type" && isUnknown ? "\(known ?? "-"), not known; the phone calls (WPI)" : known
                Terminal.writeOut("\(title) \(SafeText.line(text ?? "-"))\n")
            }
            for (place, line) in (view.calls?.changeLines ?? []).enumerated() {
                Terminal.writeOut("\(place == 0 ? "changed at it " : "              ") \(SafeText.line(line))\n")
            }
            if isUnknown, !global.quiet {
                ErrorText.write(
                    hint:
                        "this phone calls (WPI), and the catalogue does not know its type: 'phonefleet diagnose --device \(device.id)' shows what it says it is; add that by a catalogue file (docs/how-to/add-a-phone-type.md), which it takes when it calls next, or at once with 'phonefleet devices edit \(device.id) --set-type'"
                )
            }
        }
    }

    /// The command `phonefleet devices add`.
    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Add a device by hand; it needs an address or a MAC address.")
        @OptionGroup var fields: DeviceFieldOptions
        @OptionGroup var global: GlobalOptions

        func run() async throws {
            let workspace = try Workspace.open(global)
            var device = Device(id: DeviceID(""))
            try fields.apply(to: &device, catalogue: workspace.catalogue)
            guard device.address != nil || device.mac != nil else {
                throw Fault(.inputValue, detail: "give at least --address or --mac")
            }
            let added = try await workspace.store.saveDevices(adding: [device])
            for device in added { global.say("added \(device.id)") }
        }
    }

    /// The command `phonefleet devices edit DEVICE`.
    struct Edit: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Change fields of a device.")
        @Argument(help: "ID, MAC address, IP address or terminal number.") var device: String
        @OptionGroup var fields: DeviceFieldOptions
        @OptionGroup var global: GlobalOptions

        func run() async throws {
            let workspace = try Workspace.open(global)
            var device = try await workspace.device(device)
            let before = device
            try fields.apply(to: &device, catalogue: workspace.catalogue)
            guard device != before else {
                throw Fault(.inputValue, subject: before.id.rawValue, detail: "nothing to change")
            }
            // A person looked at the entry, so a conflict counts as settled.
            if device.status == .conflict { device.status = .new }
            try await workspace.store.saveDevices(updating: [device])
            if fields.forgetAuthentication,
                try await workspace.store.calls(of: [device.id]).first?.secureMode != nil
            {
                try await workspace.store.setSecureMode(nil, of: device.id)
            }
            global.say("changed \(device.id)")
        }
    }

    /// The command `phonefleet devices remove`.
    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Remove devices from the list.")
        @OptionGroup var selection: SelectionOptions
        @Flag(help: "Do not ask.") var yes = false
        @OptionGroup var global: GlobalOptions

        func run() async throws {
            let workspace = try Workspace.open(global)
            let devices = try await workspace.someDevices(try selection.selection())
            try Question.confirm(
                "Remove \(Words.count(devices.count, "device")) from the list", yes: yes || devices.count == 1)
            let removal = try await workspace.store.removeDevices(devices.map(\.id))
            var text = "removed \(Words.count(devices.count, "device"))"
            if removal.settings > 0 { text += " and \(Words.count(removal.settings, "setting")) of their own" }
            global.say(text)
        }
    }
}

/// The fields of a device that a person can set.
struct DeviceFieldOptions: ParsableArguments {
    @Option(help: ArgumentHelp("IP address or host name.", valueName: "address")) var address: String?
    @Option(help: ArgumentHelp("Port, where it is not the catalogue's; 0 for the catalogue's.", valueName: "port"))
    var port: Int?
    @Option(help: ArgumentHelp("MAC address.", valueName: "mac")) var mac: String?
    @Option(help: ArgumentHelp("Terminal number; 'none' for none.", valueName: "number")) var number: String?
    @Option(
        name: .customLong("set-type"), help: ArgumentHelp("Phone type, see 'phonefleet types list'.", valueName: "type")
    ) var setType: String?
    @Option(help: ArgumentHelp("A remark.", valueName: "text")) var note: String?
    @Flag(
        help:
            "Forget that the phone was once authenticated; only for a phone whose software you replaced by one without TLS, or that left secure mode by a factory reset."
    )
    var forgetAuthentication = false

    func apply(to device: inout Device, catalogue: Catalogue) throws(Fault) {
        if let address {
            guard let range = try? AddressRange(address), range.count == 1 else {
                throw Fault(.inputValue, subject: address, detail: "not an IP address or host name")
            }
            device.address = address
        }
        if let port {
            guard (0...65_535).contains(port) else {
                throw Fault(.inputValue, subject: "\(port)", detail: "a port is 1...65535")
            }
            device.port = port == 0 ? nil : port
        }
        if let mac {
            guard let parsed = MACAddress(mac) else {
                throw Fault(.inputValue, subject: mac, detail: "not a MAC address")
            }
            device.mac = parsed
        }
        if let number {
            guard number != "none" else { return device.number = nil }
            guard let parsed = TerminalNumber(number) else {
                throw Fault(
                    .inputValue, subject: number,
                    detail: "a terminal number is 1 to 24 of 0-9 * # with or without a leading +")
            }
            device.number = parsed
        }
        if let setType { device.type = try catalogue.knownType(setType).id }
        if let note { device.note = note }
        if forgetAuthentication { device.wasAuthenticated = false }
    }
}

/// An order of the device list by one column.
struct DeviceOrder {
    private var key: String
    private var isReversed: Bool

    init(_ text: String) throws(Fault) {
        isReversed = text.hasPrefix("-")
        key = isReversed ? String(text.dropFirst()) : text
        let known = ["id", "mac", "address", "number", "type", "software", "status", "last-seen"]
        guard known.contains(key) else {
            throw Fault(.inputValue, subject: key, detail: "sort by one of \(known.joined(separator: ", "))")
        }
    }

    func sorted(_ devices: [Device]) -> [Device] {
        let sorted = devices.sorted { isBefore($0, $1) }
        return isReversed ? sorted.reversed() : sorted
    }

    private func isBefore(_ left: Device, _ right: Device) -> Bool {
        switch key {
        case "mac": (left.mac?.value ?? .max, left.id) < (right.mac?.value ?? .max, right.id)
        case "address": (addressKey(left), left.id) < (addressKey(right), right.id)
        case "number": (left.number?.rawValue ?? "~", left.id) < (right.number?.rawValue ?? "~", right.id)
        case "type": (left.type?.rawValue ?? "~", left.id) < (right.type?.rawValue ?? "~", right.id)
        case "software":
            (left.softwareVersion ?? SoftwareVersion(""), left.id) < (
                right.softwareVersion ?? SoftwareVersion(""), right.id
            )
        case "status": (left.status.rawValue, left.id) < (right.status.rawValue, right.id)
        case "last-seen":
            (left.lastSeen?.timeIntervalSince1970 ?? 0, left.id) < (
                right.lastSeen?.timeIntervalSince1970 ?? 0, right.id
            )
        default: left.id < right.id
        }
    }

    /// Numeric for IPv4, so that .9 comes before .10.
    private func addressKey(_ device: Device) -> String {
        guard let address = device.address else { return "~" }
        guard let number = IPv4Address(address) else { return address }
        let digits = String(number.value)
        return String(repeating: "0", count: 10 - digits.count) + digits
    }
}
