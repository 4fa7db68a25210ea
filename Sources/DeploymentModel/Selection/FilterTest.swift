/// A field by which devices are filtered.
enum FilterField: String, Hashable, Sendable, CaseIterable {
    case id, mac, ip, number, type, family, software, status, group, note, tls, trusted

    /// Other words for the fields.
    private static let synonyms: [String: FilterField] = [
        "address": .ip, "version": .software, "firmware": .software, "groups": .group, "e164": .number,
    ]

    init?(named name: String) {
        let name = name.lowercased()
        guard let field = FilterField(rawValue: name) ?? Self.synonyms[name] else { return nil }
        self = field
    }

    static var names: [String] { allCases.map(\.rawValue) + synonyms.keys.sorted() }

    var hasOrder: Bool { self == .id || self == .mac || self == .ip || self == .number || self == .software }
    var isYesOrNo: Bool { self == .tls || self == .trusted }
}

/// One comparison of a filter, checked and made ready.
struct FilterTest: Hashable, Sendable {
    let field: FilterField
    let operation: FilterOperation
    private let value: Value

    private enum Value: Hashable, Sendable {
        /// In lower case.
        case text(String)
        case pattern(Glob)
        case software(SoftwareVersion)
        case addresses(AddressRange)
        case address(UInt32)
        case mac(MACAddress)
        case yes(Bool)
    }

    init(
        field name: String, operation: FilterOperation, value: String, column: Int, valueColumn: Int
    ) throws(FilterLexer.Problem) {
        guard let field = FilterField(named: name) else {
            let hint = NearestName.hint(name, among: FilterField.names)
            let fields = FilterField.allCases.map(\.rawValue).joined(separator: ", ")
            let detail =
                "there is no field \(ASCIIText.quoted(name))\(hint.isEmpty ? ", the fields are \(fields)" : hint)"
            throw FilterLexer.Problem(column: column, detail: detail)
        }
        let isAllowed = !(operation.isOrder && !field.hasOrder) && !(operation == .matches && field.isYesOrNo)
        guard isAllowed else {
            let allowed = field.isYesOrNo ? "= and !=" : "=, != and ~"
            throw FilterLexer.Problem(column: column, detail: "\(field.rawValue) is compared with \(allowed) only")
        }
        self.field = field
        self.operation = operation
        do {
            self.value = try Self.value(value, of: field, for: operation)
        } catch let problem {
            throw FilterLexer.Problem(column: valueColumn, detail: problem.detail)
        }
    }

    private struct BadValue: Error {
        var detail: String
    }

    private static func value(
        _ text: String, of field: FilterField, for operation: FilterOperation
    ) throws(BadValue) -> Value {
        if operation == .matches { return .pattern(Glob(text)) }
        switch field {
        case .software where !text.isEmpty:
            let hasDigit = text.utf8.contains { (48...57).contains($0) }
            guard hasDigit else { throw BadValue(detail: "\(ASCIIText.quoted(text)) is no version, for example V3.0") }
            return .software(SoftwareVersion(text))
        case .ip where operation.isOrder || text.contains("/") || IPv4Address(text) != nil:
            return try address(text, isOrdered: operation.isOrder)
        case .mac where !text.isEmpty:
            guard let mac = MACAddress(text) else {
                throw BadValue(detail: "\(ASCIIText.quoted(text)) is no MAC address, use ~ to search for a part of one")
            }
            return .mac(mac)
        case .status:
            let names = DeviceStatus.allCases.map(\.rawValue)
            guard names.contains(text.lowercased()) else {
                throw BadValue(
                    detail:
                        "there is no status \(ASCIIText.quoted(text)), it is one of \(names.joined(separator: ", "))")
            }
            return .text(text.lowercased())
        case .tls, .trusted:
            switch text.lowercased() {
            case "yes", "true", "on", "1": return .yes(true)
            case "no", "false", "off", "0": return .yes(false)
            default: throw BadValue(detail: "\(ASCIIText.quoted(text)) is neither yes nor no")
            }
        default: return .text(text.lowercased())
        }
    }

    private static func address(_ text: String, isOrdered: Bool) throws(BadValue) -> Value {
        if isOrdered {
            guard let address = IPv4Address(text) else {
                throw BadValue(detail: "\(ASCIIText.quoted(text)) is no IPv4 address")
            }
            return .address(address.value)
        }
        do {
            return .addresses(try AddressRange(text))
        } catch {
            throw BadValue(detail: "\(ASCIIText.quoted(text)): \(error.detail ?? "no range")")
        }
    }

    func matches(_ device: Device, in context: FilterContext) -> Bool {
        switch operation {
        case .equal, .matches: holds(device, in: context)
        case .notEqual: !holds(device, in: context)
        case .less, .lessOrEqual, .greater, .greaterOrEqual: order(of: device).map(isInOrder) ?? false
        }
    }

    /// Whether one of the field's texts equals or fits the value.
    private func holds(_ device: Device, in context: FilterContext) -> Bool {
        switch value {
        case .software(let version): return device.softwareVersion == version
        case .mac(let mac): return device.mac == mac
        case .yes(let wanted): return (field == .tls ? isTLS(device, in: context) : isTrusted(device)) == wanted
        case .addresses(let range):
            guard case .addresses(let block) = range.extent, let text = device.address, let own = IPv4Address(text)
            else { return false }
            return block.contains(own.value)
        case .address(let address): return device.address.flatMap { IPv4Address($0) }?.value == address
        case .pattern(let glob): return texts(of: device, in: context).contains(where: glob.matches)
        case .text(let wanted):
            let texts = texts(of: device, in: context)
            return wanted.isEmpty ? texts.allSatisfy(\.isEmpty) : texts.contains(wanted)
        }
    }

    /// What the device has in the field, in lower case; empty when it has nothing.
    private func texts(of device: Device, in context: FilterContext) -> [String] {
        switch field {
        case .id: [device.id.rawValue.lowercased()]
        case .mac: device.mac.map { [$0.description.lowercased()] } ?? []
        case .ip: device.address.map { [$0.lowercased()] } ?? []
        case .number: device.number.map { [$0.rawValue] } ?? []
        case .software: device.softwareVersion.map { [$0.text.lowercased()] } ?? []
        case .status: [device.status.rawValue]
        case .note: [device.note.lowercased()]
        case .group: Array(context.groups(of: device.id))
        case .family: type(of: device, in: context).map { [$0.family.lowercased()] } ?? []
        case .type:
            if let type = type(of: device, in: context) {
                [type.id.rawValue.lowercased(), type.name.lowercased(), type.deviceType.lowercased()]
            } else {
                device.type.map { [$0.rawValue.lowercased()] } ?? []
            }
        case .tls, .trusted: []
        }
    }

    private func type(of device: Device, in context: FilterContext) -> PhoneType? {
        device.type.flatMap { context.catalogue[$0] }
    }

    private func isTLS(_ device: Device, in context: FilterContext) -> Bool {
        device.wasAuthenticated || type(of: device, in: context)?.access(for: device.softwareVersion).tls == true
    }

    private func isTrusted(_ device: Device) -> Bool {
        device.wasAuthenticated && device.status != .notTrusted && device.status != .conflict
    }

    /// -1, 0 or 1 as the device's value is below, equal to or above the test's; nil when it has none.
    private func order(of device: Device) -> Int? {
        switch (field, value) {
        case (.software, .software(let version)): device.softwareVersion.map { Self.compare($0, version) }
        case (.mac, .mac(let mac)): device.mac.map { Self.compare($0, mac) }
        case (.ip, .address(let address)):
            device.address.flatMap { IPv4Address($0) }.map { Self.compare($0.value, address) }
        case (.id, .text(let text)): Self.compare(DeviceID(device.id.rawValue.lowercased()), DeviceID(text))
        case (.number, .text(let text)): device.number.map { Self.compare(DeviceID($0.rawValue), DeviceID(text)) }
        default: nil
        }
    }

    private static func compare<Value: Comparable>(_ left: Value, _ right: Value) -> Int {
        left < right ? -1 : left == right ? 0 : 1
    }

    private func isInOrder(_ order: Int) -> Bool {
        switch operation {
        case .less: order < 0
        case .lessOrEqual: order <= 0
        case .greater: order > 0
        case .greaterOrEqual: order >= 0
        case .equal, .notEqual, .matches: false
        }
    }
}

/// A search text: `*` stands for any text, `?` for one character; without either it may stand anywhere.
struct Glob: Hashable, Sendable {
    private let pattern: [Unicode.Scalar]

    init(_ text: String) {
        let pattern = Array(text.lowercased().unicodeScalars)
        let isPart = !pattern.contains("*") && !pattern.contains("?")
        self.pattern = isPart ? ["*"] + pattern + ["*"] : pattern
    }

    /// - Parameter text: in lower case.
    func matches(_ text: String) -> Bool {
        let text = Array(text.unicodeScalars)
        var position = 0
        var place = 0
        var star: (place: Int, position: Int)?
        while position < text.count {
            if place < pattern.count, pattern[place] == "*" {
                star = (place, position)
                place += 1
            } else if place < pattern.count, pattern[place] == "?" || pattern[place] == text[position] {
                place += 1
                position += 1
            } else if let last = star {
                // The last star takes one more character.
                place = last.place + 1
                position = last.position + 1
                star = (last.place, position)
            } else {
                return false
            }
        }
        return pattern[place...].allSatisfy { $0 == "*" }
    }
}
