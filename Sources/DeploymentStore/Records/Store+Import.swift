public import DeploymentModel
import GRDB

extension Store {
    /// Applies a checked import of the device list in one step: all of it or nothing.
    ///
    /// Throws `input.csv` while the import has faults, `input.duplicate` when a MAC address or number would occur twice,
    /// and `input.not-found` when a device that it changes is no longer on the list.
    public func apply(_ checked: DeviceImport) async throws {
        if let fault = checked.faults.first { throw fault }
        try await write { database in
            try DeviceTable.update(
                checked.updated.compactMap { row in row.device.map { row.fields.device(id: $0) } }, database)
            var groups = Dictionary(
                uniqueKeysWithValues: try GroupTable.all(database).map { ($0.name, Set($0.members)) })
            var touched: Set<String> = []
            for row in checked.rows where row.device == nil || !row.changes.isEmpty {
                let id = try row.device ?? DeviceTable.insert(row.fields.device(id: DeviceID("")), database).id
                if let wanted = row.groups { place(id, in: Set(wanted), &groups, &touched) }
                for key in row.removedValues { _ = try SettingTable.remove(key, from: .device(id), database) }
                for (key, value) in row.values {
                    try SettingTable.save(Setting(layer: .device(id), key: key, value: value), database)
                }
            }
            for name in touched.sorted() {
                try GroupTable.save(DeviceGroup(name: name, members: groups[name]?.sorted() ?? []), database)
            }
        }
    }
}

/// Makes a device a member of just these groups; `touched` collects the groups that changed.
private func place(
    _ id: DeviceID, in wanted: Set<String>, _ groups: inout [String: Set<DeviceID>], _ touched: inout Set<String>
) {
    for name in groups.keys where !wanted.contains(name) && groups[name]?.contains(id) == true {
        groups[name]?.remove(id)
        touched.insert(name)
    }
    for name in wanted where groups[name]?.contains(id) != true {
        groups[name, default: []].insert(id)
        touched.insert(name)
    }
}
