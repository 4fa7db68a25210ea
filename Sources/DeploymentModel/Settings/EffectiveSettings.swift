/// One value that a phone should have, with the layer that decided it.
public struct EffectiveSetting: Hashable, Sendable {
    public var key: ItemKey
    /// With the placeholders filled in, in the form in which it is sent.
    public var value: SettingValue
    public var origin: SettingLayer
    /// The settings of weaker layers (and groups) that this one overrides, strongest first.
    public var overridden: [Setting]
    public var parameter: Parameter

    public init(
        key: ItemKey, value: SettingValue, origin: SettingLayer, overridden: [Setting] = [], parameter: Parameter
    ) {
        self.key = key
        self.value = value
        self.origin = origin
        self.overridden = overridden
        self.parameter = parameter
    }
}

/// What all layers together say of one phone.
public struct EffectiveSettings: Hashable, Sendable {
    /// What the phone should have, by key.
    public var settings: [EffectiveSetting]
    /// Settings of wider layers about something that this phone does not have; they are passed over.
    public var notApplicable: [NotApplicable]
    /// Why the phone cannot be configured as it stands.
    ///
    /// ``settings`` holds no value with a fault.
    public var faults: [Fault]

    /// A setting that was passed over, with the reason.
    public struct NotApplicable: Hashable, Sendable {
        public var setting: Setting
        public var reason: Reason

        public enum Reason: Hashable, Sendable {
            /// The type has no such parameter.
            case noSuchParameter
            /// The parameter is there, but not this instance of it.
            case noSuchIndex
            /// The phone's software is too old or too new for it.
            case software(SoftwareVersion)
        }

        public init(setting: Setting, reason: Reason) {
            self.setting = setting
            self.reason = reason
        }
    }

    public init(settings: [EffectiveSetting] = [], notApplicable: [NotApplicable] = [], faults: [Fault] = []) {
        self.settings = settings
        self.notApplicable = notApplicable
        self.faults = faults
    }
}

extension SettingsBook {
    /// What a phone should have: type < site < group < device.
    ///
    /// - Parameter groups: the groups of which the device is a member.
    /// - Throws: every fault of ``resolve(for:type:groups:)``.
    public func effective(
        for device: Device, type: PhoneType, groups: [String]
    ) throws(FaultList) -> [EffectiveSetting] {
        let result = resolve(for: device, type: type, groups: groups)
        guard result.faults.isEmpty else { throw FaultList(result.faults) }
        return result.settings
    }

    /// Lays the layers over each other for one phone, and reports everything that is wrong with the result.
    ///
    /// - A setting of the site or a group about a parameter that the type, its software or that index does not have is
    ///   passed over, and so is one of the type that the phone's software does not have; else it is a fault.
    /// - Two groups with different values for one key are a conflict (`plan.setting-conflict`), unless the device decides.
    /// - A value against the parameter's rule, an unknown or unfilled placeholder, a secret in plain text, a read-only
    ///   item, or a parameter whose condition the settings themselves deny is a fault.
    public func resolve(for device: Device, type: PhoneType, groups: [String]) -> EffectiveSettings {
        var resolution = Resolution(device: device, type: type)
        let candidates = candidates(for: device, type: type, groups: groups)
        var start = 0
        while start < candidates.count {
            let key = candidates[start].key
            let end = candidates[start...].firstIndex { $0.key != key } ?? candidates.count
            resolution.add(key, candidates[start..<end])
            start = end
        }
        return resolution.finish()
    }

    /// Every setting that bears on the device: by key, and under one key the strongest first.
    private func candidates(for device: Device, type: PhoneType, groups: [String]) -> [Setting] {
        let layers =
            [SettingLayer.device(device.id)] + Set(groups).sorted().map(SettingLayer.group) + [.site, .type(type.id)]
        return layers.reduce(into: []) { merged, layer in
            let weaker = settings(on: layer)
            merged = merged.isEmpty ? weaker : Self.merge(merged, weaker)
        }
    }

    private static func merge(_ strong: [Setting], _ weak: [Setting]) -> [Setting] {
        guard !weak.isEmpty else { return strong }
        var result: [Setting] = []
        result.reserveCapacity(strong.count + weak.count)
        var rest = weak[...]
        for setting in strong {
            while let next = rest.first, next.key < setting.key { result.append(rest.removeFirst()) }
            result.append(setting)
        }
        return result + rest
    }
}

/// The work of one ``SettingsBook/resolve(for:type:groups:)``.
private struct Resolution {
    let device: Device
    let type: PhoneType
    var result = EffectiveSettings()

    init(device: Device, type: PhoneType) {
        self.device = device
        self.type = type
    }

    mutating func add(_ key: ItemKey, _ candidates: ArraySlice<Setting>) {
        guard let parameter = type.parameter(item: key.name) else {
            return passOver(candidates, .noSuchParameter, "the type \(type.id) has no such parameter")
        }
        guard parameter.accepts(index: key.index) else {
            return passOver(candidates, .noSuchIndex, parameter.indexRule)
        }
        if let software = device.softwareVersion, !parameter.isSupported(by: software) {
            return passOver(candidates, .software(software), parameter.softwareRule(not: software))
        }
        if let conflict = conflict(key, candidates) {
            result.faults.append(conflict)
            return
        }
        guard let strongest = candidates.first else { return }
        do throws(Fault) {
            let value = try parameter.checkedValue(strongest.value, of: key, for: device)
            result.settings.append(
                EffectiveSetting(
                    key: key, value: value, origin: strongest.layer, overridden: Array(candidates.dropFirst()),
                    parameter: parameter))
        } catch {
            result.faults.append(error.adding(origin: strongest.layer))
        }
    }

    private mutating func passOver(
        _ candidates: ArraySlice<Setting>, _ reason: EffectiveSettings.NotApplicable.Reason, _ words: String
    ) {
        for setting in candidates {
            if isPassedOver(setting.layer, reason) {
                result.notApplicable.append(.init(setting: setting, reason: reason))
            } else {
                let fault = Fault(.planInvalidValue, subject: setting.key.description, detail: words)
                result.faults.append(fault.adding(origin: setting.layer))
            }
        }
    }

    /// A site, a group, and even a type (whose phones differ in software) is spoken of without knowing each phone.
    private func isPassedOver(_ layer: SettingLayer, _ reason: EffectiveSettings.NotApplicable.Reason) -> Bool {
        switch (layer, reason) {
        case (.site, _), (.group, _), (.type, .software): true
        default: false
        }
    }

    private func conflict(_ key: ItemKey, _ candidates: ArraySlice<Setting>) -> Fault? {
        guard let first = candidates.first, case .group(let one) = first.layer else { return nil }
        for other in candidates.dropFirst() {
            guard case .group(let two) = other.layer, other.value != first.value else { continue }
            return Fault(
                .planSettingConflict, subject: key.description,
                detail: "groups \(one) and \(two) give device \(device.id) different values")
        }
        return nil
    }

    mutating func finish() -> EffectiveSettings {
        checkConditions()
        return result
    }

    /// A condition that the settings leave open is the phone's own business; one that they deny is a mistake.
    private mutating func checkConditions() {
        for setting in result.settings {
            guard let condition = setting.parameter.onlyIf else { continue }
            let index = type.parameter(item: condition.item)?.indices.isEmpty == false ? setting.key.index : nil
            guard case .plain(let value) = value(of: ItemKey(condition.item, index: index)),
                !condition.values.contains(value)
            else { continue }
            let fault = Fault(
                .planInvalidValue, subject: setting.key.description,
                detail: "counts only while \(condition.description), and the settings make it \(value)")
            result.faults.append(fault.adding(origin: setting.origin))
        }
    }
}

extension Resolution {
    private func value(of key: ItemKey) -> SettingValue? {
        let position = result.settings.partitioningIndex { !($0.key < key) }
        guard position < result.settings.count, result.settings[position].key == key else { return nil }
        return result.settings[position].value
    }
}

extension Fault {
    /// The same fault, with the layer named on which the setting was made.
    fileprivate func adding(origin: SettingLayer) -> Fault {
        Fault(code, subject: subject, detail: [detail, "set on \(origin)"].compactMap(\.self).joined(separator: "; "))
    }
}
