/// Where a setting was made.
///
/// A later case wins over an earlier one: type < site < group < device.
public enum SettingLayer: Hashable, Sendable, Codable {
    case type(PhoneTypeID)
    case site
    case group(String)
    case device(DeviceID)
}

extension SettingLayer: CustomStringConvertible {
    /// `type NAME`, `site`, `group NAME` or `device ID`.
    public var description: String {
        switch self {
        case .type(let id): "type \(id)"
        case .site: "site"
        case .group(let name): "group \(name)"
        case .device(let id): "device \(id)"
        }
    }

    /// 0 for the weakest layer.
    public var rank: Int {
        switch self {
        case .type: 0
        case .site: 1
        case .group: 2
        case .device: 3
        }
    }
}

/// A value as it is stored: plain text (with the placeholders `{number}`, `{mac}`, `{ip}`), or a reference to a secret.
public enum SettingValue: Hashable, Sendable, Codable {
    case plain(String)
    case secret(SecretReference)
}

/// One chosen parameter on one layer.
///
/// Only what was chosen is ever sent.
public struct Setting: Hashable, Sendable, Codable {
    public var layer: SettingLayer
    public var key: ItemKey
    public var value: SettingValue

    public init(layer: SettingLayer, key: ItemKey, value: SettingValue) {
        self.layer = layer
        self.key = key
        self.value = value
    }
}
