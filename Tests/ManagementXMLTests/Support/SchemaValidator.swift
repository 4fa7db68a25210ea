import Foundation
import ProcessTesting

/// Validates documents against the schema with an independent validator (`xmllint` of libxml2).
enum SchemaValidator {
    struct CannotRun: Error {}

    /// For each document, whether it is well-formed and valid.
    static func validate(_ documents: [[UInt8]]) async throws -> [Bool] {
        try await withFiles(of: documents) { names in
            let verdicts = try await run(["--noout", "--huge", "--nonet", "--schema", Documents.schema.path] + names)
            return names.map { verdicts.contains("\($0) validates") }
        }
    }

    /// What the validator has against documents for which there is no schema; empty when all are well-formed.
    static func complaints(about documents: [[UInt8]]) async throws -> Set<Substring> {
        try await withFiles(of: documents) { names in try await run(["--noout", "--huge", "--nonet"] + names) }
    }

    private static func withFiles<Result>(
        of documents: [[UInt8]], _ body: ([String]) async throws -> Result
    ) async throws -> Result {
        let folder = FileManager.default.temporaryDirectory.appending(path: "schema-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        var names: [String] = []
        for (number, document) in documents.enumerated() {
            let file = folder.appending(path: "\(number).xml")
            try Data(document).write(to: file)
            names.append(file.path)
        }
        return try await body(names)
    }

    /// The lines that xmllint writes.
    private static func run(_ arguments: [String]) async throws -> Set<Substring> {
        let said = try await Tool.run(["xmllint"] + arguments)
        // 5 = the schema itself is wrong.
        guard said.status != 5 else { throw CannotRun() }
        return Set((said.text + said.errors).split(separator: "\n"))
    }
}
