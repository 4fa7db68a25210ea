/// Finds the trust profiles of a device: those of its most specific scope that has any, in the order of their position.
public struct TrustResolver: Sendable {
    private let byScope: [TrustBinding.Scope: [TrustBinding]]

    public init(_ bindings: [TrustBinding]) {
        byScope = Dictionary(grouping: bindings, by: \.scope)
    }

    /// Names of the profiles in the order in which they are tried, each once; empty when no scope has any.
    ///
    /// - Parameter groups: the groups that the device is in; their profiles are taken together.
    public func profiles(for device: DeviceID?, type: PhoneTypeID?, groups: [String] = []) -> [String] {
        let levels: [[TrustBinding.Scope]] = [
            device.map { [.device($0)] } ?? [], groups.map { .group($0) }, type.map { [.type($0)] } ?? [], [.all],
        ]
        for scopes in levels {
            let found = scopes.flatMap { byScope[$0] ?? [] }
            if !found.isEmpty { return Self.names(of: found) }
        }
        return []
    }

    /// The profiles that are bound to the device itself, in the order in which they are tried; nil when there are none.
    public func ownProfiles(of device: DeviceID) -> [String]? {
        byScope[.device(device)].map(Self.names)
    }

    private static func names(of bindings: [TrustBinding]) -> [String] {
        var seen: Set<String> = []
        return bindings.sorted { ($0.position, $0.profile) < ($1.position, $1.profile) }
            .map(\.profile).filter { seen.insert($0).inserted }
    }
}
