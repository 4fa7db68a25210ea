/// What one row of a CSV says, cell by cell, before it is held against the device list.
struct CSVRow: Sendable {
    /// What a cell says of a field.
    enum Cell<Value: Sendable>: Sendable {
        /// The column is missing or the cell is empty.
        case unsaid
        case none
        case value(Value)

        /// The field's value after the row.
        func applied(to before: Value?) -> Value? {
            switch self {
            case .unsaid: before
            case .none: nil
            case .value(let value): value
            }
        }

        var value: Value? {
            if case .value(let value) = self { value } else { nil }
        }
    }

    var line: Int
    var id: DeviceID?
    var mac: Cell<MACAddress> = .unsaid
    var address: Cell<String> = .unsaid
    var port: Cell<Int> = .unsaid
    var type: Cell<PhoneTypeID> = .unsaid
    var number: Cell<TerminalNumber> = .unsaid
    var note: Cell<String> = .unsaid
    var groups: [String]?
    var values: [ItemKey: SettingValue] = [:]
    var removedValues: Set<ItemKey> = []
}

/// Turns the cells of a record into what they mean.
struct CSVRowReader {
    struct BadCell: Error {
        var code = StatusCode.inputCSV
        var detail: String
    }

    private let catalogue: Catalogue
    private let isSecret: (ItemKey) -> Bool
    /// Types that devices of the list have, also when the catalogue no longer knows them.
    private let typesInUse: Set<PhoneTypeID>
    /// Types by what cells call them; a list has few types and many rows.
    private var typesByName: [String: PhoneTypeID] = [:]

    init(context: DeviceCSVContext) {
        catalogue = context.catalogue
        isSecret = context.isSecret
        typesInUse = Set(context.devices.compactMap(\.type))
    }

    /// Reads one record; `report` gets every bad cell with its position (0 = first).
    mutating func row(
        _ record: CSVRecord, columns: [CSVColumn], report: (Int, BadCell) -> Void
    ) -> CSVRow {
        var row = CSVRow(line: record.line)
        for (position, column) in columns.enumerated() where position < record.cells.count {
            let cell = record.cells[position]
            let text = cell.isQuoted ? cell.text : String(ASCIIText.trimmed(cell.text))
            guard !text.isEmpty else { continue }
            do {
                try read(text, as: column, into: &row)
            } catch {
                report(position, error)
            }
        }
        return row
    }

    private mutating func read(_ text: String, as column: CSVColumn, into row: inout CSVRow) throws(BadCell) {
        if case .value(let key) = column { return try readValue(text, of: key, into: &row) }
        if text == CSVText.none { return try readNone(column, into: &row) }
        let text = CSVText.unguarded(text)
        switch column {
        case .id: row.id = DeviceID(text)
        case .mac: row.mac = .value(try mac(text))
        case .address: row.address = .value(try address(text))
        case .port: row.port = .value(try port(text))
        case .type: row.type = .value(try type(text))
        case .number: row.number = .value(try number(text))
        case .note: row.note = .value(try note(text))
        case .groups: row.groups = try groups(text)
        case .value, .readOnly: break
        }
    }

    private func readNone(_ column: CSVColumn, into row: inout CSVRow) throws(BadCell) {
        switch column {
        case .id: throw BadCell(detail: "a device has an ID, leave the cell empty for a new one")
        case .mac: row.mac = .none
        case .address: row.address = .none
        case .port: row.port = .none
        case .type: row.type = .none
        case .number: row.number = .none
        case .note: row.note = .none
        case .groups: row.groups = []
        case .value, .readOnly: break
        }
    }

    private func readValue(_ text: String, of key: ItemKey, into row: inout CSVRow) throws(BadCell) {
        if text == CSVText.none {
            row.removedValues.insert(key)
            return
        }
        let isMarked = text.hasPrefix(CSVText.secretPrefix)
        let reference = SecretReference(isMarked ? text.dropFirst(CSVText.secretPrefix.count) : text[...])
        if isSecret(key) || isMarked {
            guard let reference else {
                throw BadCell(
                    code: .inputSecret,
                    detail: "a secret does not stand in a CSV, write a reference: env:NAME, file:PATH or sealed:NAME")
            }
            row.values[key] = .secret(reference)
        } else {
            row.values[key] = .plain(text == CSVText.empty ? "" : CSVText.unguarded(text))
        }
    }

    private func mac(_ text: String) throws(BadCell) -> MACAddress {
        guard let mac = MACAddress(ASCIIText.trimmed(text)) else {
            throw BadCell(detail: "\(ASCIIText.quoted(text)) is no MAC address, for example 00:01:E3:12:34:56")
        }
        return mac
    }

    private func address(_ text: String) throws(BadCell) -> String {
        do {
            let range = try AddressRange(text)
            guard range.count == 1, !range.text.contains("/") else {
                throw BadCell(detail: "\(ASCIIText.quoted(text)) is a range, a device has one address")
            }
            return range.text
        } catch let fault as Fault {
            throw BadCell(detail: "\(ASCIIText.quoted(text)): \(fault.detail ?? "no address")")
        } catch let bad as BadCell {
            throw bad
        } catch {
            throw BadCell(detail: "\(ASCIIText.quoted(text)) is no address")
        }
    }

    private func port(_ text: String) throws(BadCell) -> Int {
        guard let port = Int(ASCIIText.trimmed(text)), (1...65535).contains(port) else {
            throw BadCell(detail: "\(ASCIIText.quoted(text)) is no port, 1 to 65535 is")
        }
        return port
    }

    private mutating func type(_ text: String) throws(BadCell) -> PhoneTypeID {
        if let id = typesByName[text] { return id }
        let name = String(ASCIIText.trimmed(text))
        let id = catalogue.type(named: name)?.id ?? (typesInUse.contains(PhoneTypeID(name)) ? PhoneTypeID(name) : nil)
        guard let id else {
            let hint = NearestName.hint(name, among: catalogue.types.flatMap { [$0.id.rawValue, $0.name] })
            throw BadCell(detail: "there is no phone type \(ASCIIText.quoted(name))\(hint)")
        }
        typesByName[text] = id
        return id
    }

    private func number(_ text: String) throws(BadCell) -> TerminalNumber {
        let text = ASCIIText.trimmed(text)
        guard let number = TerminalNumber(text) else {
            let isShortened = text.uppercased().contains("E+")
            let reason =
                isShortened
                ? "was shortened by a spreadsheet program, format the column as text"
                : "is no terminal number, 1 to 24 of 0-9 * # are"
            throw BadCell(detail: "\(ASCIIText.quoted(text)) \(reason)")
        }
        return number
    }

    private func note(_ text: String) throws(BadCell) -> String {
        guard text.utf8.count <= 65_536 else { throw BadCell(detail: "a note has 65536 bytes at most") }
        return text
    }

    private func groups(_ text: String) throws(BadCell) -> [String] {
        var seen: Set<String> = []
        let names = CSVText.splitGroups(text).filter { seen.insert($0).inserted }
        for name in names where name.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) {
            throw BadCell(detail: "\(ASCIIText.quoted(name)) holds a control character")
        }
        return names
    }
}
