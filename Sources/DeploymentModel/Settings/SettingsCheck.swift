extension Parameter {
    /// The value as it is sent: placeholders filled in, normalised, checked.
    func checkedValue(_ value: SettingValue, of key: ItemKey, for device: Device) throws(Fault) -> SettingValue {
        try checkForm(of: value, key)
        guard case .plain(let text) = value else { return value }
        let expanded = normalise(try Placeholder.expand(text, of: key, for: device))
        if let fault = check(expanded, index: key.index) { throw fault }
        return .plain(expanded)
    }

    /// Whether the parameter may be set at all, and in this form: secrets by reference, everything else as text.
    func checkForm(of value: SettingValue, _ key: ItemKey) throws(Fault) {
        if item == WellKnownItem.terminalNumber {
            throw Fault(
                .planInvalidValue, subject: key.description,
                detail: "the terminal number belongs to the device list: see phonefleet devices number")
        }
        if isReadOnly {
            throw Fault(.planInvalidValue, subject: key.description, detail: "the phone shows it but does not take it")
        }
        if isOnlyInOrders {
            throw Fault(
                .planInvalidValue, subject: key.description,
                detail: "goes with an order to the phone and is no setting of it")
        }
        switch value {
        case .plain where isSecret:
            throw Fault(.inputSecret, subject: key.description, detail: Self.secretRule)
        case .secret where !isSecret:
            throw Fault(.planInvalidValue, subject: key.description, detail: "is no secret: give the value itself")
        default: return
        }
    }

    /// Why a phone with this software does not have the parameter.
    func softwareRule(not software: SoftwareVersion) -> String {
        let range = [softwareFrom.map { "from software \($0)" }, softwareTo.map { "up to software \($0)" }]
        return "only \(range.compactMap(\.self).joined(separator: " ")), the phone has \(software)"
    }
}

extension ParameterCondition: CustomStringConvertible {
    /// `qos-layer3 is true`, `sip-transport is 1 or 2`.
    public var description: String { "\(item) is \(values.joined(separator: " or "))" }
}

extension SettingsBook {
    /// Checks every setting as far as that can be done without a device.
    ///
    /// A setting of a type is held against that type; one of the site, a group or a device must be right for at least
    /// one type, since only planning knows which phones it meets. Values with placeholders are checked when they are
    /// filled in. The faults are in the order of ``settings``.
    public func check(against catalogue: Catalogue) -> [Fault] {
        settings.compactMap { check($0, against: catalogue) }
    }

    private func check(_ setting: Setting, against catalogue: Catalogue) -> Fault? {
        let subject = "\(setting.key) on \(setting.layer)"
        var types = catalogue.types
        if case .type(let id) = setting.layer {
            guard let type = catalogue[id] else {
                let near =
                    catalogue.suggestions(for: id.rawValue, maximum: 1).first.map { "; did you mean \($0)" } ?? ""
                return Fault(.planInvalidValue, subject: subject, detail: "no type is called \(id)\(near)")
            }
            types = [type]
        }
        let parameters = types.compactMap { $0.parameter(item: setting.key.name) }
        guard !parameters.isEmpty else {
            let near = types.lazy.compactMap { $0.suggestions(for: setting.key.name, maximum: 1).first }.first
            return Fault(
                .planInvalidValue, subject: subject,
                detail: "no parameter of that name" + (near.map { "; did you mean \($0)" } ?? ""))
        }
        let faults = parameters.map { $0.fault(of: setting) }
        guard let fault = faults.first ?? nil, faults.allSatisfy({ $0 != nil }) else { return nil }
        return Fault(fault.code, subject: subject, detail: fault.detail)
    }
}

extension Parameter {
    fileprivate func fault(of setting: Setting) -> Fault? {
        do throws(Fault) {
            try checkForm(of: setting.value, setting.key)
            guard case .plain(let text) = setting.value else {
                return accepts(index: setting.key.index)
                    ? nil : Fault(.planInvalidValue, subject: setting.key.description, detail: indexRule)
            }
            guard Placeholder.isTemplate(text) else { return check(normalise(text), index: setting.key.index) }
            try Placeholder.checkNames(in: text, of: setting.key)
            return nil
        } catch {
            return error
        }
    }
}
