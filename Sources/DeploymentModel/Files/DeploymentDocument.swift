/// The whole work in one value: what a deployment file holds.
///
/// A file may hold a part only, for example settings for groups that exist elsewhere; ``unknownReferences(devices:groups:profiles:)``
/// tells what it names without bringing it along.
public struct DeploymentDocument: Hashable, Sendable {
    /// The version that is written; older ones are read, newer ones refused.
    public static let currentVersion = 1

    public var devices: [Device]
    public var groups: [DeviceGroup]
    public var settings: [Setting]
    public var profiles: [TrustRecord]
    public var bindings: [TrustBinding]

    public init(
        devices: [Device] = [], groups: [DeviceGroup] = [], settings: [Setting] = [], profiles: [TrustRecord] = [],
        bindings: [TrustBinding] = []
    ) {
        self.devices = devices
        self.groups = groups
        self.settings = settings
        self.profiles = profiles
        self.bindings = bindings
    }

    /// The same content in the order in which it is written.
    ///
    /// Devices by ID, groups and profiles by name, settings by layer and item, bindings from the widest scope to the
    /// narrowest. Of two settings for one item the later stays.
    public var ordered: DeploymentDocument {
        var latest: [SettingLayer: [ItemKey: Setting]] = [:]
        for setting in settings { latest[setting.layer, default: [:]][setting.key] = setting }
        return DeploymentDocument(
            devices: devices.sorted { $0.id < $1.id },
            groups: groups.sorted { $0.name < $1.name },
            settings: latest.values.flatMap(\.values).sorted(by: Self.precedes),
            profiles: profiles.sorted { $0.name < $1.name },
            bindings: bindings.sorted(by: Self.precedes))
    }

    private static func precedes(_ left: Setting, _ right: Setting) -> Bool {
        if left.layer == right.layer { return left.key < right.key }
        if left.layer.rank != right.layer.rank { return left.layer.rank < right.layer.rank }
        if case .device(let one) = left.layer, case .device(let other) = right.layer { return one < other }
        return left.layer.description < right.layer.description
    }

    private static func precedes(_ left: TrustBinding, _ right: TrustBinding) -> Bool {
        let (one, other) = (scopeKey(left.scope), scopeKey(right.scope))
        if one != other { return one < other }
        return (left.position, left.profile) < (right.position, right.profile)
    }

    private static func scopeKey(_ scope: TrustBinding.Scope) -> (Int, Int, String) {
        switch scope {
        case .all: (0, 0, "")
        case .type(let id): (1, 0, id.rawValue)
        case .group(let name): (2, 0, name)
        // Device IDs sort shorter before longer, as everywhere.
        case .device(let id): (3, id.rawValue.utf8.count, id.rawValue)
        }
    }

    /// Devices, groups and trust profiles that the document names but neither holds nor is told of.
    ///
    /// - Returns: `input.not-found` faults, subject = the place (`groups[2].members[0]`), with the nearest known name.
    public func unknownReferences(
        devices known: some Sequence<DeviceID> = [], groups knownGroups: some Sequence<String> = [],
        profiles knownProfiles: some Sequence<String> = []
    ) -> [Fault] {
        let deviceNames = Set(known.map(\.rawValue)).union(devices.map(\.id.rawValue))
        let groupNames = Set(knownGroups).union(groups.map(\.name))
        let profileNames = Set(knownProfiles).union(profiles.map(\.name))
        var faults: [Fault] = []
        func check(_ name: String, _ kind: String, _ names: Set<String>, _ place: String) {
            guard !names.contains(name), faults.count < 100 else { return }
            let hint = names.count <= 20_000 ? NearestName.hint(name, among: names) : ""
            faults.append(
                Fault(.inputNotFound, subject: place, detail: "there is no \(kind) \(ASCIIText.quoted(name))\(hint)"))
        }
        for (index, group) in groups.enumerated() {
            for (position, member) in group.members.enumerated() {
                check(member.rawValue, "device", deviceNames, "groups[\(index)].members[\(position)]")
            }
        }
        for setting in settings {
            switch setting.layer {
            case .group(let name): check(name, "group", groupNames, "settings.groups.\(ASCIIText.quoted(name))")
            case .device(let id): check(id.rawValue, "device", deviceNames, "settings.devices.\(id)")
            case .type, .site: break
            }
        }
        for (index, binding) in bindings.enumerated() {
            check(binding.profile, "trust profile", profileNames, "trust.bindings[\(index)].profile")
            switch binding.scope {
            case .group(let name): check(name, "group", groupNames, "trust.bindings[\(index)].group")
            case .device(let id): check(id.rawValue, "device", deviceNames, "trust.bindings[\(index)].device")
            case .all, .type: break
            }
        }
        return faults
    }
}
