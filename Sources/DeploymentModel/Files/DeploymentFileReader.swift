import Yams

/// Turns the tree of a deployment file into a document and collects everything that is wrong with it.
struct DeploymentFileReader {
    private let isSecret: (ItemKey) -> Bool
    private let allowsPlainSecrets: Bool
    let faults = YAMLFaults()
    var document = DeploymentDocument()

    init(isSecret: @escaping (ItemKey) -> Bool, allowsPlainSecrets: Bool) {
        self.isSecret = isSecret
        self.allowsPlainSecrets = allowsPlainSecrets
    }

    mutating func document(_ root: Node) throws(FaultList) -> DeploymentDocument {
        try checkVersion(root)
        let keys = ["version", "devices", "groups", "settings", "trust"]
        if let fields = fields(root, YAMLPlace(path: ""), keys) {
            readDevices(fields)
            readGroups(fields)
            if let settings = fields["settings"], !YAMLFields.isNull(settings) {
                readSettings(settings, YAMLPlace(path: "settings"))
            }
            if let trust = fields["trust"], !YAMLFields.isNull(trust) { readTrust(trust) }
        }
        guard faults.faults.isEmpty else { throw FaultList(faults.faults) }
        return document.ordered
    }

    func fields(_ node: Node, _ place: YAMLPlace, _ allowed: [String]?) -> YAMLFields? {
        YAMLFields(node, at: place, allowed: allowed, faults: faults)
    }

    /// A newer version is refused before anything else is said of the file.
    private func checkVersion(_ root: Node) throws(FaultList) {
        guard case .mapping(let mapping) = root else {
            faults.report(
                root, YAMLPlace(path: ""), "a deployment file begins with version: \(DeploymentDocument.currentVersion)"
            )
            throw FaultList(faults.faults)
        }
        let place = YAMLPlace(path: "version")
        let node = mapping.first { $0.key.scalar?.string == "version" }?.value
        let text = node?.scalar?.string
        guard let text, let version = Int(text), version >= 1 else {
            faults.report(node ?? root, place, text == nil ? "version is missing" : "is no version number")
            throw FaultList(faults.faults)
        }
        guard version <= DeploymentDocument.currentVersion else {
            faults.report(
                node, place,
                "version \(version) is newer than this program, which reads up to \(DeploymentDocument.currentVersion)")
            throw FaultList(faults.faults)
        }
    }

    // MARK: Devices and groups

    private mutating func readDevices(_ root: YAMLFields) {
        var ids: [DeviceID: Int] = [:]
        var macs: [MACAddress: Int] = [:]
        for (index, node) in root.list("devices").enumerated() where !faults.isFull {
            guard let fields = fields(node, YAMLPlace(path: "devices").index(index), Self.deviceKeys),
                let device = device(fields)
            else { continue }
            if let first = ids.updateValue(index, forKey: device.id) {
                fields.report("id", "\(device.id) is the ID of devices[\(first)] already")
            }
            if let mac = device.mac, let first = macs.updateValue(index, forKey: mac) {
                fields.report("mac", "\(mac) is the MAC address of devices[\(first)] already")
            }
            document.devices.append(device)
        }
    }

    private static let deviceKeys = [
        "id", "mac", "address", "port", "type", "number", "software", "status", "certificate", "authenticated",
        "lastSeen", "note",
    ]

    private func device(_ fields: YAMLFields) -> Device? {
        guard let id = fields.requiredText("id", maximumLength: DeploymentFile.maximumNameLength) else { return nil }
        let statuses = DeviceStatus.allCases.map(\.rawValue).joined(separator: ", ")
        return Device(
            id: DeviceID(id),
            type: name("type", in: fields).map { PhoneTypeID($0) },
            address: address(fields),
            port: fields.value("port", expected: "no port, 1 to 65535 is") { text in
                Int(text).flatMap { (1...65535).contains($0) ? $0 : nil }
            },
            mac: fields.value("mac", expected: "no MAC address") { MACAddress($0) },
            number: fields.value("number", expected: "no terminal number, 1 to 24 of 0-9 * # are") {
                TerminalNumber($0)
            },
            softwareVersion: fields.text("software", maximumLength: 200).map { SoftwareVersion($0) },
            status: fields.value("status", expected: "no status, it is one of \(statuses)") {
                DeviceStatus(rawValue: $0)
            }
                ?? .new,
            certificateFingerprint: fields.value(
                "certificate", expected: "no SHA-256 fingerprint (64 hexadecimal digits)", Self.fingerprint),
            wasAuthenticated: fields.flag("authenticated"),
            lastSeen: fields.value("lastSeen", expected: "no time, for example 2026-03-01T08:15:30Z") {
                TimeText.date($0)
            },
            note: fields.text("note", maximumLength: 65_536) ?? "")
    }

    /// 64 hexadecimal digits, in lower case.
    static func fingerprint(_ text: String) -> String? {
        let isHexadecimal =
            text.utf8.count == 64
            && text.utf8.allSatisfy { byte in
                (48...57).contains(byte) || (97...102).contains(byte) || (65...70).contains(byte)
            }
        return isHexadecimal ? text.lowercased() : nil
    }

    private func name(_ key: String, in fields: YAMLFields) -> String? {
        fields[key] == nil ? nil : fields.requiredText(key, maximumLength: DeploymentFile.maximumNameLength)
    }

    private func address(_ fields: YAMLFields) -> String? {
        guard let text = fields.text("address") else { return nil }
        do {
            let range = try AddressRange(text)
            guard range.count == 1, !text.contains("/") else {
                fields.report("address", "\(ASCIIText.quoted(text)) is a range, a device has one address")
                return nil
            }
            return range.text
        } catch {
            fields.report("address", "\(ASCIIText.quoted(text)): \(error.detail ?? "no address")")
            return nil
        }
    }

    private mutating func readGroups(_ root: YAMLFields) {
        var names: [String: Int] = [:]
        for (index, node) in root.list("groups").enumerated() where !faults.isFull {
            let place = YAMLPlace(path: "groups").index(index)
            guard let fields = fields(node, place, ["name", "members"]),
                let name = fields.requiredText("name", maximumLength: DeploymentFile.maximumNameLength)
            else { continue }
            if let first = names.updateValue(index, forKey: name) {
                fields.report("name", "\(ASCIIText.quoted(name)) is the name of groups[\(first)] already")
            }
            var members: [DeviceID] = []
            var seen: Set<String> = []
            for (position, member) in fields.list("members").enumerated() where !faults.isFull {
                let place = fields.place.key("members").index(position)
                guard let text = YAMLFields.text(member, at: place, faults: faults) else { continue }
                guard seen.insert(text).inserted else {
                    faults.report(member, place, "\(ASCIIText.quoted(text)) is a member already")
                    continue
                }
                members.append(DeviceID(text))
            }
            document.groups.append(DeviceGroup(name: name, members: members))
        }
    }

    // MARK: Settings

    private mutating func readSettings(_ node: Node, _ place: YAMLPlace) {
        guard let sections = fields(node, place, ["types", "site", "groups", "devices"]) else { return }
        if let site = sections["site"], !YAMLFields.isNull(site) { readLayer(site, place.key("site"), .site) }
        let layers: [(String, (String) -> SettingLayer)] = [
            ("types", { .type(PhoneTypeID($0)) }), ("groups", { .group($0) }), ("devices", { .device(DeviceID($0)) }),
        ]
        for (section, layer) in layers {
            guard let node = sections[section], !YAMLFields.isNull(node),
                let entries = fields(node, place.key(section), nil)
            else { continue }
            for name in entries.names {
                guard !name.isEmpty, name.unicodeScalars.count <= DeploymentFile.maximumNameLength else {
                    entries.report(name, "a name has 1 to \(DeploymentFile.maximumNameLength) characters")
                    continue
                }
                guard let node = entries[name] else { continue }
                readLayer(node, place.key(section).key(name), layer(name))
            }
        }
    }

    private mutating func readLayer(_ node: Node, _ place: YAMLPlace, _ layer: SettingLayer) {
        guard !faults.isFull, !YAMLFields.isNull(node), let items = fields(node, place, nil) else { return }
        for name in items.names {
            guard let key = ItemKey(parsing: name), let node = items[name] else {
                items.report(name, "is no item name")
                continue
            }
            guard let value = settingValue(node, key, place.key(name)) else { continue }
            document.settings.append(Setting(layer: layer, key: key, value: value))
        }
    }

    private func settingValue(_ node: Node, _ key: ItemKey, _ place: YAMLPlace) -> SettingValue? {
        if case .mapping = node { return markedValue(node, key, place) }
        guard let text = YAMLFields.text(node, at: place, faults: faults) else { return nil }
        guard isSecret(key) else { return .plain(text) }
        if let reference = SecretReference(text) { return .secret(reference) }
        let hint = allowsPlainSecrets ? ", or {plain: ...}" : ""
        faults.report(
            node, place, "is a secret, write a reference: env:NAME, file:PATH or sealed:NAME\(hint)", code: .inputSecret
        )
        return nil
    }

    /// `{secret: REFERENCE}` or `{plain: TEXT}`.
    private func markedValue(_ node: Node, _ key: ItemKey, _ place: YAMLPlace) -> SettingValue? {
        guard let fields = fields(node, place, ["secret", "plain"]) else { return nil }
        switch (fields["secret"], fields["plain"]) {
        case (_?, nil):
            guard let text = fields.text("secret") else { return nil }
            if let reference = SecretReference(text) { return .secret(reference) }
            fields.report(
                "secret", "is no reference, write env:NAME, file:PATH or sealed:NAME", code: .inputSecret)
        case (nil, _?):
            guard !isSecret(key) || allowsPlainSecrets else {
                fields.report(
                    "plain", "a secret in plain is refused here, write a reference: env:NAME, file:PATH or sealed:NAME",
                    code: .inputSecret)
                return nil
            }
            return fields.text("plain").map { .plain($0) }
        default: faults.report(node, place, "one of secret and plain is expected here")
        }
        return nil
    }
}
