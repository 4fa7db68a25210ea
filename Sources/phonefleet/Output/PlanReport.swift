import DeploymentModel

/// What would change on which phones, grouped where many change alike.
struct DifferenceReport {
    var result: TransferResult
    var palette: Palette

    func text() -> String {
        let differing = result.devices.compactMap { device -> DeviceResult? in
            guard device.outcome != .failed else { return nil }
            var device = device
            // What a phone does not know is a warning: a deployment would not send it.
            device.changes.removeAll { $0.status == .unknownItem }
            return device.changes.isEmpty ? nil : device
        }
        let groups = ChangeGroup.grouping(
            differing.map { (device: $0.device, changes: $0.changes.filter { !Self.isOwn($0) }) }.filter {
                !$0.changes.isEmpty
            })
        let byID = Dictionary(uniqueKeysWithValues: result.devices.map { ($0.device, $0) })
        var text = ""
        for group in groups {
            text += palette.strong(title(of: group, byID)) + "\n"
            for change in group.changes {
                text +=
                    "  \(change.key)  \(palette.bad(SafeText.line((change.before ?? "").isEmpty ? "(none)" : change.before ?? "(none)"))) -> "
                text += palette.good(SafeText.line(change.after)) + "\n"
            }
        }
        text += numbers(differing)
        let same = result.devices.count { $0.outcome == .unchanged }
        if same > 0 {
            text +=
                "\(Words.count(same, "phone")) \(same == 1 ? "has" : "have") what \(same == 1 ? "it" : "they") should have\n"
        }
        let failed = result.devices.filter { $0.outcome == .failed || $0.outcome == .waiting }
        for device in failed {
            let reason = SafeText.line(device.reason ?? "failed")
            text +=
                "\(device.device)  \(device.address)  \(palette.bad(reason)) (\(device.fault?.code.rawValue ?? "-"))\n"
        }
        return text
    }

    /// The terminal number is another one on every phone, so it would keep like changes apart.
    private static func isOwn(_ change: ItemChange) -> Bool { change.key.name == WellKnownItem.terminalNumber }

    private func numbers(_ devices: [DeviceResult]) -> String {
        let lines = devices.flatMap { device in
            device.changes.filter(Self.isOwn).map { change in
                let before = (change.before ?? "").isEmpty ? "(none)" : change.before ?? "(none)"
                return "  \(device.device)  \(device.address)  \(palette.bad(SafeText.line(before))) -> "
                    + palette.good(SafeText.line(change.after)) + "\n"
            }
        }
        guard !lines.isEmpty else { return "" }
        return palette.strong("\(Words.count(lines.count, "phone")): another terminal number") + "\n" + lines.joined()
    }

    private func title(of group: ChangeGroup, _ devices: [DeviceID: DeviceResult]) -> String {
        let names = group.devices.prefix(4).map { id in "\(id) (\(devices[id]?.address ?? "-"))" }
        let more = group.devices.count - names.count
        return "\(Words.count(group.devices.count, "phone")): \(names.joined(separator: ", "))"
            + (more > 0 ? " and \(more) more" : "")
    }
}

/// A plan before anything was contacted: which phones, and what each shall have.
struct PlanReport: Encodable {
    struct Wanted: Encodable {
        var item: ItemKey
        var value: String
        var origin: String
    }

    struct DeviceEntry: Encodable {
        var id: DeviceID
        var address: String
        var port: Int
        var tls: Bool
        /// Whether the phone calls, and is not called (WPI).
        var calls: Bool
        var type: PhoneTypeID
        var mac: MACAddress?
        var trust: [String]
        var wanted: [Wanted]
        /// Absent when the plan is about no file of the phone.
        var files: [PlannedFile]?
    }

    let schema = "phonefleet.plan/1"
    var mode: RunMode
    var devices: [DeviceEntry]

    init(plan: TransferPlan) {
        mode = plan.mode
        devices = plan.devices.map { device in
            DeviceEntry(
                id: device.device, address: device.address, port: device.port, tls: device.tls,
                // Of the protocols only the one in which phones call knows no password.
                calls: device.password == nil, type: device.type,
                mac: device.mac, trust: device.trust,
                wanted: device.wanted.map { item in
                    Wanted(
                        item: item.key, value: Self.text(item.value), origin: item.origin?.description ?? "device list")
                },
                files: device.files.isEmpty ? nil : device.files.map(PlannedFile.init))
        }
    }

    private static let called = "by its call, not authenticated"

    private static func text(_ value: WantedValue) -> String {
        if case .plain(let text) = value { text } else { SecretText.mask }
    }

    func write(as format: OutputFormat) throws {
        if format == .csv { return try PlanRow.listing(self).write(as: .csv) }
        guard format == .table else { return Terminal.writeOut(try JSONText.text(self)) }
        var text = ""
        for device in devices {
            let access =
                device.tls ? "TLS, trust \(device.trust.joined(separator: ", "))" : device.calls ? Self.called : "plain"
            text += "\(device.id)  \(device.address):\(device.port)  \(device.type)  (\(access))\n"
            if mode.isOrder { text += "  \(mode.rawValue)\n" }
            for wanted in device.wanted {
                text += "  \(wanted.item) = \(SafeText.line(wanted.value))  (\(wanted.origin))\n"
            }
            for file in device.files ?? [] { text += file.text }
        }
        text += "\(Words.count(devices.count, "phone")); nothing was sent\n"
        Terminal.writeOut(text)
    }
}
