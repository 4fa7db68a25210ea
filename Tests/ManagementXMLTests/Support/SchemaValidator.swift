import Foundation

/// Validates documents against the schema with an independent validator (`xmllint` of libxml2).
enum SchemaValidator {
    struct CannotRun: Error {}

    /// For each document, whether it is well-formed and valid.
    static func validate(_ documents: [[UInt8]]) throws -> [Bool] {
        let folder = FileManager.default.temporaryDirectory.appending(path: "schema-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        var names: [String] = []
        for (number, document) in documents.enumerated() {
            let file = folder.appending(path: "\(number).xml")
            try Data(document).write(to: file)
            names.append(file.path)
        }
        let verdicts = try run(["--noout", "--huge", "--nonet", "--schema", Documents.schema.path] + names, in: folder)
        return names.map { verdicts.contains("\($0) validates") }
    }

    /// The lines that xmllint writes; through a file, so that no full pipe stops it.
    private static func run(_ arguments: [String], in folder: URL) throws -> Set<Substring> {
        let output = folder.appending(path: "verdicts")
        guard FileManager.default.createFile(atPath: output.path, contents: nil) else { throw CannotRun() }
        let handle = try FileHandle(forWritingTo: output)
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["xmllint"] + arguments
        process.standardError = handle
        process.standardOutput = handle
        try process.run()
        process.waitUntilExit()
        try handle.close()
        // 127 = not installed, 5 = the schema itself is wrong.
        guard process.terminationStatus != 127, process.terminationStatus != 5 else { throw CannotRun() }
        return Set(String(decoding: try Data(contentsOf: output), as: UTF8.self).split(separator: "\n"))
    }
}
