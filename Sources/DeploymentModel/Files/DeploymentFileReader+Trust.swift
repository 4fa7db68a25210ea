import Yams

/// Trust profiles and their bindings.
extension DeploymentFileReader {
    mutating func readTrust(_ node: Node) {
        guard let trust = fields(node, YAMLPlace(path: "trust"), ["profiles", "bindings"]) else { return }
        var names: [String: Int] = [:]
        for (index, node) in trust.list("profiles").enumerated() where !faults.isFull {
            guard let fields = fields(node, trust.place.key("profiles").index(index), Self.profileKeys),
                let profile = profile(fields)
            else { continue }
            if let first = names.updateValue(index, forKey: profile.name) {
                fields.report("name", "\(ASCIIText.quoted(profile.name)) is the name of profiles[\(first)] already")
            }
            document.profiles.append(profile)
        }
        for (index, node) in trust.list("bindings").enumerated() where !faults.isFull {
            let keys = ["profile", "all", "type", "group", "device", "position"]
            guard let fields = fields(node, trust.place.key("bindings").index(index), keys),
                let binding = binding(fields)
            else { continue }
            document.bindings.append(binding)
        }
    }

    private static let profileKeys = [
        "name", "subject", "anchors", "minimumTLS", "allowsLegacy", "pin", "allowsExpiredAnchor",
    ]

    private func profile(_ fields: YAMLFields) -> TrustRecord? {
        guard let name = fields.requiredText("name", maximumLength: DeploymentFile.maximumNameLength),
            let subject = fields.requiredText("subject")
        else { return nil }
        let versions = ["1.0", "1.1", "1.2", "1.3"]
        let anchors = fields.list("anchors").enumerated().compactMap { position, node in
            anchor(node, fields.place.key("anchors").index(position))
        }
        return TrustRecord(
            name: name, subject: subject, anchors: anchors,
            minimumTLS: fields.value("minimumTLS", expected: "no TLS version, it is one of 1.0, 1.1, 1.2, 1.3") {
                versions.contains($0) ? $0 : nil
            } ?? "1.2",
            allowsLegacy: fields.flag("allowsLegacy"),
            pin: fields.value("pin", expected: "no SHA-256 of a key (64 hexadecimal digits)", Self.fingerprint),
            allowsExpiredAnchor: fields.flag("allowsExpiredAnchor"))
    }

    /// Only the outside is looked at: the TLS parts read the certificate before it is used.
    private func anchor(_ node: Node, _ place: YAMLPlace) -> String? {
        guard let text = YAMLFields.text(node, at: place, faults: faults) else { return nil }
        guard !text.contains("PRIVATE KEY") else {
            faults.report(node, place, "holds a private key, a trusted certificate is public", code: .inputSecret)
            return nil
        }
        guard text.contains("-----BEGIN CERTIFICATE-----") else {
            faults.report(node, place, "is no certificate in PEM form")
            return nil
        }
        return text
    }

    private func binding(_ fields: YAMLFields) -> TrustBinding? {
        let profile = fields.requiredText("profile", maximumLength: DeploymentFile.maximumNameLength)
        let scopes = ["all", "type", "group", "device"].filter { fields[$0] != nil }
        guard scopes.count == 1, let scope = scopes.first else {
            faults.report(fields.node, fields.place, "one of all: true, type, group and device is expected here")
            return nil
        }
        let position = fields.value("position", expected: "no whole number") { Int($0) } ?? 0
        if scope == "all" {
            guard fields.flag("all") else {
                fields.report("all", "all is true or left out")
                return nil
            }
            return profile.map { TrustBinding(profile: $0, scope: .all, position: position) }
        }
        guard let profile, let name = fields.requiredText(scope, maximumLength: DeploymentFile.maximumNameLength) else {
            return nil
        }
        let target: TrustBinding.Scope =
            switch scope {
            case "type": .type(PhoneTypeID(name))
            case "group": .group(name)
            default: .device(DeviceID(name))
            }
        return TrustBinding(profile: profile, scope: target, position: position)
    }
}
