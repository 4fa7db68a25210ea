/// Makes phone types of a library and reports what does not fit together.
struct CatalogueResolver {
    private let library: CatalogueLibrary
    private let faults: CatalogueFaults
    private var parameters: [String: Parameter] = [:]
    /// The parameters whose instances each type gives, with the name of the set and whether there is a second level.
    private var variable: [String: (set: String, isShifted: Bool)] = [:]

    /// The tabs that are the same on every type that takes nothing out and puts nothing in, so that such types share them.
    private var wholeTabs: [String: WholeTab] = [:]

    private struct WholeTab {
        var tab: ParameterTab
        /// The library keys of its parameters.
        var keys: Set<String>

        func isSame(on type: TypeEntry) -> Bool {
            (type.without?.isDisjoint(with: keys) ?? true)
                && (type.replace?.allSatisfy { !keys.contains($0.key) } ?? true)
        }
    }

    init(_ library: CatalogueLibrary, faults: CatalogueFaults) {
        self.library = library
        self.faults = faults
        for key in library.parameters.keys {
            guard let entry = library.parameters[key] else { continue }
            parameters[key] = parameter(key, entry)
            if case .set(let name)? = entry.indices { variable[key] = (name, entry.hasShiftedLevel == true) }
        }
        for key in library.tabs.keys { wholeTabs[key] = wholeTab(key) }
    }

    func types() -> [PhoneType] {
        let types = library.types.keys.compactMap { key in
            library.types[key].flatMap { type(key, $0) }
        }
        checkDeviceTypes(types)
        return types
    }

    /// A phone says its device type and its software type only, so types that share both could not be told apart.
    private func checkDeviceTypes(_ types: [PhoneType]) {
        var seen: [PhoneAnswer: [PhoneType]] = [:]
        for type in types {
            var own: Set<PhoneAnswer> = []
            // In the type's own order, so that the same files bring the same faults in the same order.
            for answer in type.answers.map({ PhoneAnswer($0) }) where own.insert(answer).inserted {
                for other in seen[answer] ?? [] where other.mayAnswerLike(type) {
                    faults.add(
                        library.types[type.id.rawValue]?.file,
                        "type \"\(type.id)\": deviceType: \"\(answer)\" belongs to type \"\(other.id)\" already")
                }
                seen[answer, default: []].append(type)
            }
        }
    }

    private func missing(_ file: String, _ place: String, _ fields: [(String, Bool)]) -> Bool {
        let names = fields.filter(\.1).map(\.0)
        if !names.isEmpty { faults.add(file, "\(place): \(names.joined(separator: ", ")): missing") }
        return !names.isEmpty
    }
}

// Types and tabs
extension CatalogueResolver {
    private func type(_ key: String, _ entry: TypeEntry) -> PhoneType? {
        let place = "type \"\(key)\""
        guard let name = entry.name, let deviceType = entry.deviceType, !deviceType.isEmpty, let tabs = entry.tabs,
            let managementProtocol = entry.managementProtocol, let access = entry.access,
            let provenance = entry.provenance
        else {
            _ = missing(
                entry.file, place,
                [
                    ("name", entry.name == nil), ("deviceType", entry.deviceType?.isEmpty ?? true),
                    ("tabs", entry.tabs == nil), ("protocol", entry.managementProtocol == nil),
                    ("access", entry.access == nil), ("provenance", entry.provenance == nil),
                ])
            return nil
        }
        let type = PhoneType(
            id: PhoneTypeID(key), name: name, deviceType: deviceType, family: entry.family ?? name,
            managementProtocol: managementProtocol, access: access, softwareVersions: entry.softwareVersions ?? [],
            tabs: tabs.compactMap { tab($0, of: entry, place) }, fileKinds: entry.fileKinds ?? [],
            limits: entry.limits ?? PhoneType.Limits(items: 500, fileBytes: 65536),
            durations: entry.durations ?? PhoneType.Durations(transfer: 2, restart: 60), provenance: provenance,
            alsoAnswers: entry.alsoAnswers ?? [], softwareType: entry.softwareType,
            capabilitiesFrom: entry.capabilitiesFrom ?? [:])
        checkUniqueness(type, entry.file, place)
        checkConditions(type, entry.file, place)
        return type
    }

    /// nil for a tab that has to be made for each type, or with which something is wrong.
    private func wholeTab(_ key: String) -> WholeTab? {
        guard let entry = library.tabs[key], let name = entry.name, let keys = entry.parameters,
            !keys.contains(where: { variable[$0] != nil })
        else { return nil }
        let parameters = keys.compactMap { self.parameters[$0] }
        guard parameters.count == keys.count else { return nil }
        return WholeTab(tab: ParameterTab(id: key, name: name, parameters: parameters), keys: Set(keys))
    }

    private func tab(_ reference: TabReference, of type: TypeEntry, _ place: String) -> ParameterTab? {
        if let whole = wholeTabs[reference.key], reference.softwareFrom == nil, reference.softwareTo == nil,
            whole.isSame(on: type)
        {
            return whole.tab
        }
        guard let entry = library.tabs[reference.key] else {
            faults.add(type.file, "\(place): tabs: no tab is called \"\(reference.key)\"")
            return nil
        }
        guard let name = entry.name, let keys = entry.parameters else {
            _ = missing(
                entry.file, "tab \"\(reference.key)\"",
                [("name", entry.name == nil), ("parameters", entry.parameters == nil)])
            return nil
        }
        var parameters: [Parameter] = []
        parameters.reserveCapacity(keys.count)
        for key in keys where type.without?.contains(key) != true {
            let chosen = type.replace?[key] ?? key
            guard let parameter = self.parameters[chosen] else {
                if library.parameters[chosen] == nil {
                    faults.add(entry.file, "tab \"\(reference.key)\": parameters: no parameter is called \"\(chosen)\"")
                }
                continue
            }
            let limited = parameter.limited(from: reference.softwareFrom, to: reference.softwareTo)
            parameters.append(withInstances(limited, chosen, of: type, place))
        }
        return ParameterTab(id: reference.key, name: name, parameters: parameters)
    }

    /// The parameter with the instances that it has on this type, where the types differ in them.
    private func withInstances(
        _ parameter: Parameter, _ key: String, of type: TypeEntry, _ place: String
    ) -> Parameter {
        guard let (name, isShifted) = variable[key] else { return parameter }
        guard let ranges = type.indexSets?[name] else {
            faults.add(type.file, "\(place): indexSets: has no \"\(name)\", which parameter \"\(key)\" needs")
            return parameter
        }
        if isShifted, (ranges.last?.upperBound ?? 0) >= 1000 {
            faults.add(type.file, "\(place): indexSets: \(name): \(Self.shiftRule)")
        }
        return parameter.with(indices: ranges, hasShiftedLevel: isShifted)
    }

    private static let shiftRule = "needs indices below 1000"

    /// Every tab and every item once.
    private func checkUniqueness(_ type: PhoneType, _ file: String, _ place: String) {
        var seenTabs: Set<String> = []
        for tab in type.tabs where !seenTabs.insert(tab.id).inserted {
            faults.add(file, "\(place): tabs: \"\(tab.id)\" stands twice")
        }
        let total = type.tabs.reduce(0) { $0 + $1.parameters.count }
        guard total != type.parameterCount else { return }
        var seenItems: Set<String> = []
        for tab in type.tabs {
            for parameter in tab.parameters where !seenItems.insert(parameter.item).inserted {
                faults.add(file, "\(place): tab \"\(tab.id)\": item \"\(parameter.item)\" stands on the type twice")
            }
        }
    }

    /// Every condition is about an item of the type and values that it can have.
    private func checkConditions(_ type: PhoneType, _ file: String, _ place: String) {
        for tab in type.tabs {
            for parameter in tab.parameters {
                guard let condition = parameter.onlyIf else { continue }
                var here: String { "\(place): parameter \"\(parameter.item)\": onlyIf" }
                guard let other = type.parameter(item: condition.item) else {
                    faults.add(file, "\(here): the type has no item \"\(condition.item)\"")
                    continue
                }
                for value in condition.values where !other.isAllowed(value) {
                    faults.add(
                        file, "\(here): \(condition.item) expects \(other.ruleDescription), got \"\(value)\"")
                }
            }
        }
    }
}

// Parameters
extension CatalogueResolver {
    private func parameter(_ key: String, _ entry: ParameterEntry) -> Parameter? {
        let place = "parameter \"\(key)\""
        guard let item = entry.item, let label = entry.label, !label.isEmpty, let help = entry.help, !help.isEmpty,
            let kind = entry.kind, let provenance = entry.provenance
        else {
            _ = missing(
                entry.file, place,
                [
                    ("label", entry.label?.isEmpty ?? true), ("help", entry.help?.isEmpty ?? true),
                    ("kind", entry.kind == nil), ("provenance", entry.provenance == nil),
                ])
            return nil
        }
        let parameter = Parameter(
            item: item, label: label, help: help, kind: kind, minimum: entry.minimum, maximum: entry.maximum,
            minimumLength: entry.minimumLength, maximumLength: entry.maximumLength, pattern: entry.pattern,
            choices: entry.choices ?? [], unit: entry.unit, defaultValue: entry.defaultValue,
            isSecret: entry.isSecret ?? false, isReadOnly: entry.isReadOnly ?? false,
            isOnlyInOrders: entry.isOnlyInOrders ?? false, needsRestart: entry.needsRestart ?? false,
            indices: entry.indices?.ranges ?? [], hasShiftedLevel: entry.hasShiftedLevel ?? false,
            softwareFrom: entry.softwareFrom, softwareTo: entry.softwareTo, onlyIf: entry.onlyIf,
            dependentGroup: entry.dependentGroup, provenance: provenance)
        check(parameter, entry, place)
        return parameter
    }

    private func check(_ parameter: Parameter, _ entry: ParameterEntry, _ place: String) {
        func report(_ field: String, _ problem: String) { faults.add(entry.file, "\(place): \(field): \(problem)") }
        if !CatalogueLibrary.isKey(parameter.item) { report("item", "expects 1 to 60 of a-z A-Z 0-9 - _ .") }
        if let low = parameter.minimum, let high = parameter.maximum, low > high {
            report("minimum", "\(low) is larger than maximum \(high)")
        }
        if let low = parameter.minimumLength, let high = parameter.maximumLength, low > high {
            report("minimumLength", "\(low) is larger than maximumLength \(high)")
        }
        if (parameter.kind == .choice) == parameter.choices.isEmpty {
            report("choices", parameter.kind == .choice ? "missing for kind choice" : "only for kind choice")
        }
        if case .some(.none) = parameter.facts.compiledPattern {
            report("pattern", "cannot be read; allowed are characters, classes, groups, | and repetitions")
        }
        if case .set? = entry.indices {
            // Each type says which instances there are, and is held against the rule there.
        } else if entry.hasShiftedLevel == true, (parameter.indices.last?.upperBound ?? 1000) >= 1000 {
            report("shifted", Self.shiftRule)
        }
        if let low = parameter.softwareFrom, let high = parameter.softwareTo, low > high {
            report("softwareFrom", "\(low) is later than softwareTo \(high)")
        }
        if let value = parameter.defaultValue {
            if parameter.isSecret {
                report("default", "a secret has none")
            } else if !parameter.isAllowed(value) {
                report("default", "expects \(parameter.ruleDescription), got \"\(value.prefix(60))\"")
            }
        }
    }
}
