/// Makes phone types of a library and reports what does not fit together.
struct CatalogueResolver {
    private let library: CatalogueLibrary
    private let faults: CatalogueFaults
    private var parameters: [String: Parameter] = [:]

    init(_ library: CatalogueLibrary, faults: CatalogueFaults) {
        self.library = library
        self.faults = faults
        for key in library.parameters.keys {
            if let entry = library.parameters[key] { parameters[key] = parameter(key, entry) }
        }
    }

    func types() -> [PhoneType] {
        let types = library.types.keys.compactMap { key in
            library.types[key].flatMap { type(key, $0) }
        }
        checkDeviceTypes(types)
        return types
    }

    /// A phone says its device type only, so two types with the same one could not be told apart.
    private func checkDeviceTypes(_ types: [PhoneType]) {
        var seen: [String: PhoneTypeID] = [:]
        for type in types {
            if let other = seen.updateValue(type.id, forKey: type.deviceType.lowercased()) {
                faults.add(
                    library.types[type.id.rawValue]?.file,
                    "type \"\(type.id)\": deviceType: \"\(type.deviceType)\" belongs to type \"\(other)\" already")
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
            durations: entry.durations ?? PhoneType.Durations(transfer: 2, restart: 60), provenance: provenance)
        checkUniqueness(type, entry.file, place)
        checkConditions(type, entry.file, place)
        return type
    }

    private func tab(_ reference: TabReference, of type: TypeEntry, _ place: String) -> ParameterTab? {
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
        for key in keys where type.without?.contains(key) != true {
            let chosen = type.replace?[key] ?? key
            guard let parameter = self.parameters[chosen] else {
                if library.parameters[chosen] == nil {
                    faults.add(entry.file, "tab \"\(reference.key)\": parameters: no parameter is called \"\(chosen)\"")
                }
                continue
            }
            parameters.append(parameter.limited(from: reference.softwareFrom, to: reference.softwareTo))
        }
        return ParameterTab(id: reference.key, name: name, parameters: parameters)
    }

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
        let shifted = entry.hasShiftedLevel == true ? entry.indices : nil
        let parameter = Parameter(
            item: item, label: label, help: help, kind: kind, minimum: entry.minimum, maximum: entry.maximum,
            minimumLength: entry.minimumLength, maximumLength: entry.maximumLength, pattern: entry.pattern,
            choices: entry.choices ?? [], unit: entry.unit, defaultValue: entry.defaultValue,
            isSecret: entry.isSecret ?? false, isReadOnly: entry.isReadOnly ?? false,
            needsRestart: entry.needsRestart ?? false, indices: entry.indices,
            shiftedIndices: shifted.map { $0.lowerBound + 1000...$0.upperBound + 1000 },
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
        if entry.hasShiftedLevel == true, (parameter.indices?.upperBound ?? 1000) >= 1000 {
            report("shifted", "needs indices below 1000")
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
