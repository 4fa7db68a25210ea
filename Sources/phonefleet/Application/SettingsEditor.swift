import DeploymentModel
import DeploymentStore
import Foundation

/// Turns `ITEM=VALUE` as typed into settings that were checked against the catalogue.
struct SettingsEditor {
    var workspace: Workspace
    var layer: SettingLayer

    /// Throws all faults at once; secrets that were typed are sealed only when everything is in order.
    func settings(_ assignments: [String]) async throws -> [Setting] {
        let types = try await concernedTypes()
        var settings: [Setting] = []
        var asked: [(Setting, SecretText)] = []
        var faults: [Fault] = []
        for text in assignments {
            do {
                let (setting, secret) = try setting(text, types: types)
                if let secret { asked.append((setting, secret)) } else { settings.append(setting) }
            } catch let fault as Fault {
                faults.append(fault)
            }
        }
        guard faults.isEmpty else { throw FaultList(faults) }
        for (setting, secret) in asked {
            if case .secret(.sealed(let name)) = setting.value { try await workspace.store.seal(secret, as: name) }
            settings.append(setting)
        }
        return settings
    }

    private func setting(_ text: String, types: [PhoneType]) throws -> (Setting, SecretText?) {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard let typed = parts.first, !typed.isEmpty else {
            throw Fault(.inputValue, subject: text, detail: "expects ITEM=VALUE")
        }
        let (key, parameters) = try parameters(String(typed), types)
        let isSecret = parameters.contains(where: \.isSecret)
        guard parts.count == 2 else {
            guard isSecret else { throw Fault(.inputValue, subject: text, detail: "expects ITEM=VALUE") }
            let secret = try SecretInput.read("\(key) (\(layer))", file: nil)
            for parameter in parameters {
                if let fault = parameter.check(secret.reveal(), index: key.index) {
                    throw fault.withoutValue(key, rule: parameter.ruleDescription)
                }
            }
            let name = "setting/\(layer.description.replacing(" ", with: "/"))/\(key)"
            return (Setting(layer: layer, key: key, value: .secret(.sealed(name))), secret)
        }
        return (Setting(layer: layer, key: key, value: try value(String(parts[1]), key, parameters)), nil)
    }

    /// The value must fit at least one of the concerned types; the fault of the first one is told.
    private func value(_ typed: String, _ key: ItemKey, _ parameters: [Parameter]) throws(Fault) -> SettingValue {
        var first: Fault?
        for parameter in parameters {
            do throws(Fault) {
                return try parameter.settingValue(typed: typed, index: key.index)
            } catch {
                first = first ?? error
            }
        }
        throw first ?? Fault(.inputValue, subject: key.description)
    }

    private func parameters(_ typed: String, _ types: [PhoneType]) throws(Fault) -> (ItemKey, [Parameter]) {
        let parsed = ItemKey(parsing: typed)
        var found: [Parameter] = []
        for type in types {
            if let parameter = type.parameter(named: parsed?.name ?? typed) { found.append(parameter) }
        }
        guard let first = found.first else {
            let near = types.lazy.flatMap { $0.suggestions(for: typed, maximum: 1) }.first
            throw Fault(
                .inputNotFound, subject: typed,
                detail: "no such parameter" + (near.map { ", did you mean \($0)?" } ?? ""))
        }
        return (ItemKey(first.item, index: parsed?.index), found)
    }

    /// The item that a person means by its name or label, of which nothing need be known any more.
    func key(_ typed: String) async throws -> ItemKey {
        if let (key, _) = try? parameters(typed, try await concernedTypes()) { return key }
        guard let key = ItemKey(parsing: typed) else {
            throw Fault(.inputNotFound, subject: typed, detail: "no such parameter")
        }
        return key
    }

    /// The types to which the layer can apply: its own, that of the device, or all.
    private func concernedTypes() async throws -> [PhoneType] {
        switch layer {
        case .type(let id): return workspace.catalogue[id].map { [$0] } ?? []
        case .device(let id):
            let type = try await workspace.store.device(id).type
            return type.flatMap { workspace.catalogue[$0] }.map { [$0] } ?? workspace.catalogue.types
        case .site, .group: return workspace.catalogue.types
        }
    }
}

extension Fault {
    /// The same fault about an item, so that a secret value is never quoted.
    func withoutValue(_ key: ItemKey, rule: String) -> Fault {
        Fault(code, subject: key.description, detail: "expects \(rule)")
    }
}
