import ArgumentParser
import DeploymentModel

/// `phonefleet types`: the phone types that the tool knows.
struct TypesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "types", abstract: "Show the phone types and what can be set on them.",
        subcommands: [List.self, Show.self], defaultSubcommand: List.self)

    /// The command `phonefleet types list`.
    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List the phone types.")
        @OptionGroup var global: GlobalOptions

        func run() async throws {
            let catalogue = try CatalogueFiles.load(global.catalogue)
            try PhoneTypeView.listing(catalogue.types).write(as: global.format)
        }
    }

    /// The command `phonefleet types show TYPE`.
    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show the tabs and parameters of a type, with rules and help.")
        @Argument(help: "The type's ID or name, see 'phonefleet types list'.") var type: String
        @Option(help: ArgumentHelp("Only this tab.", valueName: "name")) var tab: String?
        @OptionGroup var global: GlobalOptions

        func run() async throws {
            let catalogue = try CatalogueFiles.load(global.catalogue)
            let type = try catalogue.knownType(type)
            var tabs = type.tabs
            if let name = tab {
                guard let tab = type.tab(named: name) else {
                    let near = NearestName.of(name, among: type.tabs.map(\.name))
                    throw Fault(
                        .inputNotFound, subject: name,
                        detail: "no such tab" + (near.map { ", did you mean \($0)?" } ?? ""))
                }
                tabs = [tab]
            }
            switch global.format {
            case .table: Terminal.writeOut(TypePage(type: type, tabs: tabs, palette: global.palette).text())
            case .json, .csv: try ParameterView.listing(tabs).write(as: global.format)
            }
        }
    }
}

extension Catalogue {
    /// The type that people mean by an id, a name, or what the phone calls itself.
    func knownType(_ name: String) throws(Fault) -> PhoneType {
        if let type = type(named: name) { return type }
        let near = suggestions(for: name).map(\.rawValue)
        throw Fault(
            .inputNotFound, subject: name,
            detail: near.isEmpty
                ? "no such phone type" : "no such phone type; did you mean \(near.joined(separator: " or "))?")
    }
}

/// A phone type in a list.
struct PhoneTypeView: Encodable {
    struct Access: Encodable {
        var softwareFrom: SoftwareVersion?
        var tls: Bool
        var port: Int
    }

    var id: PhoneTypeID
    var name: String
    var family: String
    var deviceType: String
    /// Further device types that the phones answer.
    var alsoAnswers: [String]?
    var softwareType: String?
    var `protocol`: ManagementProtocol
    var access: [Access]
    var tabs: Int
    var parameters: Int

    init(_ type: PhoneType) {
        id = type.id
        name = type.name
        family = type.family
        deviceType = type.deviceType
        alsoAnswers = type.alsoAnswers.isEmpty ? nil : type.alsoAnswers
        softwareType = type.softwareType
        `protocol` = type.managementProtocol
        access = type.access.map { Access(softwareFrom: $0.softwareFrom, tls: $0.tls, port: $0.port) }
        tabs = type.tabs.count
        parameters = type.parameterCount
    }

    var accessText: String {
        guard `protocol` == .direct else { return "WPI, contact-me \(access.first?.port ?? 0)" }
        return access.map { entry in
            (entry.softwareFrom.map { "from \($0) " } ?? "") + (entry.tls ? "TLS \(entry.port)" : "plain \(entry.port)")
        }.joined(separator: ", ")
    }

    static func listing(_ types: [PhoneType]) -> Listing<PhoneTypeView> {
        Listing(
            noun: "types", views: types.map(PhoneTypeView.init),
            columns: [
                .init(title: "ID", text: { $0.id.rawValue }),
                .init(title: "NAME", text: { $0.name }, onlyCSV: true),
                .init(title: "ACCESS", text: { $0.accessText }, wraps: true),
                .init(title: "TABS", text: { String($0.tabs) }, alignsRight: true),
                .init(title: "PARAMETERS", text: { String($0.parameters) }, alignsRight: true),
            ],
            whenEmpty: "no phone types")
    }
}

/// A parameter as programs read it.
struct ParameterView: Encodable {
    var tab: String
    var item: String
    var label: String
    var kind: ValueKind
    var rule: String
    var `default`: String?
    var unit: String?
    var secret: Bool
    var readOnly: Bool
    var restart: Bool
    var onlyInOrders: Bool
    /// First and last of each range of instances.
    var indices: [[Int]]?
    var shifted: Bool
    var onlyIf: String?
    var provenance: Provenance
    var help: String

    init(_ parameter: Parameter, tab: String) {
        self.tab = tab
        item = parameter.item
        label = parameter.label
        kind = parameter.kind
        rule = parameter.ruleDescription
        `default` = parameter.defaultValue
        unit = parameter.unit
        secret = parameter.isSecret
        readOnly = parameter.isReadOnly
        restart = parameter.needsRestart
        onlyInOrders = parameter.isOnlyInOrders
        indices = parameter.indices.isEmpty ? nil : parameter.indices.map { [$0.lowerBound, $0.upperBound] }
        shifted = !parameter.shiftedIndices.isEmpty
        onlyIf = parameter.onlyIf?.description
        provenance = parameter.provenance
        help = parameter.help
    }

    static func listing(_ tabs: [ParameterTab]) -> Listing<ParameterView> {
        Listing(
            noun: "parameters", views: tabs.flatMap { tab in tab.parameters.map { ParameterView($0, tab: tab.name) } },
            columns: [
                .init(title: "TAB", text: { $0.tab }),
                .init(title: "ITEM", text: { $0.item }),
                .init(title: "LABEL", text: { $0.label }),
                .init(title: "RULE", text: { $0.rule }),
                .init(title: "DEFAULT", text: { $0.default }),
                .init(title: "HELP", text: { $0.help }),
            ],
            whenEmpty: "no parameters")
    }
}

/// One phone type for reading: a heading, then each tab with its parameters, rules and help.
struct TypePage {
    var type: PhoneType
    var tabs: [ParameterTab]
    var palette: Palette

    func text() -> String {
        var text = palette.strong(type.name) + "\n"
        text += "id \(type.id), access \(PhoneTypeView(type).accessText)"
        let versions = type.softwareVersions.map(\.text)
        text += versions.isEmpty ? "\n" : ", software \(versions.joined(separator: ", "))\n"
        if let software = type.softwareType {
            text += "a phone of this type says \(type.answers.joined(separator: " or ")) with \(software)\n"
        }
        for tab in tabs { text += "\n" + section(tab) }
        return text
    }

    private func section(_ tab: ParameterTab) -> String {
        palette.strong(tab.name) + "\n" + tab.parameters.map(entry).joined()
    }

    private func entry(_ parameter: Parameter) -> String {
        var facts = [parameter.ruleDescription]
        if let value = parameter.defaultValue, !value.isEmpty { facts.append("default \(value)") }
        if !parameter.indices.isEmpty {
            let shifted = parameter.shiftedIndices.isEmpty ? "" : ", shifted level + 1000"
            facts.append("index \(parameter.indexDescription)\(shifted)")
        }
        if let condition = parameter.onlyIf { facts.append("only if \(condition)") }
        if let from = parameter.softwareFrom { facts.append("from software \(from)") }
        if parameter.isOnlyInOrders { facts.append("only in orders") }
        if parameter.isReadOnly { facts.append("read only") }
        if parameter.isSecret { facts.append("secret") }
        if parameter.needsRestart { facts.append("needs a restart") }
        let label = parameter.label + " [" + parameter.provenance.rawValue + "]"
        // A long name has the line for itself, so that nothing passes column 80.
        let gap = parameter.item.count + label.count > 76 ? "\n      " : "  "
        return "  \(parameter.item)\(gap)\(palette.faint(label))\n"
            + TextBlock.wrap(facts.joined(separator: "; "), indent: 6)
            + TextBlock.wrap(parameter.help, indent: 6)
    }
}

/// Running text in lines of at most 80 columns.
enum TextBlock {
    static func wrap(_ text: String, indent: Int, width: Int = 80) -> String {
        let margin = String(repeating: " ", count: indent)
        var lines: [String] = []
        var line = ""
        for word in text.split(separator: " ") {
            if line.isEmpty {
                line = String(word)
            } else if indent + line.count + 1 + word.count <= width {
                line += " " + word
            } else {
                lines.append(margin + line)
                line = String(word)
            }
        }
        if !line.isEmpty { lines.append(margin + line) }
        return lines.map { $0 + "\n" }.joined()
    }
}
