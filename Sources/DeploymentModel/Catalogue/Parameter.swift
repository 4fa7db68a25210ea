/// A page of related parameters, as the original tool and the phones group them.
public struct ParameterTab: Hashable, Sendable {
    public var id: String
    public var name: String
    public var parameters: [Parameter]

    public init(id: String, name: String, parameters: [Parameter]) {
        self.id = id
        self.name = name
        self.parameters = parameters
    }
}

/// How sure a fact of the catalogue is, so that a help text never claims more than is known.
public enum Provenance: String, Hashable, Sendable, Codable, CaseIterable {
    /// Read in the original manual.
    case manual
    /// A heading of the original's index: the name is certain, the content was not seen.
    case index
    /// Read in a manual of the same family with later firmware.
    case sibling
    /// Known of the successor family.
    case successor
    /// Decided by this project, because nothing public says it.
    case decision
}

/// What a value is, which decides how it is checked, entered and shown.
public enum ValueKind: String, Hashable, Sendable, Codable, CaseIterable {
    case text, number, boolean, choice, address, host, port, duration, digits, password, file
}

/// One of the allowed values of a choice: what is sent and what people read.
public struct Choice: Hashable, Sendable, Codable {
    public var value: String
    public var label: String
    public init(value: String, label: String) {
        self.value = value
        self.label = label
    }
}

/// A parameter counts only while another one has one of these values.
public struct ParameterCondition: Hashable, Sendable, Codable {
    public var item: String
    public var values: [String]
    public init(item: String, values: [String]) {
        self.item = item
        self.values = values
    }
}

/// One thing that can be set on a phone type.
public struct Parameter: Hashable, Sendable {
    /// Name of the item on the wire.
    public var item: String
    /// The name as the manual prints it.
    public var label: String
    public var help: String
    public var kind: ValueKind
    /// Smallest and largest number (number, duration, port), both included.
    public var minimum: Int?
    public var maximum: Int?
    /// Shortest and longest text in characters, both included.
    public var minimumLength: Int?
    public var maximumLength: Int?
    /// The whole value has to match it; the dialect is that of ``ValuePattern``.
    public var pattern: String? {
        didSet { compiledPattern = pattern.map(ValuePattern.init) }
    }
    public var choices: [Choice]
    public var unit: String?
    public var defaultValue: String?
    /// Never read back by the phone, never shown by the tool.
    public var isSecret: Bool
    /// The phone shows it but does not take it.
    public var isReadOnly: Bool
    /// Takes effect only after a restart.
    public var needsRestart: Bool
    /// The instances of a repeated item; nil for a single one.
    public var indices: ClosedRange<Int>?
    /// The instances of the second (shifted) level of keys: ``indices`` + 1000; nil when there is none.
    public var shiftedIndices: ClosedRange<Int>?
    public var softwareFrom: SoftwareVersion?
    public var softwareTo: SoftwareVersion?
    public var onlyIf: ParameterCondition?
    /// Items with the same group name (and index) are taken or refused together.
    public var dependentGroup: String?
    public var provenance: Provenance
    /// ``pattern`` made ready; an inner nil stands for a pattern that cannot be read and matches nothing.
    var compiledPattern: ValuePattern??

    public init(
        item: String, label: String, help: String, kind: ValueKind, minimum: Int? = nil, maximum: Int? = nil,
        minimumLength: Int? = nil, maximumLength: Int? = nil, pattern: String? = nil, choices: [Choice] = [],
        unit: String? = nil, defaultValue: String? = nil, isSecret: Bool = false, isReadOnly: Bool = false,
        needsRestart: Bool = false, indices: ClosedRange<Int>? = nil, shiftedIndices: ClosedRange<Int>? = nil,
        softwareFrom: SoftwareVersion? = nil, softwareTo: SoftwareVersion? = nil, onlyIf: ParameterCondition? = nil,
        dependentGroup: String? = nil,
        provenance: Provenance
    ) {
        self.item = item
        self.label = label
        self.help = help
        self.kind = kind
        self.minimum = minimum
        self.maximum = maximum
        self.minimumLength = minimumLength
        self.maximumLength = maximumLength
        self.pattern = pattern
        self.choices = choices
        self.unit = unit
        self.defaultValue = defaultValue
        self.isSecret = isSecret
        self.isReadOnly = isReadOnly
        self.needsRestart = needsRestart
        self.indices = indices
        self.shiftedIndices = shiftedIndices
        self.softwareFrom = softwareFrom
        self.softwareTo = softwareTo
        self.onlyIf = onlyIf
        self.dependentGroup = dependentGroup
        self.provenance = provenance
        compiledPattern = pattern.map(ValuePattern.init)
    }
}

/// Item names that have a meaning beyond being a parameter, the same on every type.
public enum WellKnownItem {
    public static let terminalNumber = "e164"
    public static let administratorPassword = "admin-pwd"
    public static let deviceType = "device-type"
    public static let softwareVersion = "software-version"
    public static let macAddress = "mac-addr"
}
