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
    /// Read in the guide to the provisioning interface, of which not every page is public.
    case guide
    /// Seen in published messages of real phones and servers.
    case observed
    /// Used by programs that are known to have managed real phones.
    case implementation
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
///
/// A value that cannot be changed; copies share their content, since a catalogue holds thousands of them.
public struct Parameter: Sendable {
    let facts: ParameterFacts

    /// Name of the item on the wire.
    public var item: String { facts.item }
    /// The name as the manual prints it.
    public var label: String { facts.label }
    public var help: String { facts.help }
    public var kind: ValueKind { facts.kind }
    /// Smallest number (number, duration, port), included.
    public var minimum: Int? { facts.minimum }
    /// Largest number (number, duration, port), included.
    public var maximum: Int? { facts.maximum }
    /// Shortest text in characters, included.
    public var minimumLength: Int? { facts.minimumLength }
    /// Longest text in characters, included.
    public var maximumLength: Int? { facts.maximumLength }
    /// The whole value has to match it; the dialect is in `docs/reference/phone-types.md`.
    public var pattern: String? { facts.pattern }
    public var choices: [Choice] { facts.choices }
    public var unit: String? { facts.unit }
    public var defaultValue: String? { facts.defaultValue }
    /// Never read back by the phone, never shown by the tool.
    public var isSecret: Bool { facts.isSecret }
    /// The phone shows it but does not take it.
    public var isReadOnly: Bool { facts.isReadOnly }
    /// Goes with an order to the phone (to fetch a file, to restart), which does not keep it as a setting.
    public var isOnlyInOrders: Bool { facts.isOnlyInOrders }
    /// Takes effect only after a restart.
    public var needsRestart: Bool { facts.needsRestart }
    /// The instances of a repeated item, in ascending order without overlap; empty for a single one.
    public var indices: [ClosedRange<Int>] { facts.indices }
    /// The instances of the second (shifted) level of keys: ``indices`` + 1000; empty when there is none.
    public var shiftedIndices: [ClosedRange<Int>] { facts.shiftedIndices }
    public var softwareFrom: SoftwareVersion? { facts.softwareFrom }
    /// The last software that has the parameter, included.
    public var softwareTo: SoftwareVersion? { facts.softwareTo }
    public var onlyIf: ParameterCondition? { facts.onlyIf }
    /// Items with the same group name (and index) are taken or refused together.
    public var dependentGroup: String? { facts.dependentGroup }
    public var provenance: Provenance { facts.provenance }

    public init(
        item: String, label: String, help: String, kind: ValueKind, minimum: Int? = nil, maximum: Int? = nil,
        minimumLength: Int? = nil, maximumLength: Int? = nil, pattern: String? = nil, choices: [Choice] = [],
        unit: String? = nil, defaultValue: String? = nil, isSecret: Bool = false, isReadOnly: Bool = false,
        isOnlyInOrders: Bool = false, needsRestart: Bool = false, indices: [ClosedRange<Int>] = [],
        hasShiftedLevel: Bool = false, softwareFrom: SoftwareVersion? = nil, softwareTo: SoftwareVersion? = nil,
        onlyIf: ParameterCondition? = nil, dependentGroup: String? = nil, provenance: Provenance
    ) {
        facts = ParameterFacts(
            item: item, label: label, help: help, kind: kind, minimum: minimum, maximum: maximum,
            minimumLength: minimumLength, maximumLength: maximumLength, pattern: pattern, choices: choices, unit: unit,
            defaultValue: defaultValue, isSecret: isSecret, isReadOnly: isReadOnly, isOnlyInOrders: isOnlyInOrders,
            needsRestart: needsRestart, indices: indices,
            shiftedIndices: hasShiftedLevel ? indices.map { $0.lowerBound + 1000...$0.upperBound + 1000 } : [],
            softwareFrom: softwareFrom, softwareTo: softwareTo, onlyIf: onlyIf, dependentGroup: dependentGroup,
            provenance: provenance)
    }

    /// The same parameter for this software only, where it does not say so itself.
    func limited(from: SoftwareVersion?, to: SoftwareVersion?) -> Parameter {
        guard softwareFrom == nil && from != nil || softwareTo == nil && to != nil else { return self }
        return with(
            indices: indices, hasShiftedLevel: !shiftedIndices.isEmpty, softwareFrom: softwareFrom ?? from,
            softwareTo: softwareTo ?? to)
    }

    /// The same parameter with these instances.
    func with(indices: [ClosedRange<Int>], hasShiftedLevel: Bool) -> Parameter {
        with(indices: indices, hasShiftedLevel: hasShiftedLevel, softwareFrom: softwareFrom, softwareTo: softwareTo)
    }

    private func with(
        indices: [ClosedRange<Int>], hasShiftedLevel: Bool, softwareFrom: SoftwareVersion?,
        softwareTo: SoftwareVersion?
    ) -> Parameter {
        Parameter(
            item: item, label: label, help: help, kind: kind, minimum: minimum, maximum: maximum,
            minimumLength: minimumLength, maximumLength: maximumLength, pattern: pattern, choices: choices, unit: unit,
            defaultValue: defaultValue, isSecret: isSecret, isReadOnly: isReadOnly, isOnlyInOrders: isOnlyInOrders,
            needsRestart: needsRestart, indices: indices, hasShiftedLevel: hasShiftedLevel, softwareFrom: softwareFrom,
            softwareTo: softwareTo, onlyIf: onlyIf, dependentGroup: dependentGroup, provenance: provenance)
    }
}

/// What a ``Parameter`` holds, shared by its copies.
final class ParameterFacts: Sendable {
    let item: String
    let label: String
    let help: String
    let kind: ValueKind
    let minimum: Int?
    let maximum: Int?
    let minimumLength: Int?
    let maximumLength: Int?
    let pattern: String?
    let choices: [Choice]
    let unit: String?
    let defaultValue: String?
    let isSecret: Bool
    let isReadOnly: Bool
    let isOnlyInOrders: Bool
    let needsRestart: Bool
    let indices: [ClosedRange<Int>]
    let shiftedIndices: [ClosedRange<Int>]
    let softwareFrom: SoftwareVersion?
    let softwareTo: SoftwareVersion?
    let onlyIf: ParameterCondition?
    let dependentGroup: String?
    let provenance: Provenance
    /// ``pattern`` made ready; an inner nil stands for a pattern that cannot be read and matches nothing.
    let compiledPattern: ValuePattern??

    init(
        item: String, label: String, help: String, kind: ValueKind, minimum: Int?, maximum: Int?, minimumLength: Int?,
        maximumLength: Int?, pattern: String?, choices: [Choice], unit: String?, defaultValue: String?, isSecret: Bool,
        isReadOnly: Bool, isOnlyInOrders: Bool, needsRestart: Bool, indices: [ClosedRange<Int>],
        shiftedIndices: [ClosedRange<Int>], softwareFrom: SoftwareVersion?, softwareTo: SoftwareVersion?,
        onlyIf: ParameterCondition?, dependentGroup: String?, provenance: Provenance
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
        self.isOnlyInOrders = isOnlyInOrders
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

extension Parameter: Hashable {
    public static func == (left: Parameter, right: Parameter) -> Bool {
        left.facts === right.facts || left.isSame(as: right)
    }

    private func isSame(as other: Parameter) -> Bool {
        let sameValue =
            kind == other.kind && minimum == other.minimum && maximum == other.maximum
            && minimumLength == other.minimumLength && maximumLength == other.maximumLength
            && pattern == other.pattern && choices == other.choices && unit == other.unit
            && defaultValue == other.defaultValue
        let sameUse =
            isSecret == other.isSecret && isReadOnly == other.isReadOnly && isOnlyInOrders == other.isOnlyInOrders
            && needsRestart == other.needsRestart && indices == other.indices && shiftedIndices == other.shiftedIndices
            && softwareFrom == other.softwareFrom && softwareTo == other.softwareTo && onlyIf == other.onlyIf
            && dependentGroup == other.dependentGroup && provenance == other.provenance
        return item == other.item && label == other.label && help == other.help && sameValue && sameUse
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(item)
        hasher.combine(kind)
    }
}

/// Item names that have a meaning beyond being a parameter, the same on every type.
public enum WellKnownItem {
    public static let terminalNumber = "e164"
    public static let administratorPassword = "admin-pwd"
    public static let deviceType = "device-type"
    public static let softwareVersion = "software-version"
    /// Tells the types apart that have one device type and different software (SIP, HFA).
    public static let softwareType = "software-type"
    public static let macAddress = "mac-addr"
    /// Seconds that a phone lets pass between two reactions to a request to call.
    public static let contactGap = "dls-contact-interval"
    /// What the phone says of its server key material: `built-in`, or the certificate.
    public static let serverKeyMaterialInfo = "server-key-material-info"
    /// What the phone says of its client trusted certificates: `none`, or the certificates.
    public static let clientTrustedCertificatesInfo = "client-trusted-certificates-info"
    /// Whether the telephony client authenticates its server; follows from the trusted certificates.
    public static let telephonyServerCheck = "sip-tls-authentication-policy"
}
