public import DeploymentModel

/// What all virtual phones of one type and software have in common: the item set with its rules and defaults.
///
/// Shared by reference, so that ten thousand phones hold it once. A phone itself keeps only what was changed.
public final class PhoneModel: Sendable {
    /// One value that a phone of this model has.
    struct Slot: Sendable {
        var key: ItemKey
        var defaultValue: String
        /// The catalogue's rules; nil for the items that every phone has without being listed.
        var parameter: Parameter?
        var isSecret: Bool
        var isReadOnly: Bool
        var dependentGroup: String?
        /// The slot counts only while another one has one of these values.
        var condition: Condition?
    }

    struct Condition: Sendable {
        var slot: Int
        var values: [String]
    }

    public let type: PhoneType
    public let software: SoftwareVersion
    let slots: [Slot]
    let numberSlot: Int
    let passwordSlot: Int
    let macSlot: Int
    let deviceTypeSlot: Int
    /// The slots whose values follow from the files that a phone holds; nil where the type shows none.
    let keyMaterialSlot: Int?
    let trustedCertificatesSlot: Int?
    let serverCheckSlot: Int?
    private let slotOfKey: [ItemKey: Int]
    private let names: Set<String>

    /// - Parameter software: nil for the newest version that the catalogue knows of the type.
    public init(type: PhoneType, software: SoftwareVersion? = nil) {
        self.type = type
        let version = software ?? type.softwareVersions.last ?? SoftwareVersion("V1.0")
        self.software = version
        var slots = type.tabs.flatMap(\.parameters).filter { $0.isSupported(by: version) && !$0.isOnlyInOrders }
            .flatMap(Self.slots)
        var known: [ItemKey: Int] = [:]
        for (number, slot) in slots.enumerated() where known[slot.key] == nil { known[slot.key] = number }
        func place(_ name: String, value: String?, isSecret: Bool = false, isReadOnly: Bool) -> Int {
            if let number = known[ItemKey(name)] {
                if let value { slots[number].defaultValue = value }
                slots[number].isReadOnly = isReadOnly
                return number
            }
            known[ItemKey(name)] = slots.count
            slots.append(
                Slot(
                    key: ItemKey(name), defaultValue: value ?? "", parameter: nil, isSecret: isSecret,
                    isReadOnly: isReadOnly, dependentGroup: nil))
            return slots.count - 1
        }
        deviceTypeSlot = place(WellKnownItem.deviceType, value: type.deviceType, isReadOnly: true)
        _ = place(WellKnownItem.softwareVersion, value: version.text, isReadOnly: true)
        macSlot = place(WellKnownItem.macAddress, value: "", isReadOnly: true)
        numberSlot = place(WellKnownItem.terminalNumber, value: nil, isReadOnly: false)
        passwordSlot = place(WellKnownItem.administratorPassword, value: "", isSecret: true, isReadOnly: false)
        slots[passwordSlot].isSecret = true
        for number in slots.indices { slots[number].condition = Self.condition(of: slots[number], among: known) }
        self.slots = slots
        keyMaterialSlot = known[ItemKey(WellKnownItem.serverKeyMaterialInfo)]
        trustedCertificatesSlot = known[ItemKey(WellKnownItem.clientTrustedCertificatesInfo)]
        serverCheckSlot = known[ItemKey(WellKnownItem.telephonyServerCheck)]
        slotOfKey = known
        names = Set(slots.map(\.key.name))
    }

    private static func slots(of parameter: Parameter) -> [Slot] {
        parameter.instances.map { ItemKey(parameter.item, index: $0) }.map { key in
            Slot(
                key: key, defaultValue: parameter.defaultValue ?? "", parameter: parameter,
                isSecret: parameter.isSecret, isReadOnly: parameter.isReadOnly,
                dependentGroup: parameter.dependentGroup)
        }
    }

    /// A condition on an item that the software does not have holds nobody back.
    private static func condition(of slot: Slot, among known: [ItemKey: Int]) -> Condition? {
        guard let rule = slot.parameter?.onlyIf else { return nil }
        let place = known[ItemKey(rule.item)] ?? known[ItemKey(rule.item, index: slot.key.index)]
        return place.map { Condition(slot: $0, values: rule.values) }
    }

    /// The slot of a key, or the status that says why there is none.
    func slot(of key: ItemKey) -> Result<Int, SlotRefusal> {
        if let slot = slotOfKey[key] { return .success(slot) }
        return .failure(SlotRefusal(status: names.contains(key.name) ? .invalidIndex : .unknownItem))
    }
}

struct SlotRefusal: Error {
    var status: ItemStatus
}
