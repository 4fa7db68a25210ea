import DeploymentModel
import Foundation
import Synchronization

/// What is kept of files: JSON, the same text for the same value; nothing where there is nothing.
enum FileColumn {
    /// Texts of the steps that were kept last: intent, outcome and proof of one change say the same.
    private static let latestSteps = Mutex<[FileStep: String]>([:])
    private static let mostSteps = 1_024

    static func encode(_ step: FileStep?) throws -> String? {
        guard let step else { return nil }
        if let known = latestSteps.withLock({ $0[step] }) { return known }
        let text = try text(of: step)
        latestSteps.withLock { steps in
            if steps.count >= mostSteps { steps.removeAll(keepingCapacity: true) }
            steps[step] = text
        }
        return text
    }

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
