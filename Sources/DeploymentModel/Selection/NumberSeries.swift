/// A rule that makes terminal numbers one after the other: a prefix that stays and a number that grows.
///
/// `prefix: "4989722", start: "3200"` makes `49897223200`, `49897223201`, ... A start with leading zeros keeps its
/// width (`0200`, `0201`, ...), and a number that no longer fits is a fault; without them the number may grow longer.
public struct NumberSeries: Hashable, Sendable {
    /// The order in which devices get their numbers; ties are broken by the device's ID, devices without the key come last.
    public enum Order: String, Hashable, Sendable, CaseIterable {
        case mac, address, id, type
        case asListed = "as-listed"
    }

    /// What is done about a number that another device already has.
    public enum TakenPolicy: String, Hashable, Sendable, CaseIterable {
        case refuse, skip
    }

    public let prefix: String
    public let start: Int
    public let step: Int
    /// Digits to which the growing part is filled with zeros and which it may not exceed; nil = as it comes.
    public let width: Int?

    /// - Parameters:
    ///   - prefix: digits, `*`, `#`, with or without a leading `+`; may be empty.
    ///   - start: 1 to 18 digits.
    ///   - step: not 0; may be negative.
    ///   - width: 1...24; nil = the width of `start` when it has leading zeros.
    /// - Throws: ``Fault`` with `input.value`.
    public init(prefix: String = "", start: String, step: Int = 1, width: Int? = nil) throws(Fault) {
        guard prefix.isEmpty || prefix == "+" || TerminalNumber(prefix) != nil else {
            throw Fault(
                .inputValue, subject: ASCIIText.quoted(prefix), detail: "a prefix is made of 0-9 * # and a leading +")
        }
        let isNumber = (1...18).contains(start.utf8.count) && start.utf8.allSatisfy { (48...57).contains($0) }
        guard isNumber, let first = Int(start) else {
            throw Fault(.inputValue, subject: ASCIIText.quoted(start), detail: "a start is a number of 1 to 18 digits")
        }
        guard step != 0, step.magnitude <= 1_000_000_000 else {
            throw Fault(
                .inputValue, subject: "\(step)", detail: "a step is a whole number other than 0, up to 1000000000")
        }
        let hasZeros = start.utf8.count > 1 && start.utf8.first == UInt8(ascii: "0")
        let fixed = width ?? (hasZeros ? start.utf8.count : nil)
        if let fixed, !(String(first).utf8.count...24).contains(fixed) {
            throw Fault(.inputValue, subject: start, detail: "does not fit in a width of \(fixed)")
        }
        self.prefix = prefix
        self.start = first
        self.step = step
        self.width = fixed
    }

    /// The number at a position, 0 for the first one.
    ///
    /// - Throws: ``Fault`` with `input.value` when the series has no such number (below 0, wider than `width`, too long).
    public func number(at position: Int) throws(Fault) -> TerminalNumber {
        let (product, isTooFar) = position.multipliedReportingOverflow(by: step)
        let (value, isTooLarge) = start.addingReportingOverflow(product)
        guard !isTooFar, !isTooLarge, value >= 0 else {
            throw Fault(
                .inputValue, subject: "\(prefix)\(start)", detail: "the series ends before position \(position)")
        }
        var digits = String(value)
        if let width {
            guard digits.utf8.count <= width else {
                throw Fault(
                    .inputValue, subject: "\(prefix)\(digits)", detail: "\(digits) does not fit in \(width) digits")
            }
            digits = String(repeating: "0", count: width - digits.utf8.count) + digits
        }
        guard let number = TerminalNumber(prefix + digits) else {
            throw Fault(.inputValue, subject: prefix + digits, detail: "a terminal number has 24 digits at most")
        }
        return number
    }
}

/// A terminal number that a device is to have.
public struct NumberAssignment: Hashable, Sendable {
    public var device: DeviceID
    public var before: TerminalNumber?
    public var number: TerminalNumber

    public init(device: DeviceID, before: TerminalNumber?, number: TerminalNumber) {
        self.device = device
        self.before = before
        self.number = number
    }
}

extension NumberSeries {
    /// Gives each selected device its number.
    ///
    /// - Parameters:
    ///   - selected: the devices to be numbered, in the order of the list.
    ///   - all: the whole device list, for the numbers that other devices have.
    ///   - keepsExisting: devices that have a number keep it and are left out.
    ///   - taken: numbers that nobody on the list has and that are not to be given either.
    ///   - policy: what is done when a number is already another device's.
    /// - Returns: in the order in which numbers were given; devices whose number stays the same are among them.
    /// - Throws: ``FaultList`` with `plan.number-conflict` naming both devices, or `input.value` where the series ends.
    public func assign(
        to selected: [Device], among all: [Device], order: Order = .asListed, keepsExisting: Bool = false,
        taken: Set<TerminalNumber> = [], policy: TakenPolicy = .refuse
    ) throws(FaultList) -> [NumberAssignment] {
        let receivers = Self.sorted(selected.filter { !keepsExisting || $0.number == nil }, by: order)
        let receiving = Set(receivers.map(\.id))
        var holder: [TerminalNumber: DeviceID] = [:]
        for device in all where !receiving.contains(device.id) {
            if let number = device.number, holder[number] == nil { holder[number] = device.id }
        }
        var assignments: [NumberAssignment] = []
        var faults: [Fault] = []
        var position = 0
        for device in receivers {
            do {
                var number = try self.number(at: position)
                while taken.contains(number) || (policy == .skip && holder[number] != nil) {
                    position += 1
                    number = try self.number(at: position)
                }
                position += 1
                if let other = holder[number] { faults.append(Self.conflict(number, device.id, other)) }
                assignments.append(NumberAssignment(device: device.id, before: device.number, number: number))
            } catch {
                throw FaultList(faults + [error])
            }
        }
        guard faults.isEmpty else { throw FaultList(faults) }
        return assignments
    }

    /// Every terminal number that several devices have, each named with its devices, in ascending order of device.
    public static func conflicts(in devices: [Device]) -> [Fault] {
        var first: [TerminalNumber: DeviceID] = [:]
        var faults: [Fault] = []
        for device in devices.sorted(by: { $0.id < $1.id }) {
            guard let number = device.number else { continue }
            if let other = first[number] {
                faults.append(conflict(number, other, device.id))
            } else {
                first[number] = device.id
            }
        }
        return faults
    }

    private static func conflict(_ number: TerminalNumber, _ one: DeviceID, _ other: DeviceID) -> Fault {
        Fault(.planNumberConflict, subject: number.rawValue, detail: "is the number of \(one) and of \(other)")
    }

    private static func sorted(_ devices: [Device], by order: Order) -> [Device] {
        switch order {
        case .asListed: devices
        case .id: devices.sorted { $0.id < $1.id }
        case .mac: sorted(devices) { $0.mac }
        case .type: sorted(devices) { $0.type }
        case .address: sorted(devices) { $0.address.map(AddressSortKey.init) }
        }
    }

    private static func sorted<Key: Comparable>(_ devices: [Device], by key: (Device) -> Key?) -> [Device] {
        devices.map { (key($0), $0) }.sorted { left, right in
            switch (left.0, right.0) {
            case (let one?, let other?) where one != other: one < other
            case (.some, nil): true
            case (nil, .some): false
            default: left.1.id < right.1.id
            }
        }.map(\.1)
    }
}

/// Sorts addresses as networks do: IPv4 by number, then everything else by text.
struct AddressSortKey: Comparable {
    private let number: UInt32?
    private let text: String

    init(_ address: String) {
        number = IPv4Address(address)?.value
        text = address.lowercased()
    }

    static func < (left: Self, right: Self) -> Bool {
        switch (left.number, right.number) {
        case (let one?, let other?): one < other
        case (.some, nil): true
        case (nil, .some): false
        case (nil, nil): left.text < right.text
        }
    }
}
