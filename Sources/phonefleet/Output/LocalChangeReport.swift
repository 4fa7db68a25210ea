import DeploymentModel

/// What was changed at the phones of a run themselves, for people.
struct LocalChangeReport {
    var result: TransferResult
    var changes: [DeviceID: [LocalChange]]
    var palette: Palette

    /// Empty where there is nothing.
    var text: String {
        let changed = result.devices.filter { changes[$0.device] != nil }
        guard !changed.isEmpty else { return "" }
        var text = palette.strong("\(Words.count(changed.count, "phone")): changed at the phone itself") + "\n"
        for device in changed {
            for change in changes[device.device] ?? [] {
                let line = CallsView.Change(change).text
                text += "  \(device.device)  \(device.address)  \(SafeText.line(line))\n"
            }
        }
        return text
    }
}
