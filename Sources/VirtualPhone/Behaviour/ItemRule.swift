import DeploymentModel

/// Whether a phone takes a value for one of its items.
enum ItemRule {
    static func allows(_ value: String, in slot: PhoneModel.Slot) -> Bool {
        if let parameter = slot.parameter { return parameter.check(value) == nil }
        return switch slot.key.name {
        case WellKnownItem.terminalNumber: value.isEmpty || TerminalNumber(value) != nil
        case WellKnownItem.administratorPassword: (6...24).contains(value.utf8.count)
        default: false
        }
    }
}
