extension Parameter {
    /// Checks a value and its instance against the rules of this parameter; nil when both are right.
    ///
    /// The fault is `plan.invalid-value` with the rule in its detail; the value itself is quoted unless it is a secret.
    /// Values are taken as they go over the wire: use ``normalise(_:)`` on what people typed.
    public func check(_ value: String, index: Int?) -> Fault? {
        if !accepts(index: index) {
            return Fault(.planInvalidValue, subject: ItemKey(item, index: index).description, detail: indexRule)
        }
        return check(value, subject: ItemKey(item, index: index))
    }

    /// Checks a value alone.
    public func check(_ value: String) -> Fault? {
        check(value, subject: ItemKey(item))
    }

    /// Whether the parameter has this instance.
    public func accepts(index: Int?) -> Bool {
        guard let index else { return indices.isEmpty }
        return indices.contains { $0.contains(index) } || shiftedIndices.contains { $0.contains(index) }
    }

    /// Every instance in ascending order; `[nil]` for a parameter that is not repeated.
    public var instances: [Int?] {
        guard !indices.isEmpty else { return [nil] }
        let all = shiftedIndices.isEmpty ? indices : (indices + shiftedIndices).sorted { $0.lowerBound < $1.lowerBound }
        return all.flatMap { $0.map(Optional.init) }
    }

    /// Whether a phone with this software has the parameter; an unknown version is taken to have it.
    public func isSupported(by software: SoftwareVersion?) -> Bool {
        guard let software else { return true }
        if let softwareFrom, software < softwareFrom { return false }
        if let softwareTo, software > softwareTo { return false }
        return true
    }

    private func check(_ value: String, subject: @autoclosure () -> ItemKey) -> Fault? {
        guard !isAllowed(value) else { return nil }
        var detail = "expects \(ruleDescription)"
        if maximumLength == nil, isAllowedKind(value), value.utf8.count > Self.defaultMaximumLength {
            detail += " of up to \(Self.defaultMaximumLength) characters"
        }
        if !isSecret { detail += ", got \(value.isEmpty ? "nothing" : "\"\(Self.shortened(value))\"")" }
        return Fault(.planInvalidValue, subject: subject().description, detail: detail)
    }

    /// Whether the value is right; the hot path of phones and planner, so it makes no text.
    func isAllowed(_ value: String) -> Bool {
        guard isAllowedKind(value), hasAllowedLength(value) else { return false }
        guard let compiledPattern = facts.compiledPattern, !(value.isEmpty && mayBeEmpty) else { return true }
        return compiledPattern?.matches(value) ?? false
    }

    private func isAllowedKind(_ value: String) -> Bool {
        switch kind {
        case .boolean: return value == "true" || value == "false"
        case .number, .duration: return isInteger(value, within: minimum ?? Int.min, maximum ?? Int.max)
        case .port: return isInteger(value, within: minimum ?? 1, maximum ?? 65535)
        case .choice: return choices.contains { $0.value == value }
        case .address: return value.isEmpty && mayBeEmpty || ValueSyntax.isIPv4(value)
        case .host: return value.isEmpty && mayBeEmpty || ValueSyntax.isIPv4(value) || ValueSyntax.isHostName(value)
        case .digits: return value.utf8.allSatisfy(ValueSyntax.isDialable)
        case .password, .text: return ValueSyntax.isPrintable(value)
        case .file: return value.isEmpty && mayBeEmpty || ValueSyntax.isFileName(value)
        }
    }

    private func isInteger(_ value: String, within low: Int, _ high: Int) -> Bool {
        guard let number = ValueSyntax.integer(value) else { return false }
        return number >= low && number <= high
    }

    /// An empty value takes a setting back, for kinds of which it is no value by itself.
    var mayBeEmpty: Bool { minimumLength ?? 0 == 0 }

    private func hasAllowedLength(_ value: String) -> Bool {
        let bytes = value.utf8.count
        let most = maximumLength ?? Self.defaultMaximumLength
        // As many characters as bytes at most; only long values that are not ASCII need the slow count.
        if bytes >= minimumLength ?? 0, bytes <= most, (minimumLength ?? 0) <= 1 { return true }
        if bytes > most * 4 { return false }
        let count = value.unicodeScalars.count
        return count >= minimumLength ?? 0 && count <= most
    }

    /// What a text may have at most when the catalogue does not say.
    static let defaultMaximumLength = 255

    private static func shortened(_ value: String) -> String {
        let printable = value.unicodeScalars.prefix(40).map { $0.value < 0x20 || $0.value == 0x7F ? "?" : $0 }
        return String(String.UnicodeScalarView(printable)) + (value.unicodeScalars.count > 40 ? "..." : "")
    }
}

/// The forms that values of the catalogue's kinds have, read byte by byte.
enum ValueSyntax {
    static func isDialable(_ byte: UInt8) -> Bool {
        byte >= 48 && byte <= 57 || byte == UInt8(ascii: "*") || byte == UInt8(ascii: "#")
    }

    /// A decimal number as a phone writes it: no sign but `-`, no leading zeros, no space.
    static func integer(_ text: String) -> Int? {
        var bytes = text.utf8[...]
        let isNegative = bytes.first == UInt8(ascii: "-")
        if isNegative { bytes = bytes.dropFirst() }
        guard (1...15).contains(bytes.count), bytes.count == 1 || bytes.first != 48 else { return nil }
        var number = 0
        for byte in bytes {
            guard byte >= 48, byte <= 57 else { return nil }
            number = number * 10 + Int(byte - 48)
        }
        return isNegative ? (number == 0 ? nil : -number) : number
    }

    /// Dotted quad without leading zeros.
    static func isIPv4(_ text: String) -> Bool {
        var parts = 0
        var number = -1
        var digits = 0
        for byte in text.utf8 {
            if byte == UInt8(ascii: ".") {
                guard digits > 0 else { return false }
                parts += 1
                number = -1
                digits = 0
            } else {
                guard byte >= 48, byte <= 57, number != 0 else { return false }
                number = max(number, 0) * 10 + Int(byte - 48)
                digits += 1
                guard number <= 255 else { return false }
            }
        }
        return parts == 3 && digits > 0
    }

    /// A DNS name (RFC 1123): labels of 1 to 63 letters, digits and inner hyphens; the last one is no number.
    static func isHostName(_ text: String) -> Bool {
        guard (1...253).contains(text.utf8.count) else { return false }
        var length = 0
        var last = UInt8(ascii: ".")
        var isNumeric = true
        for byte in text.utf8 {
            if byte == UInt8(ascii: ".") {
                guard length > 0, last != UInt8(ascii: "-") else { return false }
                length = 0
                isNumeric = true
            } else {
                let isDigit = byte >= 48 && byte <= 57
                let isLetter = byte | 0x20 >= 97 && byte | 0x20 <= 122
                guard isDigit || isLetter || byte == UInt8(ascii: "-") && length > 0, length < 63 else { return false }
                if !isDigit { isNumeric = false }
                length += 1
            }
            last = byte
        }
        return length > 0 && last != UInt8(ascii: "-") && !isNumeric
    }

    /// No control characters.
    static func isPrintable(_ text: String) -> Bool {
        text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F }
    }

    /// The name of one file: no directory, no wildcard, no hidden file.
    static func isFileName(_ text: String) -> Bool {
        guard let first = text.utf8.first, first != UInt8(ascii: ".") else { return false }
        return text.utf8.allSatisfy { byte in
            byte > 0x20 && byte != 0x7F && byte != UInt8(ascii: "/") && byte != UInt8(ascii: "\\")
                && byte != UInt8(ascii: "*") && byte != UInt8(ascii: "?") && byte != UInt8(ascii: ":")
        }
    }
}
