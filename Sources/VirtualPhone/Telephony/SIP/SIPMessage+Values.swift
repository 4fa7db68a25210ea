// What the fields say that a registration turns on. Nil wherever a value is not what the standard allows.
extension SIPMessage {
    /// Number and method of `CSeq` (RFC 3261 section 20.16).
    var sequence: (number: UInt32, method: String)? {
        guard let parts = self["cseq"]?.split(separator: " "), parts.count == 2, let number = Self.seconds(parts[0])
        else { return nil }
        return (number, String(parts[1]))
    }

    /// The branch of the topmost `Via`: it names the transaction (section 17.1.3).
    var branch: String? {
        self["via"].flatMap { Self.elements($0).first }.flatMap { Self.parameter("branch", of: $0) }
    }

    /// For how many seconds the registrar keeps the binding of `contact` (section 10.2.4); nil when it does not say.
    func grantedSeconds(for contact: String) -> UInt32? {
        for value in values("contact") {
            for element in Self.elements(value) where element.contains("<\(contact)>") {
                if let said = Self.parameter("expires", of: element).flatMap(Self.seconds) { return said }
            }
        }
        return self["expires"].flatMap(Self.seconds)
    }

    /// `Retry-After` (section 20.33) without its comment and parameters.
    var retryAfter: UInt32? {
        self["retry-after"].flatMap { $0.split(whereSeparator: { " ;(".contains($0) }).first }.flatMap(Self.seconds)
    }

    /// Delta-seconds: up to ten digits; what is larger than 32 bits counts as the largest (section 25.1, note to it).
    static func seconds(_ text: some StringProtocol) -> UInt32? {
        guard (1...10).contains(text.utf8.count), text.utf8.allSatisfy({ (48...57).contains($0) }),
            let number = UInt64(text)
        else { return nil }
        return UInt32(clamping: number)
    }

    /// The elements of a list, cut at the commas that stand neither in quotes nor in angle brackets.
    static func elements(_ value: String) -> [Substring] {
        split(value[...], at: UInt8(ascii: ","))
    }

    /// The value of a parameter behind the address, unquoted.
    static func parameter(_ name: String, of element: Substring) -> String? {
        for part in split(element, at: UInt8(ascii: ";")).dropFirst() {
            let pair = part.split(separator: "=", maxSplits: 1)
            guard let first = pair.first, first.trimmed.lowercased() == name else { continue }
            return pair.count == 2 ? String(pair[1].trimmed.unquoted) : ""
        }
        return nil
    }

    private static func split(_ text: Substring, at separator: UInt8) -> [Substring] {
        var parts: [Substring] = []
        var start = text.startIndex
        var isQuoted = false
        var isEscaped = false
        var isBracketed = false
        for position in text.utf8.indices {
            let byte = text.utf8[position]
            if isEscaped {
                isEscaped = false
            } else if isQuoted {
                if byte == UInt8(ascii: "\\") { isEscaped = true }
                if byte == UInt8(ascii: "\"") { isQuoted = false }
            } else if byte == UInt8(ascii: "\"") {
                isQuoted = true
            } else if byte == UInt8(ascii: "<") || byte == UInt8(ascii: ">") {
                isBracketed = byte == UInt8(ascii: "<")
            } else if byte == separator, !isBracketed {
                parts.append(text[start..<position])
                start = text.utf8.index(after: position)
            }
        }
        parts.append(text[start...])
        return parts
    }
}

extension Substring {
    fileprivate var trimmed: Substring {
        let start = drop { $0 == " " || $0 == "\t" }
        return start.dropLast(start.reversed().prefix { $0 == " " || $0 == "\t" }.count)
    }

    fileprivate var unquoted: Substring {
        count >= 2 && first == "\"" && last == "\"" ? dropFirst().dropLast() : self
    }
}
