import ArgumentParser
import Foundation

/// How data is written to standard output.
enum OutputFormat: String, ExpressibleByArgument, CaseIterable {
    case table, json, csv
}

/// A list of things for people (table), programs (JSON) and spreadsheets (CSV), described once.
struct Listing<View: Encodable> {
    struct Column {
        var title: String
        var text: (View) -> String?
        /// Wraps over several lines on a narrow terminal instead of making the table wider.
        var wraps = false
        /// Shown in CSV only.
        var onlyCSV = false
        var alignsRight = false
    }

    /// The top-level array's name, for example `devices`.
    var noun: String
    /// Grows when the JSON form changes in a way that breaks readers.
    var version = 1
    var views: [View]
    var columns: [Column]
    /// What a table says when there is nothing.
    var whenEmpty: String

    func write(as format: OutputFormat) throws {
        switch format {
        case .table: Terminal.writeOut(table())
        case .json: Terminal.writeOut(try JSONText.document(noun: noun, version: version, views))
        case .csv: Terminal.writeOut(csv(isForTerminal: Terminal.outputIsTerminal))
        }
    }

    func table(width: Int? = Terminal.outputIsTerminal ? Terminal.columns : nil) -> String {
        guard !views.isEmpty else { return whenEmpty + "\n" }
        let shown = columns.filter { !$0.onlyCSV }
        let rows = views.map { view in shown.map { SafeText.line($0.text(view) ?? "-") } }
        return TextTable(
            titles: shown.map(\.title), rows: rows, wraps: shown.map(\.wraps), alignsRight: shown.map(\.alignsRight)
        ).text(width: width)
    }

    /// - Parameter isForTerminal: whether nothing may be in it that could steer one; a file has every text as it is.
    func csv(isForTerminal: Bool) -> String {
        var text = columns.map { CSVText.field($0.title.lowercased()) }.joined(separator: ",") + "\r\n"
        for view in views {
            let cells = columns.map { $0.text(view) ?? "" }
            text += cells.map { CSVText.cell(isForTerminal ? SafeText.line($0) : $0) }.joined(separator: ",") + "\r\n"
        }
        return text
    }
}

enum CSVText {
    /// One field that a spreadsheet program does not run: what a phone says of itself may begin like a formula.
    ///
    /// An apostrophe before it marks it as text, as in the files of `devices export`. A number with a sign is none.
    static func cell(_ text: String) -> String {
        guard let first = text.unicodeScalars.first(where: { $0 != " " }) else { return field(text) }
        let isRisky = ["=", "+", "-", "@", "\t", "\r", "\n"].contains(first)
        let isNumber = text.utf8.dropFirst().allSatisfy { (48...57).contains($0) }
        return field(isRisky && !isNumber ? "'" + text : text)
    }

    /// One field as in RFC 4180 section 2, quoted only where it must be.
    static func field(_ text: String) -> String {
        let needsQuotes = text.utf8.contains { byte in
            byte == UInt8(ascii: ",") || byte == UInt8(ascii: "\"") || byte == 13 || byte == 10
        }
        guard needsQuotes else { return text }
        return "\"" + text.replacingOccurrences(of: "\"", with: "\"\"") + "\""
    }
}

/// The JSON documents of the command line: `schema` and one top-level array named after the noun.
enum JSONText {
    private struct Document<View: Encodable>: Encodable {
        var schema: String
        var noun: String
        var views: [View]

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: AnyKey.self)
            try container.encode(schema, forKey: AnyKey(stringValue: "schema"))
            try container.encode(views, forKey: AnyKey(stringValue: noun))
        }
    }

    private struct AnyKey: CodingKey {
        var stringValue: String
        var intValue: Int? { nil }
        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    static func document(noun: String, version: Int, _ views: [some Encodable]) throws -> String {
        try text(Document(schema: "phonefleet.\(noun)/\(version)", noun: noun, views: views))
    }

    /// A document in one line, with its line break.
    static func line(_ value: some Encodable) throws -> String {
        let encoder = encoder
        encoder.outputFormatting.remove(.prettyPrinted)
        return SafeText.json(try encoder.encode(value)) + "\n"
    }

    static func text(_ value: some Encodable) throws -> String {
        SafeText.json(try encoder.encode(value)) + "\n"
    }

    /// The form of all documents.
    static var encoder: JSONEncoder {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        encoder.dateEncodingStrategy = .iso8601
        return encoder
    }
}
