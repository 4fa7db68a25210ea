/// Every setting that was made, on all layers. A value: the store keeps it, commands change a copy.
public struct SettingsBook: Hashable, Sendable {
    private var layers: [SettingLayer: [ItemKey: SettingValue]] = [:]

    public init(_ settings: [Setting] = []) {
        for setting in settings { set(setting) }
    }

    /// Makes or replaces one setting.
    public mutating func set(_ setting: Setting) {
        layers[setting.layer, default: [:]][setting.key] = setting.value
    }

    /// Takes one setting back; returns what it was, nil when there was none.
    @discardableResult
    public mutating func unset(_ key: ItemKey, on layer: SettingLayer) -> Setting? {
        guard let value = layers[layer]?.removeValue(forKey: key) else { return nil }
        if layers[layer]?.isEmpty == true { layers[layer] = nil }
        return Setting(layer: layer, key: key, value: value)
    }

    /// Takes every setting of a layer back, for example of a device that was deleted.
    public mutating func removeAll(on layer: SettingLayer) {
        layers[layer] = nil
    }

    public var isEmpty: Bool { layers.isEmpty }
    public var count: Int { layers.values.reduce(0) { $0 + $1.count } }

    /// Every setting: weakest layer first, layers of one rank by name, then by key.
    public var settings: [Setting] {
        layers.keys.sorted(by: Self.isBefore).flatMap { settings(on: $0) }
    }

    /// The settings of one layer, by key.
    public func settings(on layer: SettingLayer) -> [Setting] {
        (layers[layer] ?? [:]).sorted { $0.key < $1.key }.map { Setting(layer: layer, key: $0.key, value: $0.value) }
    }

    public func value(of key: ItemKey, on layer: SettingLayer) -> SettingValue? {
        layers[layer]?[key]
    }

    /// The layers on which something was set, weakest first.
    public var usedLayers: [SettingLayer] { layers.keys.sorted(by: Self.isBefore) }

    private static func isBefore(_ left: SettingLayer, _ right: SettingLayer) -> Bool {
        switch (left, right) {
        case (.device(let a), .device(let b)): a < b
        default: (left.rank, left.description) < (right.rank, right.description)
        }
    }

    /// The settings of a layer in no order, for those who sort the sum.
    func values(on layer: SettingLayer) -> [ItemKey: SettingValue] { layers[layer] ?? [:] }
}
