/// Every setting that was made, on all layers.
///
/// A value: the store keeps it, commands change a copy.
public struct SettingsBook: Hashable, Sendable {
    /// In ascending order of key, each key once; no empty lists.
    private var layers: [SettingLayer: [Setting]] = [:]

    public init(_ settings: [Setting] = []) {
        for setting in settings { set(setting) }
    }

    /// Makes or replaces one setting.
    public mutating func set(_ setting: Setting) {
        let (position, isThere) = place(of: setting.key, on: setting.layer)
        if isThere {
            layers[setting.layer]?[position] = setting
        } else {
            layers[setting.layer, default: []].insert(setting, at: position)
        }
    }

    /// Takes one setting back; returns what it was, nil when there was none.
    @discardableResult
    public mutating func unset(_ key: ItemKey, on layer: SettingLayer) -> Setting? {
        let (position, isThere) = place(of: key, on: layer)
        guard isThere else { return nil }
        let setting = layers[layer]?.remove(at: position)
        if layers[layer]?.isEmpty == true { layers[layer] = nil }
        return setting
    }

    /// Takes every setting of a layer back, for example of a device that was deleted.
    public mutating func removeAll(on layer: SettingLayer) {
        layers[layer] = nil
    }

    public var isEmpty: Bool { layers.isEmpty }
    public var count: Int { layers.values.reduce(0) { $0 + $1.count } }

    /// Every setting: weakest layer first, layers of one rank by name, then by key.
    public var settings: [Setting] { usedLayers.flatMap { settings(on: $0) } }

    /// The settings of one layer, by key.
    public func settings(on layer: SettingLayer) -> [Setting] { layers[layer] ?? [] }

    public func value(of key: ItemKey, on layer: SettingLayer) -> SettingValue? {
        let (position, isThere) = place(of: key, on: layer)
        return isThere ? layers[layer]?[position].value : nil
    }

    /// The layers on which something was set, weakest first.
    public var usedLayers: [SettingLayer] { layers.keys.sorted(by: Self.isBefore) }

    private static func isBefore(_ left: SettingLayer, _ right: SettingLayer) -> Bool {
        switch (left, right) {
        case (.device(let a), .device(let b)): a < b
        default: (left.rank, left.description) < (right.rank, right.description)
        }
    }

    /// Where a key stands on a layer, or where it would.
    private func place(of key: ItemKey, on layer: SettingLayer) -> (position: Int, isThere: Bool) {
        guard let settings = layers[layer] else { return (0, false) }
        let position = settings.partitioningIndex { !($0.key < key) }
        return (position, position < settings.count && settings[position].key == key)
    }
}

extension Array {
    /// The first position of an array sorted by `belongsAfter` at which it holds.
    func partitioningIndex(where belongsAfter: (Element) -> Bool) -> Int {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if belongsAfter(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
