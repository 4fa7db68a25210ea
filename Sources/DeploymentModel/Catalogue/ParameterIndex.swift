/// The parameters of a type by item name, prepared once.
///
/// It follows from the tabs, so it takes no part in comparing types.
struct ParameterIndex: Hashable, Sendable {
    private let byItem: [String: Parameter]

    init(_ tabs: [ParameterTab]) {
        var byItem: [String: Parameter] = [:]
        byItem.reserveCapacity(tabs.reduce(0) { $0 + $1.parameters.count })
        for tab in tabs {
            for parameter in tab.parameters { byItem[parameter.item] = parameter }
        }
        self.byItem = byItem
    }

    subscript(item: String) -> Parameter? { byItem[item] }
    var count: Int { byItem.count }

    static func == (left: ParameterIndex, right: ParameterIndex) -> Bool { true }
    func hash(into hasher: inout Hasher) {}
}

extension PhoneType {
    /// The parameter with this item name, in constant time.
    public func parameter(item: String) -> Parameter? { index[item] }

    /// The parameter that a person means by an item name or by a label; upper and lower case are the same.
    ///
    /// A label that stands for several items names none of them.
    public func parameter(named name: String) -> Parameter? {
        if let exact = index[name] { return exact }
        let wanted = name.trimmingSpace().lowercased()
        let matches = parameters.filter { $0.item.lowercased() == wanted || $0.label.lowercased() == wanted }
        return matches.count == 1 ? matches.first : nil
    }

    /// Every parameter in the order of the tabs.
    public var parameters: some Sequence<Parameter> { tabs.lazy.flatMap(\.parameters) }

    public var parameterCount: Int { index.count }

    /// Every item with its instances, in the order of the tabs: what a phone of this type holds.
    public func itemKeys(software: SoftwareVersion? = nil) -> [ItemKey] {
        parameters.filter { $0.isSupported(by: software) && !$0.isOnlyInOrders }.flatMap { parameter in
            parameter.instances.map { ItemKey(parameter.item, index: $0) }
        }
    }

    /// The tab on which a parameter stands.
    public func tab(of item: String) -> ParameterTab? {
        tabs.first { tab in tab.parameters.contains { $0.item == item } }
    }

    /// The tab with this id or name; upper and lower case are the same.
    public func tab(named name: String) -> ParameterTab? {
        let wanted = name.trimmingSpace().lowercased()
        return tabs.first { $0.id.lowercased() == wanted } ?? tabs.first { $0.name.lowercased() == wanted }
    }

    /// The item names nearest to a mistyped name or label, best first; empty when none is near.
    public func suggestions(for name: String, maximum: Int = 3) -> [String] {
        Spelling.nearest(to: name, among: parameters.map { ([$0.item, $0.label], $0.item) }, maximum: maximum)
    }
}

extension Catalogue {
    /// The type that a person means by id, name or device type; upper and lower case are the same.
    public func type(named name: String) -> PhoneType? {
        if let exact = self[PhoneTypeID(name)] { return exact }
        let wanted = name.trimmingSpace().lowercased()
        return types.first { $0.id.rawValue.lowercased() == wanted || $0.name.lowercased() == wanted }
            ?? types(answering: wanted).first
    }

    /// The ids of the types nearest to a mistyped name, best first; empty when none is near.
    public func suggestions(for name: String, maximum: Int = 3) -> [PhoneTypeID] {
        Spelling.nearest(
            to: name, among: types.map { ([$0.id.rawValue, $0.name, $0.deviceType], $0.id) }, maximum: maximum)
    }
}

/// Finds what a person may have meant by a mistyped name.
enum Spelling {
    /// The candidates whose nearest spelling differs least; those that differ in more than a third are left out.
    static func nearest<Value>(
        to name: String, among candidates: [(spellings: [String], value: Value)], maximum: Int
    ) -> [Value] {
        let wanted = Array(name.lowercased().utf8.prefix(80))
        guard wanted.count >= 2 else { return [] }
        let ranked = candidates.compactMap { candidate -> (distance: Int, value: Value)? in
            let best = candidate.spellings.map { spelling in
                let other = Array(spelling.lowercased().utf8.prefix(80))
                return other.starts(with: wanted) ? 1 : NearestName.distance(wanted, other)
            }.min()
            guard let best, best <= max(2, wanted.count / 3) else { return nil }
            return (best, candidate.value)
        }
        let best = ranked.enumerated().sorted { ($0.element.distance, $0.offset) < ($1.element.distance, $1.offset) }
        return best.prefix(maximum).map(\.element.value)
    }
}
