import DeploymentModel

/// Whether a phone takes a value for one of its items.
enum ItemRule {
    static func allows(_ value: String, in slot: PhoneModel.Slot, model: PhoneModel) -> Bool {
        guard let parameter = slot.parameter else { return allowsUnlisted(value, key: slot.key) }
        let length = value.unicodeScalars.count
        if let least = parameter.minimumLength, length < least { return false }
        if let most = parameter.maximumLength, length > most { return false }
        return true
    }

    /// The rules of the items that every phone has, listed in the catalogue or not.
    private static func allowsUnlisted(_ value: String, key: ItemKey) -> Bool {
        switch key.name {
        case WellKnownItem.terminalNumber: value.isEmpty || TerminalNumber(value) != nil
        case WellKnownItem.administratorPassword: (6...24).contains(value.utf8.count)
        default: false
        }
    }
}
