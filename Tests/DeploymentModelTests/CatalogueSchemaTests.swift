import Foundation
import ProcessTesting
import Testing

/// The JSON Schema of catalogue files, tried by a validator that nobody here wrote (Debian: `python3-jsonschema`).
struct CatalogueSchemaTests {
    @Test func `the data files and the example of the reference are valid by the schema`() async throws {
        var files: [URL] = []
        for name in try Repository.names(in: "catalogue") where name.hasSuffix(".json") {
            files.append(Repository.root.appending(path: "catalogue/\(name)"))
        }
        let example = URL(filePath: NSTemporaryDirectory()).appending(path: "example-\(UUID()).json")
        try Data(try CatalogueFileTests.exampleOfReference()).write(to: example)
        defer { try? FileManager.default.removeItem(at: example) }
        let verdicts = try await Validator().verdicts(of: files + [example])
        #expect(verdicts == Array(repeating: "valid", count: files.count + 1))
    }

    @Test(arguments: [
        "{}",
        "{\"schema\": \"phonefleet.phone-type-catalogue/2\"}",
        "{\"schema\": \"phonefleet.phone-type-catalogue/1\", \"typs\": {}}",
        "{\"schema\": \"phonefleet.phone-type-catalogue/1\", \"parameters\": {\"x\": {\"kind\": \"number\"}}}",
        "{\"schema\": \"phonefleet.phone-type-catalogue/1\", \"types\": {\"x\": {\"extends\": \"y\", \"access\": [{\"tls\": 1, \"port\": 1}]}}}",
        "{\"schema\": \"phonefleet.phone-type-catalogue/1\", \"types\": {\"x\": {\"extends\": \"y\", \"access\": [{\"softwareFrom\": \"V1\", \"tls\": true, \"port\": 1}]}}}",
    ])
    func `what the loader refuses by form the schema refuses too`(text: String) async throws {
        #expect(!faults(loading: ("x.json", Array(text.utf8))).isEmpty)
        let file = URL(filePath: NSTemporaryDirectory()).appending(path: "wrong-\(UUID()).json")
        try Data(text.utf8).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        #expect(try await Validator().verdicts(of: [file]) == ["invalid"])
    }
}

/// Python's `jsonschema`; a missing module fails the test rather than leaving the check out.
private struct Validator {
    struct Missing: Error, CustomStringConvertible {
        let description = "no python3 here has the module jsonschema: apt-get install python3-jsonschema"
    }

    private static let script = """
        import json, sys, jsonschema
        schema = json.load(open(sys.argv[1]))
        jsonschema.Draft202012Validator.check_schema(schema)
        validator = jsonschema.Draft202012Validator(schema)
        for path in sys.argv[2:]:
            print("valid" if validator.is_valid(json.load(open(path))) else "invalid")
        """

    func verdicts(of files: [URL]) async throws -> [String] {
        let schema = Repository.root.appending(path: "schema/phone-type-catalogue.schema.json")
        for python in ["/usr/bin/python3", "python3"] {
            guard try await Tool.run([python, "-c", "import jsonschema"]).status == 0 else { continue }
            let result = try await Tool.run([python, "-c", Self.script, schema.path] + files.map(\.path))
            #expect(result.status == 0)
            return result.text.split(separator: "\n").map(String.init)
        }
        throw Missing()
    }
}
