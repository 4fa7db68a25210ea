/// Changes that several phones have exactly alike, for a view that a person can read.
public struct ChangeGroup: Hashable, Sendable, Codable {
    /// In ascending order of key.
    public var changes: [ItemChange]
    /// In the order in which they were given.
    public var devices: [DeviceID]

    public init(changes: [ItemChange], devices: [DeviceID]) {
        self.changes = changes
        self.devices = devices
    }

    /// Groups changes by the set of phones that have them: what all have alike comes first, what one phone has alone last.
    ///
    /// Each change of each phone is in exactly one group.
    public static func grouping(_ devices: [(device: DeviceID, changes: [ItemChange])]) -> [ChangeGroup] {
        var holders: [ItemChange: [Int]] = [:]
        for (place, entry) in devices.enumerated() {
            for change in entry.changes { holders[change, default: []].append(place) }
        }
        var groups: [[Int]: [ItemChange]] = [:]
        for (change, places) in holders { groups[places, default: []].append(change) }
        return groups.sorted { left, right in
            left.key.count != right.key.count
                ? left.key.count > right.key.count : left.key.lexicographicallyPrecedes(right.key)
        }.map { places, changes in
            ChangeGroup(
                changes: changes.sorted { ($0.key, $0.before ?? "") < ($1.key, $1.before ?? "") },
                devices: places.map { devices[$0].device })
        }
    }
}
