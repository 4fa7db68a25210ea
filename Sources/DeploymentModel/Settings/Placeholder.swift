/// The parts of a plain value that stand for something of the device: `{number}`, `{mac}`, `{ip}`; `{{` is one brace.
enum Placeholder: String, CaseIterable {
    case number, mac, ip

    static let names = allCases.map { "{\($0.rawValue)}" }.joined(separator: ", ")

    /// Whether the text has an opening brace at all.
    static func isTemplate(_ text: String) -> Bool {
        text.utf8.contains(UInt8(ascii: "{"))
    }

    /// Throws `plan.invalid-value` when the text holds a placeholder that there is not.
    static func checkNames(in text: String, of key: ItemKey) throws(Fault) {
        _ = try fill(text, of: key) { _ throws(Fault) in "" }
    }

    /// Puts the device's own values in place.
    ///
    /// Throws `plan.invalid-value` for an unknown placeholder, and for one of which the device has no value.
    static func expand(_ text: String, of key: ItemKey, for device: Device) throws(Fault) -> String {
        guard isTemplate(text) else { return text }
        return try fill(text, of: key) { placeholder throws(Fault) in
            guard let value = placeholder.value(of: device) else {
                throw Fault(
                    .planInvalidValue, subject: key.description,
                    detail: "the value needs {\(placeholder.rawValue)}, and device \(device.id) has none")
            }
            return value
        }
    }

    private func value(of device: Device) -> String? {
        switch self {
        case .number: device.number?.rawValue
        case .mac: device.mac?.description
        case .ip: device.address
        }
    }

    private static func fill(
        _ text: String, of key: ItemKey, with value: (Placeholder) throws(Fault) -> String
    ) throws(Fault) -> String {
        var result = ""
        var rest = text[...]
        while let open = rest.firstIndex(of: "{") {
            result += rest[..<open]
            rest = rest[rest.index(after: open)...]
            if rest.first == "{" {
                result += "{"
                rest = rest.dropFirst()
                continue
            }
            guard let close = rest.firstIndex(of: "}"), let placeholder = Placeholder(rawValue: String(rest[..<close]))
            else {
                throw Fault(
                    .planInvalidValue, subject: key.description,
                    detail: "unknown placeholder; there are \(names), and {{ for a brace")
            }
            result += try value(placeholder)
            rest = rest[rest.index(after: close)...]
        }
        return result + rest
    }
}
