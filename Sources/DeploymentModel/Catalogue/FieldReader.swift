/// Collects the faults of one or more catalogue files, so that a person can mend all of them at once.
final class CatalogueFaults {
    static let maximum = 100
    private(set) var faults: [Fault] = []
    private(set) var omitted = 0

    /// - Parameter file: names the file; `nil` for what only shows after all files were merged.
    func add(_ file: String?, _ detail: String) {
        guard faults.count < Self.maximum else {
            omitted += 1
            return
        }
        faults.append(Fault(.inputCatalogue, subject: file, detail: detail))
    }

    /// Throws when anything was collected.
    func finish() throws(FaultList) {
        guard !faults.isEmpty else { return }
        if omitted > 0 {
            faults.append(Fault(.inputCatalogue, detail: "\(omitted) more faults are not shown"))
        }
        throw FaultList(faults)
    }
}

/// Reads the fields of one JSON object and reports every one that is wrong, unknown or missing.
struct FieldReader {
    let file: String
    /// Where the object stands, for people: `type "x"`, `parameter "y"`.
    let place: String
    let faults: CatalogueFaults
    private let fields: [String: JSONValue]

    /// Returns nil (and reports) when `value` is no object; reports each member that is not in `allowed`.
    init?(_ value: JSONValue, allowed: [String], file: String, place: String, faults: CatalogueFaults) {
        guard case .object(let members) = value else {
            faults.add(file, "\(place): expects an object, got \(value.word)")
            return nil
        }
        self.file = file
        self.place = place
        self.faults = faults
        fields = Dictionary(members.map { ($0.name, $0.value) }, uniquingKeysWith: { _, last in last })
        for (name, _) in members where !allowed.contains(name) {
            let list = allowed.joined(separator: ", ")
            faults.add(file, "\(place): unknown field \"\(name.prefix(60))\", allowed are \(list)")
        }
    }

    subscript(field: String) -> JSONValue? { fields[field] }

    func report(_ field: String, _ problem: String) {
        faults.add(file, "\(place): \(field): \(problem)")
    }

    func string(_ field: String, maximum: Int = 200) -> String? {
        guard let value = fields[field] else { return nil }
        guard case .string(let text) = value else {
            report(field, "expects a text, got \(value.word)")
            return nil
        }
        guard text.utf8.count <= maximum, !text.unicodeScalars.contains(where: { $0.value < 0x20 }) else {
            report(field, "expects at most \(maximum) bytes of text without control characters")
            return nil
        }
        return text
    }

    func integer(_ field: String, in range: ClosedRange<Int>) -> Int? {
        guard let value = fields[field] else { return nil }
        guard let number = Self.integer(value), range.contains(number) else {
            report(field, "expects a whole number \(range.lowerBound) to \(range.upperBound)")
            return nil
        }
        return number
    }

    static func integer(_ value: JSONValue) -> Int? {
        guard case .number(let number) = value else { return nil }
        return Int(exactly: number)
    }

    func double(_ field: String, in range: ClosedRange<Double>) -> Double? {
        guard let value = fields[field] else { return nil }
        guard case .number(let number) = value, range.contains(number) else {
            report(field, "expects a number \(range.lowerBound) to \(range.upperBound)")
            return nil
        }
        return number
    }

    func boolean(_ field: String) -> Bool? {
        guard let value = fields[field] else { return nil }
        guard case .boolean(let flag) = value else {
            report(field, "expects true or false, got \(value.word)")
            return nil
        }
        return flag
    }

    func word<Word: RawRepresentable & CaseIterable>(_ field: String, of: Word.Type) -> Word?
    where Word.RawValue == String {
        guard let value = fields[field] else { return nil }
        if case .string(let text) = value, let word = Word(rawValue: text) { return word }
        report(field, "expects one of \(Word.allCases.map(\.rawValue).joined(separator: ", "))")
        return nil
    }

    func strings(_ field: String, maximumCount: Int = 1000) -> [String]? {
        guard let value = fields[field] else { return nil }
        guard case .array(let values) = value, values.count <= maximumCount else {
            report(field, "expects a list of at most \(maximumCount) texts")
            return nil
        }
        var texts: [String] = []
        for value in values {
            guard case .string(let text) = value, text.utf8.count <= 200 else {
                report(field, "expects texts of at most 200 bytes in the list")
                return nil
            }
            texts.append(text)
        }
        return texts
    }

    func software(_ field: String) -> SoftwareVersion? {
        guard let text = string(field, maximum: 60) else { return nil }
        guard text.utf8.contains(where: { (48...57).contains($0) }) else {
            report(field, "expects a version such as V2.4")
            return nil
        }
        return SoftwareVersion(text)
    }

    /// Values of an object whose member names are free, in order.
    func members(_ field: String, maximumCount: Int) -> [(name: String, value: JSONValue)]? {
        guard let value = fields[field] else { return nil }
        guard case .object(let members) = value, members.count <= maximumCount else {
            report(field, "expects an object with at most \(maximumCount) members")
            return nil
        }
        return members
    }

    func array(_ field: String, maximumCount: Int) -> [JSONValue]? {
        guard let value = fields[field] else { return nil }
        guard case .array(let values) = value, values.count <= maximumCount else {
            report(field, "expects a list of at most \(maximumCount) entries")
            return nil
        }
        return values
    }
}
