extension Parameter {
    /// The rule of the value in words, for example `whole number 0 to 63` or `one of: auto, 10, 20`.
    ///
    /// It completes the sentence "expects ...". Choices stand with their labels where those say more.
    public var ruleDescription: String {
        let rule = [kindRule, lengthRule, pattern.map { "matching \($0)" }].compactMap(\.self)
        return rule.joined(separator: ", ") + (allowsEmptyBesideKind ? ", or nothing" : "")
    }

    private var kindRule: String {
        switch kind {
        case .text: "text"
        case .number: "whole number" + numberRange
        case .boolean: "true or false"
        case .choice: "one of: " + choices.map(Self.description).joined(separator: ", ")
        case .address: "IPv4 address"
        case .host: "host name or IPv4 address"
        case .port: "port \(minimum ?? 1) to \(maximum ?? 65535)"
        case .duration: "whole number of \(Self.unitWords[unit ?? "s"] ?? unit ?? "seconds")" + numberRange
        case .digits: "digits 0-9 * #"
        case .password: "password"
        case .file: "file name"
        }
    }

    private static let unitWords = ["s": "seconds", "min": "minutes", "ms": "milliseconds", "h": "hours"]

    private static func description(of choice: Choice) -> String {
        choice.label == choice.value || choice.label.isEmpty ? choice.value : "\(choice.value) (\(choice.label))"
    }

    private var numberRange: String {
        let suffix = kind == .number ? unit.map { " \($0)" } ?? "" : ""
        return switch (minimum, maximum) {
        case (let low?, let high?): " \(low) to \(high)\(suffix)"
        case (let low?, nil): " from \(low)\(suffix)"
        case (nil, let high?): " up to \(high)\(suffix)"
        case (nil, nil): suffix
        }
    }

    private var lengthRule: String? {
        switch (minimumLength ?? 0, maximumLength) {
        case (0, nil): nil
        case (0, let most?): "up to \(most) characters"
        case (let least, nil): "at least \(least) characters"
        case (let least, let most?): least == most ? "\(least) characters" : "\(least) to \(most) characters"
        }
    }

    private var allowsEmptyBesideKind: Bool {
        switch kind {
        case .address, .host, .file: mayBeEmpty
        default: pattern != nil && mayBeEmpty && kind != .choice && kind != .boolean
        }
    }

    /// The rule of the instance in words: `expects an index 1 to 10 or 1001 to 1010`.
    var indexRule: String {
        guard let first = indices.first?.lowerBound else { return "has no index" }
        let rule = "expects an index \(Self.words(for: indices)), as in \(item)[\(first)]"
        guard !shiftedIndices.isEmpty else { return rule }
        return rule + ", or \(Self.words(for: shiftedIndices)) for the shifted level"
    }

    /// The instances in words: `1 to 8, 301 to 312`; empty for an item that is not repeated.
    public var indexDescription: String { Self.words(for: indices) }

    private static func words(for ranges: [ClosedRange<Int>]) -> String {
        ranges.map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound) to \($0.upperBound)" }
            .joined(separator: ", ")
    }
}

extension Parameter {
    /// Turns what people type into what goes over the wire; what it does not know it returns as it stands.
    ///
    /// Booleans: `on/off`, `yes/no`, `1/0`. Choices: the label, in any case. Durations: `90s`, `5m`, `1h` in the
    /// parameter's unit. Numbers and addresses lose the space around them. The result still has to be checked.
    public func normalise(_ typed: String) -> String {
        switch kind {
        case .boolean: Self.booleanWords[typed.trimmingSpace().lowercased()] ?? typed
        case .choice: normalisedChoice(typed.trimmingSpace())
        case .duration: normalisedDuration(typed.trimmingSpace())
        case .number, .port, .address, .host, .digits, .file: typed.trimmingSpace()
        case .text, .password: typed
        }
    }

    private static let booleanWords = [
        "true": "true", "on": "true", "yes": "true", "1": "true",
        "false": "false", "off": "false", "no": "false", "0": "false",
    ]

    private func normalisedChoice(_ typed: String) -> String {
        if choices.contains(where: { $0.value == typed }) { return typed }
        let lower = typed.lowercased()
        let matches = choices.filter { $0.label.lowercased() == lower || $0.value.lowercased() == lower }
        return matches.count == 1 ? matches[0].value : typed
    }

    private static let unitSeconds = ["s": 1, "min": 60, "h": 3600]

    private func normalisedDuration(_ typed: String) -> String {
        let suffix = typed.drop { $0.isNumber }
        guard !suffix.isEmpty, let number = ValueSyntax.integer(String(typed.prefix(typed.count - suffix.count))),
            let unitSize = Self.unitSeconds[unit ?? "s"],
            let factor = ["s": 1, "m": 60, "min": 60, "h": 3600][String(suffix)]
        else { return typed }
        // At most fifteen digits were read, so this cannot overflow.
        let seconds = number * factor
        guard seconds.isMultiple(of: unitSize) else { return typed }
        return String(seconds / unitSize)
    }

    /// Makes the value of a setting from what was typed: a reference for secrets, normalised text for the rest.
    ///
    /// Placeholders (`{number}`) are left as they stand, and such a value is checked when they are filled in.
    /// Throws `input.secret` for a secret that is no reference, `plan.invalid-value` for a value against the rules.
    public func settingValue(typed: String, index: Int? = nil) throws(Fault) -> SettingValue {
        let key = ItemKey(item, index: index)
        guard !isSecret else {
            guard let reference = SecretReference(typed) else {
                throw Fault(.inputSecret, subject: key.description, detail: Self.secretRule)
            }
            return .secret(reference)
        }
        try checkForm(of: .plain(typed), key)
        let value = normalise(typed)
        if Placeholder.isTemplate(value) {
            try Placeholder.checkNames(in: value, of: key)
        } else if let fault = check(value, index: index) {
            throw fault
        }
        return .plain(value)
    }

    static let secretRule = "expects a reference to the secret: env:NAME, file:PATH or sealed:NAME"
}

extension String {
    /// The text without spaces and tabs at both ends.
    func trimmingSpace() -> String {
        guard let first = utf8.first, let last = utf8.last else { return self }
        func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }
        guard isSpace(first) || isSpace(last) else { return self }
        let trimmed = utf8.drop(while: isSpace)
        let end = trimmed.lastIndex { !isSpace($0) }.map { utf8.index(after: $0) } ?? trimmed.startIndex
        return String(self[trimmed.startIndex..<end])
    }
}
