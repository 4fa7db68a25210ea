/// Finds the entry that a row of a CSV is about and says what the entry will be.
struct CSVMerger {
    struct Problem: Error {
        var line: Int
        var column: CSVColumn?
        var detail: String
    }

    private let devices: [Device]
    private var byID: [DeviceID: Int] = [:]
    private var byMAC: [MACAddress: Int] = [:]
    private var byAddress: [String: [Int]] = [:]
    private var groupsByDevice: [DeviceID: [String]] = [:]
    private var values: [DeviceID: [ItemKey: SettingValue]] = [:]
    private let isSecret: (ItemKey) -> Bool
    /// The lines on which something stood first.
    private var lineOfMAC: [MACAddress: Int] = [:]
    private var lineOfNumber: [TerminalNumber: Int] = [:]
    private var lineOfDevice: [DeviceID: Int] = [:]
    private var lineOfAddress: [String: Int] = [:]
    private var knownGroups: Set<String>
    private(set) var newGroups: [String] = []

    init(context: DeviceCSVContext) {
        devices = context.devices
        isSecret = context.isSecret
        knownGroups = Set(context.groups.map(\.name))
        for (index, device) in devices.enumerated() {
            byID[device.id] = index
            if let mac = device.mac { byMAC[mac] = index }
            if let address = device.address { byAddress[address.lowercased(), default: []].append(index) }
        }
        for group in context.groups {
            for member in group.members { groupsByDevice[member, default: []].append(group.name) }
        }
        for setting in context.settings {
            if case .device(let id) = setting.layer { values[id, default: [:]][setting.key] = setting.value }
        }
    }

    /// Remembers a row with a bad cell, so that doubles of it are still found.
    mutating func note(_ row: CSVRow) {
        if let mac = row.mac.value, lineOfMAC[mac] == nil { lineOfMAC[mac] = row.line }
        if let number = row.number.value, lineOfNumber[number] == nil { lineOfNumber[number] = row.line }
    }

    mutating func merged(_ row: CSVRow) throws(Problem) -> DeviceImport.Row {
        defer { note(row) }
        if let mac = row.mac.value, let line = lineOfMAC[mac] {
            throw Problem(line: row.line, column: .mac, detail: "\(mac) stands on line \(line) already")
        }
        if let number = row.number.value, let line = lineOfNumber[number] {
            throw Problem(line: row.line, column: .number, detail: "\(number) stands on line \(line) already")
        }
        let device = try known(row)
        if let device {
            if let line = lineOfDevice[device.id] {
                throw Problem(line: row.line, detail: "is about \(device.id), and so is line \(line)")
            }
            lineOfDevice[device.id] = row.line
        } else if let address = row.address.value, row.mac.value == nil {
            if let line = lineOfAddress[address.lowercased()] {
                throw Problem(line: row.line, column: .address, detail: "\(address) stands on line \(line) already")
            }
            lineOfAddress[address.lowercased()] = row.line
        }
        return result(row, device)
    }

    // MARK: Which entry

    private func known(_ row: CSVRow) throws(Problem) -> Device? {
        let named = try row.id.map { id throws(Problem) in
            guard let index = byID[id] else {
                let detail = "there is no device \(ASCIIText.quoted(id.rawValue)), leave the cell empty for a new one"
                throw Problem(line: row.line, column: .id, detail: detail)
            }
            return devices[index]
        }
        if let mac = row.mac.value, let index = byMAC[mac] {
            let device = devices[index]
            if let named, named.id != device.id {
                throw Problem(
                    line: row.line, column: .mac,
                    detail: "\(mac) is the MAC address of \(device.id), not of \(named.id)")
            }
            return device
        }
        if let named { return named }
        guard let address = row.address.value else {
            guard row.mac.value != nil else {
                throw Problem(line: row.line, detail: "names no device: mac, address and id are empty")
            }
            return nil
        }
        return try knownByAddress(address, row)
    }

    private func knownByAddress(_ address: String, _ row: CSVRow) throws(Problem) -> Device? {
        let tenants = (byAddress[address.lowercased()] ?? []).map { devices[$0] }
        guard let mac = row.mac.value else {
            guard tenants.count <= 1 else {
                let detail = "\(address) is the address of \(tenants[0].id) and \(tenants[1].id), name one by its ID"
                throw Problem(line: row.line, column: .address, detail: detail)
            }
            return tenants.first
        }
        if let nameless = tenants.first(where: { $0.mac == nil }) { return nameless }
        guard let tenant = tenants.first, let other = tenant.mac else { return nil }
        let detail =
            "\(address) is the address of \(tenant.id) with MAC \(other); write id \(tenant.id) to give it MAC \(mac)"
        throw Problem(line: row.line, column: .address, detail: detail)
    }

    // MARK: What it will be

    private mutating func result(_ row: CSVRow, _ device: Device?) -> DeviceImport.Row {
        let before = device.map { DeviceFields($0) } ?? DeviceFields()
        var after = before
        after.mac = row.mac.applied(to: before.mac)
        after.address = row.address.applied(to: before.address)
        after.port = row.port.applied(to: before.port)
        after.type = row.type.applied(to: before.type)
        after.number = row.number.applied(to: before.number)
        after.note = row.note.applied(to: before.note) ?? ""
        var changes = DeviceChange.changes(from: before, to: after)
        if device == nil { changes.removeAll { $0.field == .note && after.note.isEmpty } }
        changes += groupChanges(row, device)
        changes += valueChanges(row, device)
        for group in row.groups ?? [] where knownGroups.insert(group).inserted { newGroups.append(group) }
        return DeviceImport.Row(
            line: row.line, device: device?.id, fields: after, groups: row.groups, values: row.values,
            removedValues: row.removedValues, changes: changes)
    }

    private func groupChanges(_ row: CSVRow, _ device: Device?) -> [DeviceChange] {
        guard let groups = row.groups else { return [] }
        let before = device.flatMap { groupsByDevice[$0.id] } ?? []
        guard Set(before) != Set(groups) else { return [] }
        let texts = [before, groups].map { $0.isEmpty ? nil : CSVText.joinedGroups($0) }
        return [DeviceChange(.groups, before: texts[0], after: texts[1])]
    }

    private func valueChanges(_ row: CSVRow, _ device: Device?) -> [DeviceChange] {
        let before = device.flatMap { values[$0.id] } ?? [:]
        let keys = Set(row.values.keys).union(row.removedValues)
        return keys.sorted().compactMap { key in
            let after = row.values[key]
            guard before[key] != after else { return nil }
            return DeviceChange(.value, item: key, before: shown(before[key], key), after: shown(after, key))
        }
    }

    private func shown(_ value: SettingValue?, _ key: ItemKey) -> String? {
        switch value {
        case .plain(let text): isSecret(key) ? SecretText.mask : text
        case .secret(let reference): reference.description
        case nil: nil
        }
    }

    // MARK: Numbers

    /// Numbers that a row gives although an entry that keeps its number has them already.
    func numberProblems(_ rows: [DeviceImport.Row]) -> [Problem] {
        let changed = Dictionary(
            rows.compactMap { row in row.device.map { ($0, row.fields.number) } },
            uniquingKeysWith: { first, _ in first })
        var keeper: [TerminalNumber: DeviceID] = [:]
        for device in devices {
            guard let number = device.number, changed[device.id] ?? number == number else { continue }
            keeper[number] = device.id
        }
        return rows.compactMap { row in
            guard let number = row.fields.number, let other = keeper[number], other != row.device else { return nil }
            let isUnchanged = row.device.flatMap { byID[$0] }.map { devices[$0].number == number } ?? false
            return isUnchanged ? nil : Problem(line: row.line, detail: "\(number) is the number of \(other)")
        }
    }
}
