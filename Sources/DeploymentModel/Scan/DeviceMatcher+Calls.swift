extension DeviceMatcher {
    /// What a phone that called means for the device list.
    ///
    /// A phone that calls is known by its MAC address alone: several phones may call from one address, through one
    /// router. An entry without a MAC address is known by its address, as in a scan. Whoever calls can name any MAC
    /// address, so a contradiction never changes the list: the call is refused.
    ///
    /// - Parameters:
    ///   - row: what the phone said of itself; with a MAC address.
    ///   - devices: at least the entries that have the row's MAC address or its address.
    /// - Returns: nil when the row says nothing by which a phone could be entered.
    public func match(call row: ScanRow, against devices: [Device]) -> MatchDecision? {
        var pass = MatchPass(catalogue: catalogue, devices: devices, rows: [row])
        return pass.runCall(row)
    }
}

extension MatchPass {
    mutating func runCall(_ row: ScanRow) -> MatchDecision? {
        guard let mac = row.mac, Self.isPhone(row) else { return nil }
        guard let known = deviceByMAC[mac] ?? nameless(at: row) else {
            addNew(row)
            return decisions.first
        }
        let before = devices[known]
        guard isCalling(before) else { return .conflict(otherProtocol(before, row)) }
        update(known, by: row)
        // That an entry is in doubt is not settled by a phone that proves nothing.
        guard before.status == .conflict || before.status == .notTrusted, !Self.isAuthenticated(row),
            case .known(var device, _)? = decisions.first
        else { return decisions.first }
        device.status = before.status
        return .known(device, changes: DeviceChange.changes(from: DeviceFields(before), to: DeviceFields(device)))
    }

    /// Whether an entry can be of a phone that calls: others are reached by the tool, and no call makes one of them its own.
    private func isCalling(_ device: Device) -> Bool {
        device.type.flatMap { catalogue[$0] }.map { $0.managementProtocol == .wpi } ?? true
    }

    private func otherProtocol(_ device: Device, _ row: ScanRow) -> MatchConflict {
        let fault = Fault(
            .deviceConflict, subject: row.address,
            detail: "calls as \(device.id), which is of a type that does not call")
        return MatchConflict(
            fault: fault, devices: [device.id], addresses: [row.address],
            found: DeviceFields(address: row.address, mac: row.mac))
    }

    /// An entry that somebody made by hand for this place.
    private func nameless(at row: ScanRow) -> Int? {
        devicesByAddress[row.address.lowercased()]?.first { index in
            let device = devices[index]
            return device.mac == nil && isCalling(device) && (device.port == nil || device.port == row.port)
        }
    }
}
