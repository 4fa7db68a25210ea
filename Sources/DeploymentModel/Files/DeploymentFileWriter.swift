/// Writes a document as YAML text, the same text for the same content.
struct DeploymentFileWriter {
    private let document: DeploymentDocument
    private let isSecret: (ItemKey) -> Bool
    private let allowsPlainSecrets: Bool
    private var lines: [String] = []
    private var faults: [Fault] = []

    init(_ document: DeploymentDocument, isSecret: @escaping (ItemKey) -> Bool, allowsPlainSecrets: Bool) {
        self.document = document.ordered
        self.isSecret = isSecret
        self.allowsPlainSecrets = allowsPlainSecrets
    }

    mutating func text() throws(FaultList) -> String {
        lines = ["# phonefleet deployment file", "version: \(DeploymentDocument.currentVersion)"]
        writeDevices()
        writeGroups()
        writeSettings()
        writeTrust()
        guard faults.isEmpty else { throw FaultList(faults) }
        return lines.joined(separator: "\n") + "\n"
    }

    private mutating func writeDevices() {
        guard !document.devices.isEmpty else { return }
        lines += ["", "devices:"]
        for device in document.devices {
            let fields: [(String, String?)] = [
                ("id", YAMLText.scalar(device.id.rawValue)),
                ("mac", device.mac.map { YAMLText.scalar($0.description) }),
                ("address", device.address.map(YAMLText.scalar)),
                ("port", device.port.map(String.init)),
                ("type", device.type.map { YAMLText.scalar($0.rawValue) }),
                ("number", device.number.map { YAMLText.quoted($0.rawValue) }),
                ("software", device.softwareVersion.map { YAMLText.scalar($0.text) }),
                ("status", device.status == .new ? nil : device.status.rawValue),
                ("certificate", device.certificateFingerprint.map(YAMLText.quoted)),
                ("authenticated", device.wasAuthenticated ? "true" : nil),
                ("lastSeen", device.lastSeen.map { YAMLText.quoted(TimeText.text(of: $0)) }),
                ("note", device.note.isEmpty ? nil : YAMLText.scalar(device.note)),
            ]
            writeEntry(fields, indent: "  ")
        }
    }

    /// One mapping as an element of a list.
    private mutating func writeEntry(_ fields: [(String, String?)], indent: String) {
        var mark = "- "
        for case (let name, let value?) in fields {
            lines.append("\(indent)\(mark)\(name): \(value)")
            mark = "  "
        }
    }

    private mutating func writeGroups() {
        guard !document.groups.isEmpty else { return }
        lines += ["", "groups:"]
        for group in document.groups {
            lines.append("  - name: \(name(group.name, "group"))")
            lines.append(group.members.isEmpty ? "    members: []" : "    members:")
            for member in group.members { lines.append("      - \(YAMLText.scalar(member.rawValue))") }
        }
    }

    /// A name that can be a key: the parser takes keys of 1024 bytes at most.
    private mutating func name(_ text: String, _ kind: String) -> String {
        if text.unicodeScalars.count > DeploymentFile.maximumNameLength || text.isEmpty {
            let detail = "a name has 1 to \(DeploymentFile.maximumNameLength) characters"
            faults.append(Fault(.inputDeploymentFile, subject: "\(kind) \(ASCIIText.quoted(text))", detail: detail))
        }
        return YAMLText.scalar(text)
    }

    // MARK: Settings

    private mutating func writeSettings() {
        guard !document.settings.isEmpty else { return }
        lines += ["", "settings:"]
        var section = ""
        var previous: SettingLayer?
        for setting in document.settings {
            let (heading, layer) = place(of: setting.layer)
            if heading != section { lines.append("  \(heading):") }
            if let layer, setting.layer != previous { lines.append("    \(layer):") }
            section = heading
            previous = setting.layer
            writeSetting(setting, indent: layer == nil ? "    " : "      ")
        }
    }

    private mutating func place(of layer: SettingLayer) -> (String, String?) {
        switch layer {
        case .type(let id): ("types", name(id.rawValue, "type"))
        case .site: ("site", nil)
        case .group(let group): ("groups", name(group, "group"))
        case .device(let id): ("devices", name(id.rawValue, "device"))
        }
    }

    private mutating func writeSetting(_ setting: Setting, indent: String) {
        let key = YAMLText.scalar(setting.key.description)
        switch setting.value {
        case .secret(let reference):
            let text = YAMLText.scalar(reference.description)
            lines.append(indent + (isSecret(setting.key) ? "\(key): \(text)" : "\(key): {secret: \(text)}"))
        case .plain(let text) where isSecret(setting.key):
            guard allowsPlainSecrets else {
                faults.append(
                    Fault(
                        .inputSecret, subject: "\(setting.key) of \(setting.layer)",
                        detail:
                            "a secret in plain is not written, make it a reference: env:NAME, file:PATH or sealed:NAME")
                )
                return
            }
            lines.append("\(indent)\(key): {plain: \(YAMLText.quoted(text))}")
        case .plain(let text): lines.append("\(indent)\(key): \(YAMLText.scalar(text))")
        }
    }

    // MARK: Trust

    private mutating func writeTrust() {
        guard !document.profiles.isEmpty || !document.bindings.isEmpty else { return }
        lines += ["", "trust:"]
        if !document.profiles.isEmpty { lines.append("  profiles:") }
        for profile in document.profiles {
            lines.append("    - name: \(name(profile.name, "trust profile"))")
            lines.append("      subject: \(YAMLText.quoted(profile.subject))")
            writeAnchors(profile.anchors)
            lines.append("      minimumTLS: \(YAMLText.quoted(profile.minimumTLS))")
            if profile.allowsLegacy { lines.append("      allowsLegacy: true") }
            if let pin = profile.pin { lines.append("      pin: \(YAMLText.quoted(pin))") }
            if profile.allowsExpiredAnchor { lines.append("      allowsExpiredAnchor: true") }
        }
        if !document.bindings.isEmpty { lines.append("  bindings:") }
        for binding in document.bindings { writeBinding(binding) }
    }

    private mutating func writeAnchors(_ anchors: [String]) {
        lines.append(anchors.isEmpty ? "      anchors: []" : "      anchors:")
        for anchor in anchors {
            if let text = YAMLText.literalLines(anchor) {
                lines.append("        - |")
                lines += text.map { "          \($0)" }
            } else {
                lines.append("        - \(YAMLText.quoted(anchor))")
            }
        }
    }

    private mutating func writeBinding(_ binding: TrustBinding) {
        let scope: (String, String) =
            switch binding.scope {
            case .all: ("all", "true")
            case .type(let id): ("type", YAMLText.scalar(id.rawValue))
            case .group(let group): ("group", YAMLText.scalar(group))
            case .device(let id): ("device", YAMLText.scalar(id.rawValue))
            }
        let fields: [(String, String?)] = [
            ("profile", name(binding.profile, "trust profile")), scope,
            ("position", binding.position == 0 ? nil : String(binding.position)),
        ]
        writeEntry(fields, indent: "    ")
    }
}
