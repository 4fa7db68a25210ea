/// Writes devices as CSV.
struct CSVExporter {
    private let context: DeviceCSVContext
    private var groups: [DeviceID: [String]] = [:]
    private var values: [DeviceID: [ItemKey: SettingValue]] = [:]

    init(context: DeviceCSVContext) {
        self.context = context
        for group in context.groups {
            for member in group.members { groups[member, default: []].append(group.name) }
        }
        for setting in context.settings {
            if case .device(let id) = setting.layer { values[id, default: [:]][setting.key] = setting.value }
        }
    }

    func text(of devices: [Device]) -> String {
        let keys = Set(devices.flatMap { values[$0.id].map { Array($0.keys) } ?? [] }).sorted()
        let columns: [CSVColumn] =
            [.id, .mac, .address, .port, .type, .number, .groups, .note] + keys.map { CSVColumn.value($0) }
        var text = columns.map { CSVText.quoted($0.header) }.joined(separator: ",") + "\r\n"
        for device in devices {
            text += columns.map { CSVText.quoted(cell($0, of: device)) }.joined(separator: ",") + "\r\n"
        }
        return text
    }

    private func cell(_ column: CSVColumn, of device: Device) -> String {
        switch column {
        case .id: CSVText.guarded(device.id.rawValue)
        case .mac: device.mac?.description ?? ""
        case .address: CSVText.guarded(device.address ?? "")
        case .port: device.port.map(String.init) ?? ""
        case .type: CSVText.guarded(device.type?.rawValue ?? "")
        case .number: device.number.map { CSVText.guardedNumber($0.rawValue) } ?? ""
        case .groups: CSVText.guarded(CSVText.joinedGroups(groups[device.id] ?? []))
        case .note: CSVText.guarded(device.note)
        case .value(let key): values[device.id]?[key].map { text(of: $0, key: key) } ?? ""
        case .readOnly: ""
        }
    }

    private func text(of value: SettingValue, key: ItemKey) -> String {
        switch value {
        case .plain where context.isSecret(key): ""
        case .plain(let text): text.isEmpty ? CSVText.empty : CSVText.guarded(text)
        case .secret(let reference): context.isSecret(key) ? "\(reference)" : CSVText.secretPrefix + "\(reference)"
        }
    }
}
