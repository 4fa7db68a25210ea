import Foundation

/// What is kept of files: JSON, the same text for the same value; nothing where there is nothing.
enum FileColumn {
    static func encode(_ values: [some Encodable]) throws -> String? {
        values.isEmpty ? nil : try text(of: values)
    }

    static func encode(_ value: (some Encodable)?) throws -> String? {
        guard let value else { return nil }
        return try text(of: value)
    }

    static func decode<Value: Decodable>(_ text: String?, column: String) throws -> [Value] {
        guard let text else { return [] }
        return try value(of: text, column)
    }

    static func decode<Value: Decodable>(_ text: String?, column: String) throws -> Value? {
        guard let text else { return nil }
        return try value(of: text, column)
    }

    private static func text(of value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }

    private static func value<Value: Decodable>(of text: String, _ column: String) throws -> Value {
        do {
            return try JSONDecoder().decode(Value.self, from: Data(text.utf8))
        } catch {
            throw StoredValueError(column: column)
        }
    }
}
