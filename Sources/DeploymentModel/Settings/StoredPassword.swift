/// Under which names administrator passwords are sealed in the store.
///
/// These are the passwords that phones have *now*; what they shall have is the parameter ``WellKnownItem/administratorPassword``.
/// When a phone has proven a new one, the store keeps it for that device under its name.
public enum StoredPassword {
    public static func name(for layer: SettingLayer) -> String {
        switch layer {
        case .type(let id): "admin-password/type/\(id)"
        case .site: "admin-password/site"
        case .group(let name): "admin-password/group/\(name)"
        case .device(let id): "admin-password/device/\(id)"
        }
    }
}
