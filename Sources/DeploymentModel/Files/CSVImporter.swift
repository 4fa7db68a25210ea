/// Holds a CSV against the device list.
struct CSVImporter {
    private let context: DeviceCSVContext
    private let limits: CSVLimits
    private var reader: CSVRowReader
    private var columns: [CSVColumn] = []
    /// The header cells as they were written, for the faults.
    private var headers: [String] = []
    private var faults: [Fault] = []
    private var skipped: [String] = []
    private var merger: CSVMerger

    init(context: DeviceCSVContext, limits: CSVLimits) {
        self.context = context
        self.limits = limits
        reader = CSVRowReader(context: context)
        merger = CSVMerger(context: context)
    }

    mutating func run(_ bytes: [UInt8]) -> DeviceImport {
        var source = CSVReader(bytes)
        var rows: [DeviceImport.Row] = []
        do {
            guard let header = try source.record(maximumCells: limits.columns) else {
                return DeviceImport(faults: [Fault(.inputCSV, subject: "line 1", detail: "the file is empty")])
            }
            readHeader(header)
            guard faults.isEmpty else { return DeviceImport(faults: faults) }
            var count = 0
            while faults.count < limits.faults, let record = try source.record(maximumCells: limits.columns) {
                count += 1
                guard count <= limits.rows else {
                    report(line: record.line, detail: "more than \(limits.rows) rows")
                    break
                }
                if let row = read(record) { rows.append(row) }
            }
        } catch {
            report(line: error.line, column: error.column.map { $0 - 1 }, detail: error.detail)
        }
        checkNumbers(rows)
        guard faults.isEmpty else { return DeviceImport(faults: faults, skippedColumns: skipped) }
        return DeviceImport(rows: rows, newGroups: merger.newGroups, skippedColumns: skipped)
    }

    // MARK: Header

    private mutating func readHeader(_ record: CSVRecord) {
        var cells = record.cells
        while let last = cells.last, cells.count > 1, ASCIIText.trimmed(last.text).isEmpty { cells.removeLast() }
        headers = cells.map { ASCIIText.quoted(ASCIIText.trimmed($0.text), limit: 40) }
        var seen: [CSVColumn: Int] = [:]
        for (position, cell) in cells.enumerated() where faults.count < limits.faults {
            switch CSVColumn.named(cell.text) {
            case .failure(let problem): report(line: record.line, column: position, detail: problem.detail)
            case .success(let column):
                if let first = seen[column] {
                    report(line: record.line, column: position, detail: "the same as column \(first + 1)")
                }
                seen[column] = position
                columns.append(column)
                if case .readOnly(let name) = column { skipped.append(name) }
            }
        }
        let keys: [CSVColumn] = [.id, .mac, .address]
        if faults.isEmpty, !keys.contains(where: { seen[$0] != nil }) {
            report(line: record.line, detail: "none of the columns mac, address or id, by which a device is known")
        }
    }

    // MARK: Rows

    private mutating func read(_ record: CSVRecord) -> DeviceImport.Row? {
        let surplus = record.cells.dropFirst(columns.count).contains { !ASCIIText.trimmed($0.text).isEmpty }
        guard !surplus, record.cells.count >= columns.count else {
            report(
                line: record.line, detail: "has \(record.cells.count) cells, the header has \(columns.count)")
            return nil
        }
        var bad: [(Int, CSVRowReader.BadCell)] = []
        let row = reader.row(record, columns: columns) { bad.append(($0, $1)) }
        for (position, cell) in bad { report(line: row.line, column: position, detail: cell.detail, code: cell.code) }
        guard bad.isEmpty else {
            merger.note(row)
            return nil
        }
        do {
            let merged = try merger.merged(row)
            for (key, fault) in CSVValueCheck(catalogue: context.catalogue).faults(in: merged) {
                report(
                    line: row.line, column: columns.firstIndex(of: .value(key)), detail: fault.detail ?? fault.summary,
                    code: fault.code)
            }
            return merged
        } catch {
            report(line: row.line, column: error.column.flatMap(columns.firstIndex(of:)), detail: error.detail)
            return nil
        }
    }

    private mutating func checkNumbers(_ rows: [DeviceImport.Row]) {
        for problem in merger.numberProblems(rows) {
            report(line: problem.line, column: columns.firstIndex(of: .number), detail: problem.detail)
        }
    }

    private mutating func report(
        line: Int, column: Int? = nil, detail: String, code: StatusCode = .inputCSV
    ) {
        guard faults.count < limits.faults else { return }
        var subject = "line \(line)"
        if let column {
            subject += ", column \(column + 1)"
            if column < headers.count, !headers[column].isEmpty { subject += " (\(headers[column]))" }
        }
        faults.append(Fault(code, subject: subject, detail: detail))
    }
}
