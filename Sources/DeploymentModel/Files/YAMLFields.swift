import Yams

/// Where in a file something stands: the line and the path of keys.
struct YAMLPlace {
    var path: String

    func key(_ name: some StringProtocol) -> YAMLPlace {
        let shown = ASCIIText.quoted(name, limit: 40)
        return YAMLPlace(path: path.isEmpty ? shown : "\(path).\(shown)")
    }

    func index(_ position: Int) -> YAMLPlace { YAMLPlace(path: "\(path)[\(position)]") }
}

/// Collects what is wrong with a file.
final class YAMLFaults {
    private(set) var faults: [Fault] = []
    static let limit = 100

    func report(_ node: Node?, _ place: YAMLPlace, _ detail: String, code: StatusCode = .inputDeploymentFile) {
        guard faults.count < Self.limit else { return }
        let line = node?.mark.map { "line \($0.line)" }
        let subject = [line, place.path.isEmpty ? nil : place.path].compactMap(\.self).joined(separator: ", ")
        faults.append(Fault(code, subject: subject.isEmpty ? nil : subject, detail: detail))
    }

    var isFull: Bool { faults.count >= Self.limit }
}

/// The keys of one mapping, checked against the allowed ones.
struct YAMLFields {
    private var values: [String: Node] = [:]
    let node: Node
    let place: YAMLPlace
    private let faults: YAMLFaults

    /// nil (and a fault) when the node is no mapping.
    ///
    /// - Parameter allowed: nil = any key.
    init?(_ node: Node, at place: YAMLPlace, allowed: [String]?, faults: YAMLFaults) {
        guard case .mapping(let mapping) = node else {
            faults.report(node, place, "a mapping (name: value) is expected here")
            return nil
        }
        self.node = node
        self.place = place
        self.faults = faults
        for (key, value) in mapping {
            guard let name = key.scalar?.string else {
                faults.report(key, place, "a name is expected before the colon")
                continue
            }
            if let allowed, !allowed.contains(name) {
                let hint = NearestName.hint(name, among: allowed)
                let known = hint.isEmpty ? ", known are \(allowed.joined(separator: ", "))" : hint
                faults.report(key, place.key(name), "there is no key of this name\(known)")
                continue
            }
            values[name] = value
        }
    }

    subscript(_ name: String) -> Node? { values[name] }

    /// All names in alphabetical order, so that faults and results are always in the same order.
    var names: [String] { values.keys.sorted() }

    func report(_ name: String, _ detail: String, code: StatusCode = .inputDeploymentFile) {
        faults.report(values[name] ?? node, place.key(name), detail, code: code)
    }

    func list(_ name: String) -> [Node] {
        guard let node = values[name] else { return [] }
        if case .sequence(let sequence) = node { return Array(sequence) }
        if !YAMLFields.isNull(node) { report(name, "a list is expected here") }
        return []
    }

    /// The text of a scalar; nil when the key is missing or (with a fault) has no text.
    func text(_ name: String, maximumLength: Int = 4096) -> String? {
        guard let node = values[name] else { return nil }
        guard let text = YAMLFields.text(node, at: place.key(name), faults: faults) else { return nil }
        guard text.unicodeScalars.count <= maximumLength else {
            report(name, "longer than \(maximumLength) characters")
            return nil
        }
        return text
    }

    func requiredText(_ name: String, maximumLength: Int = 4096) -> String? {
        guard values[name] != nil else {
            faults.report(node, place, "\(name) is missing")
            return nil
        }
        let text = text(name, maximumLength: maximumLength)
        guard text != "" else {
            report(name, "is empty")
            return nil
        }
        return text
    }

    /// The scalar as a value, with a fault that says what is expected when it is none.
    func value<Value>(_ name: String, expected: String, _ parse: (String) -> Value?) -> Value? {
        guard let text = text(name) else { return nil }
        guard let value = parse(text) else {
            report(name, "\(ASCIIText.quoted(text, limit: 40)) is \(expected)")
            return nil
        }
        return value
    }

    func flag(_ name: String) -> Bool {
        value(name, expected: "neither true nor false") { text -> Bool? in
            switch text.lowercased() {
            case "true", "yes", "on": true
            case "false", "no", "off": false
            default: nil
            }
        } ?? false
    }

    static func isNull(_ node: Node) -> Bool {
        guard case .scalar(let scalar) = node, scalar.style == .plain || scalar.style == .any else { return false }
        return ["", "~", "null", "Null", "NULL"].contains(scalar.string)
    }

    /// The text of a scalar as it stands; `0200`, `yes` and `3.0` stay text.
    static func text(_ node: Node, at place: YAMLPlace, faults: YAMLFaults) -> String? {
        guard case .scalar(let scalar) = node else {
            faults.report(node, place, "a single value is expected here")
            return nil
        }
        guard !isNull(node) else {
            faults.report(node, place, "no value, write \"\" for an empty one or leave the line out")
            return nil
        }
        return scalar.string
    }
}
