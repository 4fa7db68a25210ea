import DeploymentModel

/// A chosen setting as the command line shows it; secrets are shown by their reference.
struct SettingView: Encodable {
    var layer: String
    var item: ItemKey
    var value: String

    init(_ setting: Setting) {
        layer = setting.layer.description
        item = setting.key
        value = Self.text(setting.value)
    }

    static func text(_ value: SettingValue) -> String {
        switch value {
        case .plain(let text): text
        case .secret(.sealed): SecretText.mask
        case .secret(let reference): reference.description
        }
    }

    static func listing(_ settings: [Setting]) -> Listing<SettingView> {
        Listing(
            noun: "settings", views: settings.map(SettingView.init),
            columns: [
                .init(title: "LAYER", text: { $0.layer }),
                .init(title: "ITEM", text: { $0.item.description }),
                .init(title: "VALUE", text: { $0.value }, wraps: true),
            ],
            whenEmpty: "nothing was chosen; 'phonefleet config set --site ITEM=VALUE' chooses a parameter")
    }
}

/// What one device shall have, with the layer from which each value comes.
struct EffectiveView: Encodable {
    var device: DeviceID
    var item: ItemKey
    var value: String?
    var origin: String
    /// What weaker layers said, or why a setting does not apply.
    var remark: String?

    static func listing(_ devices: [Device], in workspace: Workspace, explain: Bool) async throws -> Listing<
        EffectiveView
    > {
        let book = try await workspace.settingsBook()
        let groups = try await workspace.groupsByDevice()
        var views: [EffectiveView] = []
        for device in devices {
            guard let type = device.type.flatMap({ workspace.catalogue[$0] }) else { continue }
            let effective = book.resolve(for: device, type: type, groups: groups[device.id] ?? [])
            views += effective.settings.map { view($0, of: device.id) }
            views += effective.faults.map { fault in
                EffectiveView(
                    device: device.id, item: ItemKey(fault.subject ?? "?"), value: nil, origin: "error",
                    remark: fault.summary)
            }
            if explain { views += effective.notApplicable.map { view($0, of: device.id) } }
        }
        var columns: [Listing<EffectiveView>.Column] = [
            .init(title: "DEVICE", text: { $0.device.rawValue }),
            .init(title: "ITEM", text: { $0.item.description }),
            .init(title: "VALUE", text: { $0.value }, wraps: true),
        ]
        if explain {
            columns.append(.init(title: "FROM", text: { $0.origin }))
            columns.append(.init(title: "REMARK", text: { $0.remark }, wraps: true))
        }
        return Listing(noun: "effective", views: views, columns: columns, whenEmpty: "nothing applies to these devices")
    }

    private static func view(_ setting: EffectiveSetting, of device: DeviceID) -> EffectiveView {
        let overridden = setting.overridden.map { "\($0.layer): \(SettingView.text($0.value))" }
        return EffectiveView(
            device: device, item: setting.key, value: SettingView.text(setting.value),
            origin: setting.origin.description,
            remark: overridden.isEmpty ? nil : "overrides " + overridden.joined(separator: ", "))
    }

    private static func view(_ passed: EffectiveSettings.NotApplicable, of device: DeviceID) -> EffectiveView {
        let reason =
            switch passed.reason {
            case .noSuchParameter: "the type has no such parameter"
            case .noSuchIndex: "the type has no such instance"
            case .software(let version): "not with software \(version)"
            }
        return EffectiveView(
            device: device, item: passed.setting.key, value: nil, origin: passed.setting.layer.description,
            remark: "not applicable: \(reason)")
    }
}
