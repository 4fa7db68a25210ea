/// The device list as CSV: for spreadsheets, and for lists that come out of other systems.
///
/// Import and export are described in `docs/reference/csv.md`. What is exported can be imported again and then changes
/// nothing. A secret never stands in a CSV; a column of a secret item holds references (`env:`, `file:`, `sealed:`).
public enum DeviceCSV {
    /// Reads a CSV and says what it would do; nothing is changed.
    public static func preview(
        _ bytes: [UInt8], in context: DeviceCSVContext, limits: CSVLimits = CSVLimits()
    ) -> DeviceImport {
        if let fault = refusal(of: bytes, limits: limits) { return DeviceImport(faults: [fault]) }
        var importer = CSVImporter(context: context, limits: limits)
        return importer.run(bytes)
    }

    /// Writes devices as CSV: UTF-8 without BOM, commas, CRLF (RFC 4180).
    ///
    /// - Parameter devices: the devices to be written, in this order; the context has the whole list.
    /// - Returns: the columns id, mac, address, port, type, number, groups, note, and one for each item of which a
    ///   device has its own value. The plain value of a secret item is left out.
    public static func text(of devices: [Device], in context: DeviceCSVContext) -> String {
        CSVExporter(context: context).text(of: devices)
    }

    /// Why the bytes are not read at all.
    private static func refusal(of bytes: [UInt8], limits: CSVLimits) -> Fault? {
        if bytes.count > limits.bytes {
            return Fault(.inputCSV, detail: "larger than \(limits.bytes >> 20) MiB")
        }
        if bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) {
            return Fault(.inputCSV, detail: "the text is UTF-16, save it as CSV UTF-8")
        }
        if let line = UTF8Check.firstBadLine(in: bytes) {
            return Fault(.inputCSV, subject: "line \(line)", detail: "the text is not UTF-8, save it as CSV UTF-8")
        }
        if let zero = bytes.firstIndex(of: 0) {
            let line = bytes[..<zero].count { $0 == CSVReader.lineFeed } + 1
            return Fault(.inputCSV, subject: "line \(line)", detail: "holds a zero byte, this is no text")
        }
        return nil
    }
}

/// Checks that bytes are text.
enum UTF8Check {
    /// The line (1 = first) of the first byte that is not UTF-8; nil when all of it is.
    static func firstBadLine(in bytes: [UInt8]) -> Int? {
        if bytes.allSatisfy({ $0 < 128 }) { return nil }
        var line = 1
        for part in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
            if String(validating: part, as: UTF8.self) == nil { return line }
            line += 1
        }
        return nil
    }
}
